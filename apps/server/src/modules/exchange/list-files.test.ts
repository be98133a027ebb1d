import { listFiles } from '@huitong/contract/exchange'
import { beforeAll, describe, expect, test } from 'vitest'
import { guards, NOBODY, refused } from '../../../../../tests/harness/guards.ts'
import type { Account } from '../../../../../tests/harness/platform.ts'
import { fileOf, sealFilesOf, useRunningFiles } from '../../../../../tests/harness/sealed-files.ts'

describe('list the files of a task', () => {
  const ground = useRunningFiles()
  const { platform } = ground
  beforeAll(async () => {
    const first = await sealFilesOf(ground, { 'a.txt': 'a', 'b/c.txt': 'cc' })
    await ground.provider.upload(first)
    await ground.provider.announce(await sealFilesOf(ground, { 'd.txt': 'ddd' }, first.signed))
  })
  const list = async (account: Account, query = {}, id = ground.channel.id) =>
    (await platform.as(account)).call(listFiles, { params: { id }, query })
  guards(platform, listFiles, {
    input: () => ({ params: { id: ground.channel.id } }),
    denied: ['sysadmin', 'works-developer'],
  })

  test('200: newest first, each with path, size, digest and how far it has come', async () => {
    const { items } = await list('works-officer')
    expect(items.map(({ path, bytes, digest }) => ({ path, bytes, digest }))).toEqual([
      fileOf('d.txt', 'ddd'),
      fileOf('b/c.txt', 'cc'),
      fileOf('a.txt', 'a'),
    ])
    expect(items[0]).toMatchObject({ state: 'sent', sequence: 2, deliveredAt: null })
    expect(items[1]).toMatchObject({ state: 'received', sequence: 1 })
  })

  test('page by page each once; 404 for who is no party and for what does not exist', async () => {
    const first = await list('centre', { limit: '2' })
    const rest = await list('centre', { limit: '2', after: first.next! })
    expect([...first.items, ...rest.items].map(({ path }) => path)).toEqual(['d.txt', 'b/c.txt', 'a.txt'])
    await refused(list('police-officer'), 'object.not_found')
    await refused(list('centre', {}, NOBODY), 'object.not_found')
  })
})
