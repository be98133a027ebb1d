import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createSource, discoverSource, listNodes, listSources, listTables } from '@huitong/contract/nodes'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startS3, type TestS3 } from '../../packages/connectors/src/testing/s3.ts'
import { startSshd, type TestSshd } from '../../packages/connectors/src/testing/sshd.ts'
import { fileChannel, useFileWorld } from '../harness/files.ts'
import { eventually } from '../harness/guards.ts'

describe('files of other machines, through a real platform and two real agents', () => {
  const world = useFileWorld()
  let sshd: TestSshd
  let store: TestS3
  beforeAll(async () => void ([sshd, store] = await Promise.all([startSshd(), startS3()])))
  afterAll(async () => {
    sshd?.stop()
    await store?.stop()
  })

  async function sourceOf(kind: 'sftp' | 's3', settings: object): Promise<string> {
    const centre = await world.platform.as('centre')
    const { items } = await centre.call(listNodes, { query: { limit: '200' } })
    const nodeId = items.find(({ name }) => name.zh === '民政文件节点')!.id
    const body = { name: { zh: `${kind} 文件夹` }, nodeId, kind, settings: { ...settings } }
    return (await centre.call(createSource, { body: { ...body, usage: 'provide' as const, frontDatabase: true } })).id
  }
  async function tablesOf(id: string, isDone: (names: string[]) => boolean): Promise<string[]> {
    const centre = await world.platform.as('centre')
    await centre.call(discoverSource, { params: { id } })
    const names = async () =>
      (await centre.call(listTables, { params: { id } })).items.map((one) => `${one.name} ${one.rowEstimate ?? '-'}`)
    return (await eventually(names, isDone, 20_000)).sort()
  }

  test('an SFTP folder: its tables are found, its files travel byte for byte, then the changed ones', async () => {
    world.sourceId = await sourceOf('sftp', sshd.settings)
    world.source = sshd.folder
    writeFileSync(join(sshd.folder, '名单.csv'), 'code,name\n007,张三\n')
    mkdirSync(join(sshd.folder, '空'))
    expect(await tablesOf(world.sourceId, (names) => names.length > 0)).toEqual(['./ -', '名单.csv 1', '空/ -'])
    const files = await fileChannel(world)
    files.put('报告/终稿.pdf', Buffer.alloc(5_000_000, 7))
    files.put('空.txt', '')
    await files.start()
    const done = await files.until(({ state }) => state === 'following' || state === 'failed')
    expect(done).toMatchObject({ state: 'following', problem: null, progress: { rowsApplied: '2' } })
    expect(files.received()).toEqual(files.sent())
    files.put('报告/终稿.pdf', Buffer.alloc(5_000_001, 8))
    files.put('新.txt', '新')
    await files.settle()
  }, 90_000)

  test('an object store: its tables are found; a secret key stays sealed to the node', async () => {
    store.put('in/设备 (1).csv', 'code,n\n01,1\n02,2\n')
    store.put('in/其他/x.bin', 'x')
    const id = await sourceOf('s3', { ...store.settings, folder: 'in/' })
    expect(await tablesOf(id, (names) => names.length > 0)).toEqual(['./ -', '其他/ -', '设备 (1).csv 2'])
    const centre = await world.platform.as('centre')
    const { items } = await centre.call(listSources, { query: { limit: '200' } })
    expect(JSON.stringify(items)).not.toContain(store.settings.secretAccessKey)
  }, 60_000)

  test('a server with another key is not entered: the source says which key it has', async () => {
    const id = await sourceOf('sftp', { ...sshd.settings, hostKey: `SHA256:${'A'.repeat(43)}` })
    const centre = await world.platform.as('centre')
    await centre.call(discoverSource, { params: { id } })
    const source = async () =>
      (await centre.call(listSources, { query: { limit: '200' } })).items.find((one) => one.id === id)!
    const failed = await eventually(source, (one) => one.discovery?.state === 'failed', 20_000)
    expect(JSON.stringify(failed)).toContain(sshd.settings.hostKey)
    rmSync(join(sshd.folder, '空'), { recursive: true })
  }, 60_000)
})
