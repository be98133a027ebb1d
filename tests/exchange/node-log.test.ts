import type { AddressInfo } from 'node:net'
import { startChannel } from '@huitong/contract/exchange'
import { createSource, discoverSource, listNodes, listTables } from '@huitong/contract/nodes'
import { readNode } from '@huitong/contract/operations'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AgentProcess } from '../../apps/agent/src/testing/agent-process.ts'
import { run, settingsOf } from '../../apps/agent/src/testing/exchange.ts'
import { agentOf } from '../faults/exchange/log-world.ts'
import { completeContent, textItem } from '../harness/catalogue.ts'
import { createDatabase, type TestDatabase } from '../harness/database.ts'
import { useEngine } from '../harness/engine.ts'
import { channelIn, grantTo, publishMounted, readyChannel } from '../harness/exchange.ts'
import { eventually, refused } from '../harness/guards.ts'
import { usePlatform, type Account } from '../harness/platform.ts'

// The whole way: what goes wrong at a real node, on a real database, is seen on its page by code and number, without any value of a row.

const PATIENCE_MS = 30_000
const NAME = '张三'
const NUMBER = '330102199001011234'
const ITEMS = ['code', 'name', 'age']
/** A view whose second row cannot be read: the database names the very value in its error. */
const MADE = `
  CREATE TABLE entered (code text PRIMARY KEY, name text, age text);
  INSERT INTO entered VALUES ('1', '李四', '41'), ('2', '${NAME}', '${NUMBER} ${NAME}');
  CREATE VIEW person AS SELECT code, name, CASE WHEN name IS NULL THEN NULL ELSE age::smallint END AS age FROM entered`

describe('the log of a node on its page', () => {
  let ahead = 0
  const platform = usePlatform({ clock: { now: () => new Date(Date.now() + ahead) } })
  useEngine(platform)
  let source: TestDatabase
  let target: TestDatabase
  let provider: AgentProcess
  let consumer: AgentProcess
  let nodeId = ''
  let consumerId = ''
  beforeAll(async () => {
    await platform.server.http.listen({ port: 0, host: '127.0.0.1' })
    const line = platform.server.http.server.address() as AddressInfo
    source = await createDatabase()
    target = await createDatabase()
    await run(source.url, MADE)
    provider = await agentOf({ platform, line }, 'civil', '民政前置节点')
    consumer = await agentOf({ platform, line }, 'works', '住建前置节点')
    const { items } = await (await platform.as('centre')).call(listNodes, { query: { limit: '200' } })
    const idOf = (name: string) => items.find((one) => one.name.zh === name)!.id
    nodeId = idOf('民政前置节点')
    consumerId = idOf('住建前置节点')
  })
  afterAll(async () => {
    await Promise.all([provider?.dispose(), consumer?.dispose()])
    await Promise.all([source?.drop(), target?.drop()])
  })

  const read = async (account: Account = 'operator', id = nodeId) =>
    (await platform.as(account)).call(readNode, { params: { id } })

  async function sourceOf(node: string, url: string, usage: 'provide' | 'receive'): Promise<string> {
    const settings = { ...settingsOf(url) }
    const body = { name: { zh: usage }, nodeId: node, kind: 'postgresql', settings, usage, frontDatabase: true }
    return (await (await platform.as('centre')).call(createSource, { body })).id
  }

  /** A task over the view is started and fails. */
  async function failedTask(): Promise<string> {
    const centre = await platform.as('centre')
    const sourceId = await sourceOf(nodeId, source.url, 'provide')
    const targetId = await sourceOf(consumerId, target.url, 'receive')
    await centre.call(discoverSource, { params: { id: sourceId } })
    const list = () => centre.call(listTables, { params: { id: sourceId } })
    const { items } = await eventually(list, (page) => page.items.length === 2, PATIENCE_MS)
    const table = items.find((one) => one.name === 'person')!
    const dataset = await publishMounted(
      platform,
      table,
      completeContent({ items: ITEMS.map((code) => textItem(code)) }),
    )
    const channel = await readyChannel(platform, { targetId }, await grantTo(platform, dataset, { items: ITEMS }))
    await centre.call(startChannel, { params: { id: channel.id } }, { match: channel.version })
    await channelIn(platform, channel.id, 'failed')
    return channel.id
  }

  test('a failure is told with its code and its task, to whom it concerns, and with no value of a row', async () => {
    const channelId = await failedTask()
    const node = await eventually(
      read,
      ({ log }) => log.lines.some(({ kind, workKind }) => kind === 'work.failed' && workKind === 'read'),
      PATIENCE_MS,
    )
    const failed = node.log.lines.find(({ kind, workKind }) => kind === 'work.failed' && workKind === 'read')!
    expect(failed).toMatchObject({ level: 'warn', stream: channelId, milliseconds: expect.any(Number) as number })
    expect(failed.code).toMatch(/^[a-z]+\.[a-z_]+$/)
    expect(node.channels).toEqual([expect.objectContaining({ id: channelId, end: 'source', state: 'failed' })])
    expect(node).toMatchObject({ state: 'online', version: '0.1.0', versionStanding: 'same' })
    expect(node.log.lines.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['agent.started', 'work.done']))
    expect(node.log.codes[failed.code!]?.zh).toMatch(/\p{Script=Han}/u)
    // The agent's own log in the department says more than what left it.
    expect(provider.output).toContain('SQLSTATE')
    const told = JSON.stringify(node.log.lines)
    for (const value of [NAME, NUMBER, 'person', 'entered', 'smallint', 'SQL']) expect(told).not.toContain(value)
    expect((await read('civil-officer')).log).toEqual(node.log)
    await refused(read('works-officer'), 'object.not_found')
  })

  test('a node that was killed is away; when it is back, its log goes on where it was', async () => {
    const before = (await read()).log.lines
    await provider.kill()
    ahead = 60_000
    expect(await read()).toMatchObject({ state: 'offline', log: { lines: before } })
    ahead = 0
    provider.start()
    const { log } = await eventually(
      read,
      ({ log: now }) => now.lines.filter(({ kind }) => kind === 'agent.started').length === 2,
      PATIENCE_MS,
    )
    expect(log.lines.slice(0, before.length)).toEqual(before)
  })
})
