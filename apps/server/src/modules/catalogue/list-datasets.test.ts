import { createDataset, listDatasets, updateDataset } from '@huitong/contract/catalogue'
import type { QueryOf } from '@huitong/contract'
import { beforeAll, describe, expect, test } from 'vitest'
import { clientOf, usePlatform, type Account } from '../../../../../tests/harness/platform.ts'
import { publishDataset, signedDataset, VILLAGES, villages } from './testing/content.ts'

describe('list datasets', () => {
  const platform = usePlatform()
  const list = async (account: Account, query: QueryOf<typeof listDatasets> = {}) =>
    (await (await platform.as(account)).call(listDatasets, { query })).items.map((one) => one.name.zh)

  beforeAll(async () => {
    const officer = await platform.as('civil-officer')
    await publishDataset(platform, villages('已发布甲', { shareAttribute: 'unconditional' }))
    const second = await publishDataset(platform, villages('已发布乙'))
    await signedDataset(platform, villages('已发布乙', { summary: { zh: '改' } }), second)
    const third = await publishDataset(platform, villages('已发布丙_%'))
    const items = [...VILLAGES.items!, { ...VILLAGES.items![1]!, code: 'secret', name: { zh: '未发布的信息项' } }]
    await officer.call(
      updateDataset,
      { params: { id: third.id }, body: villages('已发布丙_%', { items }) },
      { match: third.version },
    )
    await signedDataset(platform, villages('待审核'))
    await officer.call(createDataset, { body: villages('草稿') })
  })

  test('200: each reader sees what policy shows, last changed first', async () => {
    const published = ['已发布丙_%', '已发布乙', '已发布甲']
    expect(await list('works-officer')).toEqual(published)
    expect(await list('centre')).toEqual(published)
    expect(await list('authority')).toEqual(['待审核', ...published])
    expect(await list('civil-officer')).toEqual(['草稿', '待审核', ...published])
  })

  test('200: that a change is pending is told to nobody who may not see it', async () => {
    expect(await list('civil-officer', { state: 'pending' })).toEqual(['草稿', '待审核', '已发布丙_%', '已发布乙'])
    expect(await list('authority', { state: 'pending' })).toEqual(['待审核', '已发布乙'])
    expect(await list('centre', { state: 'pending' })).toEqual([])
    expect(await list('works-officer', { state: 'pending' })).toEqual([])
    const works = await platform.as('works-officer')
    const { items } = await works.call(listDatasets, { query: {} })
    expect(items.map((one) => one.pendingState)).toEqual([null, null, null])
  })

  test('200: search finds parts of names, codes and published items; wildcards are ordinary characters', async () => {
    expect(await list('works-officer', { q: '布甲' })).toEqual(['已发布甲'])
    expect(await list('works-officer', { q: '_%' })).toEqual(['已发布丙_%'])
    expect(await list('works-officer', { q: '306001/t' })).toHaveLength(3)
    expect(await list('works-officer', { q: '负责人身份证' })).toHaveLength(3)
    expect(await list('works-officer', { q: '未发布的信息项' })).toEqual([])
    expect(await list('works-officer', { q: '草稿' })).toEqual([])
  })

  test('200: filters by department, share attribute, state and own', async () => {
    const { civil, works } = platform.departments
    expect(await list('works-officer', { departmentId: civil })).toHaveLength(3)
    expect(await list('works-officer', { departmentId: works })).toEqual([])
    expect(await list('works-officer', { shareAttribute: 'unconditional' })).toEqual(['已发布甲'])
    expect(await list('civil-officer', { state: 'draft' })).toEqual(['草稿', '待审核'])
    expect(await list('works-officer', { mine: 'true' })).toEqual([])
    expect(await list('civil-officer', { mine: 'true' })).toHaveLength(5)
  })

  test('200: pages hold each entry once', async () => {
    const officer = await platform.as('civil-officer')
    const names: string[] = []
    let after: string | null = null
    do {
      const page: Awaited<ReturnType<typeof officer.call<typeof listDatasets>>> = await officer.call(listDatasets, {
        query: { limit: '2', ...(after ? { after } : {}) },
      })
      names.push(...page.items.map((one) => one.name.zh))
      after = page.next
    } while (after)
    expect(names).toEqual(await list('civil-officer'))
  })

  test('400: unknown filters and made-up page positions', async () => {
    await expect(list('works-officer', { state: 'all' } as never)).rejects.toMatchObject({
      places: [{ path: '#/query/state' }],
    })
    for (const position of [['x', 'y'], ['2026-01-01T00:00:00.000Z'], ['2026-01-01T00:00:00.000Z', 'y'], 7]) {
      const after = Buffer.from(JSON.stringify(position)).toString('base64url')
      await expect(list('works-officer', { after }), after).rejects.toMatchObject({
        code: 'request.invalid',
        places: [{ path: '#/query/after' }],
      })
    }
  })

  test('401 without a session, 403 without the permission', async () => {
    await expect(clientOf(platform.server).call(listDatasets)).rejects.toMatchObject({ status: 401 })
    await expect(list('auditor')).rejects.toMatchObject({ status: 403 })
  })
})
