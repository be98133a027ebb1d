import { diffDatasetVersions, updateDataset, type DatasetContent } from '@huitong/contract/catalogue'
import { describe, expect, test } from 'vitest'
import { clientOf, usePlatform, type Account } from '../../../../../tests/harness/platform.ts'
import { NO_ID } from '../identity/testing/people.ts'
import { diffContent } from './diff-content.ts'
import { publishDataset, VILLAGES, villages } from './testing/content.ts'

describe('difference of two versions', () => {
  const platform = usePlatform()
  const diff = async (account: Account, id: string, from: string, to: string) =>
    (await platform.as(account)).call(diffDatasetVersions, { params: { id }, query: { from, to } })

  const [code, name, ...others] = VILLAGES.items!
  const { shareUse: _use, ...rest } = VILLAGES
  const changed: DatasetContent = {
    ...rest,
    name: { zh: '比较' },
    updateCycle: 'daily',
    contact: { name: '李四', phone: '0571-12345678' },
    items: [...others.slice(0, -1), { ...name!, length: 120 }, code!, { ...name!, code: 'town', name: { zh: '乡镇' } }],
  }

  test('200: each change by field and by item; moving an item is none', async () => {
    const live = await publishDataset(platform, villages('比较'))
    const officer = await platform.as('civil-officer')
    await officer.call(updateDataset, { params: { id: live.id }, body: changed }, { match: live.version })
    const { from, to, changes } = await diff('civil-head', live.id, '1', '2')
    expect([from, to]).toEqual([1, 2])
    expect(changes.map((one) => [one.path, one.kind]).sort()).toEqual([
      ['/contact', 'added'],
      ['/items/head_id', 'removed'],
      ['/items/name/length', 'added'],
      ['/items/town', 'added'],
      ['/shareUse', 'removed'],
      ['/updateCycle', 'changed'],
    ])
    expect(changes.find((one) => one.path === '/updateCycle')).toEqual({
      path: '/updateCycle',
      words: { zh: '更新频率', en: 'Update cycle' },
      kind: 'changed',
      before: 'yearly',
      after: 'daily',
    })
    expect((await diff('civil-head', live.id, '2', '2')).changes).toEqual([])
    for (const account of ['works-officer', 'authority'] as const)
      await expect(diff(account, live.id, '1', '2'), account).rejects.toMatchObject({ status: 404 })
  })

  test('the difference backwards names the same places with before and after exchanged', () => {
    const swap = (all: ReturnType<typeof diffContent>) =>
      all.map(({ path, before, after }) => JSON.stringify([path, after, before])).sort()
    const plain = (all: ReturnType<typeof diffContent>) =>
      all.map(({ path, before, after }) => JSON.stringify([path, before, after])).sort()
    expect(swap(diffContent(VILLAGES, changed))).toEqual(plain(diffContent(changed, VILLAGES)))
  })

  test('400, 401, 404', async () => {
    const live = await publishDataset(platform, villages('没有的版本'))
    await expect(diff('civil-officer', live.id, 'a', '1')).rejects.toMatchObject({
      places: [{ path: '#/query/from' }],
    })
    await expect(diff('civil-officer', live.id, '1', '9')).rejects.toMatchObject({ status: 404 })
    await expect(diff('civil-officer', NO_ID, '1', '2')).rejects.toMatchObject({ status: 404 })
    await expect(
      clientOf(platform.server).call(diffDatasetVersions, { params: { id: NO_ID }, query: { from: '1', to: '2' } }),
    ).rejects.toMatchObject({ status: 401 })
  })
})
