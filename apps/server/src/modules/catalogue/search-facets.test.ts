import { searchDatasets, searchFacets, FACETS } from '@huitong/contract/search'
import type { QueryOf } from '@huitong/contract'
import { beforeAll, describe, expect, test } from 'vitest'
import { clientOf, usePlatform, type Account } from '../../../../../tests/harness/platform.ts'
import { publishDataset, signedDataset, villages } from './testing/content.ts'

describe('search facets', () => {
  const platform = usePlatform()
  const facets = async (account: Account, query: QueryOf<typeof searchFacets>) =>
    (await platform.as(account)).call(searchFacets, { query })
  const counted = async (query: QueryOf<typeof searchFacets>, facet: (typeof FACETS)[number]) => {
    const reply = await facets('works-officer', query)
    return Object.fromEntries(reply.facets[facet].values.map((one) => [one.value, one.count]))
  }

  beforeAll(async () => {
    const make = (zh: string, share: 'unconditional' | 'conditional', cycle: 'daily' | 'yearly') =>
      publishDataset(platform, villages(zh, { shareAttribute: share, updateCycle: cycle }))
    await make('低保甲', 'unconditional', 'daily')
    await make('低保乙', 'unconditional', 'yearly')
    await make('低保丙', 'conditional', 'yearly')
    await make('低保丁', 'conditional', 'yearly')
    await make('其他戊', 'conditional', 'daily')
    await signedDataset(platform, villages('低保待审', { shareAttribute: 'unconditional' }))
  })

  test('200: counts per value, which add up to the total', async () => {
    const reply = await facets('works-officer', { q: '低保' })
    expect(reply.total).toBe(4)
    for (const name of FACETS) {
      const { values, others } = reply.facets[name]
      expect([name, values.reduce((sum, one) => sum + one.count, others)]).toEqual([name, 4])
    }
    expect(await counted({ q: '低保' }, 'share')).toEqual({ unconditional: 2, conditional: 2 })
    expect(await counted({ q: '低保' }, 'cycle')).toEqual({ daily: 1, yearly: 3 })
    const { department, region } = reply.facets
    expect(department.values).toEqual([{ value: platform.departments.civil, words: { zh: '民政局' }, count: 4 }])
    expect(region.values).toMatchObject([{ value: '330100', words: { zh: '杭州市' }, count: 4 }])
  })

  test('200: a facet is counted under the choices of all others', async () => {
    const query = { q: '低保', share: 'conditional' }
    expect((await facets('works-officer', query)).total).toBe(2)
    expect(await counted(query, 'share')).toEqual({ unconditional: 2, conditional: 2 })
    expect(await counted(query, 'cycle')).toEqual({ yearly: 2 })
    const both = { ...query, cycle: 'daily' }
    expect((await facets('works-officer', both)).total).toBe(0)
    expect(await counted(both, 'share')).toEqual({ unconditional: 1 })
    expect(await counted(both, 'cycle')).toEqual({ yearly: 2 })
    expect(await counted({ q: '低保', department: platform.departments.works }, 'region')).toEqual({})
    expect(await counted({ q: '低保', region: '330200' }, 'region')).toEqual({ '330100': 4 })
  })

  test('200: each count is what choosing the value gives', async () => {
    const client = await platform.as('authority')
    const { facets: shown } = await facets('authority', {})
    for (const name of FACETS)
      for (const { value, count } of shown[name].values) {
        const query = { [name]: value }
        const { items } = await client.call(searchDatasets, { query: { ...query, limit: '200' } })
        expect([name, value, items.length, (await facets('authority', query)).total]).toEqual([
          name,
          value,
          count,
          count,
        ])
      }
  })

  test('200: what a person may not see is in no count', async () => {
    expect((await facets('works-officer', { q: '低保' })).total).toBe(4)
    expect((await facets('authority', { q: '低保' })).total).toBe(5)
    expect((await facets('civil-officer', { q: '低保' })).total).toBe(5)
  })

  test('400 for unknown values, 401 without a session, 403 without the permission', async () => {
    await expect(facets('works-officer', { cycle: 'never' })).rejects.toMatchObject({
      places: [{ path: '#/query/cycle' }],
    })
    await expect(clientOf(platform.server).call(searchFacets)).rejects.toMatchObject({ status: 401 })
    await expect(facets('auditor', {})).rejects.toMatchObject({ status: 403 })
  })
})
