import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { mountDataset } from '@huitong/contract/curation'
import { createChannel, readChannel, startChannel } from '@huitong/contract/exchange'
import { createSource, FRAME_BYTES, listNodes, listTables, removeUpload } from '@huitong/contract/nodes'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AgentProcess } from '../../apps/agent/src/testing/agent-process.ts'
import { run, settingsOf } from '../../apps/agent/src/testing/exchange.ts'
import { agentOf } from '../faults/exchange/log-world.ts'
import { completeContent, decide, publish, readAs } from '../harness/catalogue.ts'
import { createDatabase, type TestDatabase } from '../harness/database.ts'
import { useEngine } from '../harness/engine.ts'
import { grantTo } from '../harness/exchange.ts'
import { eventually } from '../harness/guards.ts'
import { usePlatform } from '../harness/platform.ts'
import { addUploadSource, uploadWhole } from '../harness/uploads.ts'

// The whole way: a file that an officer uploads in the portal becomes a table of a source, and goes to another department.

const PATIENCE_MS = 20_000

describe('an uploaded file through the whole platform', () => {
  const platform = usePlatform()
  useEngine(platform)
  let target: TestDatabase
  let provider: AgentProcess
  let consumer: AgentProcess
  let sourceId = ''
  let targetId = ''
  beforeAll(async () => {
    await platform.server.http.listen({ port: 0, host: '127.0.0.1' })
    target = await createDatabase()
    const line = platform.server.http.server.address() as AddressInfo
    provider = await agentOf({ platform, line }, 'civil', '民政前置节点')
    consumer = await agentOf({ platform, line }, 'works', '住建前置节点')
    const centre = await platform.as('centre')
    const { items } = await centre.call(listNodes, { query: { limit: '200' } })
    const nodeOf = (name: string) => items.find((one) => one.name.zh === name)!.id
    sourceId = await addUploadSource(platform, nodeOf('民政前置节点'))
    const body = {
      name: { zh: '接收库' },
      nodeId: nodeOf('住建前置节点'),
      kind: 'postgresql',
      settings: { ...settingsOf(target.url) },
      usage: 'receive' as const,
      frontDatabase: true,
    }
    targetId = (await centre.call(createSource, { body })).id
  })
  afterAll(async () => {
    await Promise.all([provider?.dispose(), consumer?.dispose()])
    await target?.drop()
  })

  const tables = async () =>
    (await (await platform.as('civil-officer')).call(listTables, { params: { id: sourceId } })).items
  const found = (name: string) =>
    eventually(tables, (items) => items.some((one) => one.name === name), PATIENCE_MS).then((items) =>
      items.find((one) => one.name === name)!,
    )
  const folder = () => join(provider.dir, 'uploads', sourceId)

  test('is discovered, mounted, granted and copied; a newer file of its name is what the next copy brings', async () => {
    await uploadWhole(
      platform,
      sourceId,
      '名单.jsonl',
      Buffer.from('{"code":"007","name":"张三"}\n{"code":"008","name":null}\n'),
    )
    const table = await found('名单.jsonl')
    const item = (code: string) =>
      ({
        code,
        name: { zh: code },
        type: 'text',
        shareAttribute: 'conditional',
        level: 'general_2',
        key: false,
        nullable: true,
      }) as const
    const dataset = await publish(platform, completeContent({ items: ['code', 'name'].map(item) }))
    const mapping = ['code', 'name'].map((code) => ({ item: code, field: code }))
    const officer = await platform.as('civil-officer')
    await officer.call(mountDataset, { params: { id: dataset.id }, body: { tableId: table.id, mapping } })
    const request = await grantTo(platform, dataset, { items: ['code', 'name'] })
    const centre = await platform.as('centre')
    const body = { grantId: request.grantId!, targetSourceId: targetId, targetTable: 'received' }
    const { id } = await centre.call(createChannel, { body })
    const params = { id }
    const channel = () => centre.call(readChannel, { params })
    await eventually(
      () => readAs(platform, 'works-officer', request.id),
      ({ step }) => step === 'applicant_confirm',
    )
    await decide(platform, request.id, 'applicant_confirm')
    const copied = async () => {
      const { version } = await eventually(channel, ({ state }) => state === 'ready' || state === 'completed')
      await centre.call(startChannel, { params }, { match: version })
      const done = await eventually(
        channel,
        (now) => now.version > version + 1 && (now.state === 'completed' || now.state === 'failed'),
        PATIENCE_MS,
      )
      expect(done.problem).toBeNull()
      return run(target.url, 'SELECT code, name FROM received ORDER BY 1')
    }
    expect(await copied()).toEqual([
      { code: '007', name: '张三' },
      { code: '008', name: null },
    ])
    await uploadWhole(
      platform,
      sourceId,
      '名单.jsonl',
      Buffer.from('{"code":"009","name":"李四"}\n{"code":"010","name":null}\n'),
    )
    await eventually(
      () => Promise.resolve(readFileSync(join(folder(), '名单.jsonl'), 'utf8')),
      (text) => text.includes('009'),
      PATIENCE_MS,
    )
    expect((await copied()).map((row) => row['code'])).toEqual(['009', '010'])
  })

  test('of several frames arrives byte for byte for the node’s eyes alone, and goes when it is removed', async () => {
    const content = Buffer.concat([Buffer.from('blob\n'), Buffer.from(randomBytes(FRAME_BYTES).toString('hex'))])
    const { id } = await uploadWhole(platform, sourceId, 'large.csv', content)
    const path = join(folder(), 'large.csv')
    await found('large.csv')
    expect(readFileSync(path).equals(content)).toBe(true)
    expect(statSync(path).mode & 0o077).toBe(0)
    await (await platform.as('civil-officer')).call(removeUpload, { params: { id } })
    const names = () => Promise.resolve(readdirSync(folder()).filter((name) => !name.startsWith('.')))
    expect(await eventually(names, (all) => !all.includes('large.csv'), PATIENCE_MS)).toEqual(['名单.jsonl'])
  })
})
