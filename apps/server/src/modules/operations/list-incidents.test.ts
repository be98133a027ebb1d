import { listIncidents } from '@huitong/contract/operations'
import { describe, expect, test } from 'vitest'
import { guards, refused } from '../../../../../tests/harness/guards.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'
import { plantIncident } from './testing/incidents.ts'

describe('list incidents', () => {
  const platform = usePlatform({ jobs: false })
  guards(platform, listIncidents, { input: () => ({ query: {} }), denied: ['auditor', 'secadmin', 'works-developer'] })

  test('200: newest first, with filters; what is late is counted over all', async () => {
    const late = await plantIncident(platform, { openedAt: new Date(Date.now() - 3_600_000) })
    const young = await plantIncident(platform, { departmentId: platform.departments.works, level: 1 })
    const operator = await platform.as('operator')
    const first = await operator.call(listIncidents, { query: { limit: '1' } })
    expect(first.items.map((one) => one.id)).toEqual([young.incidentId])
    expect(first.counts).toEqual({ unclosed: 2, late: 1 })
    const second = await operator.call(listIncidents, { query: { limit: '1', after: first.next! } })
    expect(second.items).toMatchObject([{ id: late.incidentId, response: { late: true }, restore: { late: false } }])
    const ids = async (query: object) => (await operator.call(listIncidents, { query })).items.map((one) => one.id)
    expect(await ids({ state: 'unclosed', level: '1' })).toEqual([young.incidentId])
    expect(await ids({ state: 'closed' })).toEqual([])
  })

  test('200: a department sees its own only', async () => {
    const { items, counts } = await (await platform.as('works-head')).call(listIncidents, { query: {} })
    expect(items.map((one) => one.departmentId)).toEqual([platform.departments.works])
    expect(counts).toEqual({ unclosed: 1, late: 0 })
  })

  test('400: an unknown state', async () => {
    const query = { state: 'lost' } as never
    await refused((await platform.as('operator')).call(listIncidents, { query }), 'request.invalid')
  })
})
