import { listSources } from '@huitong/contract/nodes'
import { beforeAll, describe, expect, test } from 'vitest'
import { guards } from '../../../../../tests/harness/guards.ts'
import { addSource, enrol } from '../../../../../tests/harness/node.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'

describe('list data sources', () => {
  const platform = usePlatform({ jobs: false })
  const ids: Record<string, string> = {}
  beforeAll(async () => {
    for (const department of ['civil', 'works'] as const) {
      const node = await enrol(platform, platform.departments[department])
      ids[department] = (await addSource(platform, node, 'both')).id
    }
  })
  guards(platform, listSources, { input: () => ({}), denied: ['sysadmin', 'auditor', 'works-developer'] })

  test('200: each department its own, the centre all, or those of one department', async () => {
    const of = async (account: Parameters<typeof platform.as>[0], query = {}) =>
      (await (await platform.as(account)).call(listSources, { query })).items.map((one) => one.id)
    expect(await of('civil-officer')).toEqual([ids['civil']])
    expect(await of('works-officer')).toEqual([ids['works']])
    expect(await of('civil-officer', { departmentId: platform.departments.works })).toEqual([])
    expect((await of('centre')).sort()).toEqual(Object.values(ids).sort())
    expect(await of('centre', { departmentId: platform.departments.works })).toEqual([ids['works']])
  })

  test('pages hold every source once', async () => {
    const centre = await platform.as('centre')
    const first = await centre.call(listSources, { query: { limit: '1' } })
    const second = await centre.call(listSources, { query: { limit: '1', after: first.next! } })
    expect([...first.items, ...second.items].map((one) => one.id).sort()).toEqual(Object.values(ids).sort())
    expect(second.next).toBeNull()
  })
})
