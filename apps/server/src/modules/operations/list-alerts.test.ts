import { listAlerts } from '@huitong/contract/operations'
import { describe, expect, test } from 'vitest'
import { guards, refused } from '../../../../../tests/harness/guards.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'
import { plantIncident } from './testing/incidents.ts'

describe('list alerts', () => {
  const platform = usePlatform({ jobs: false })
  guards(platform, listAlerts, { input: () => ({ query: {} }), denied: ['auditor', 'secadmin', 'works-developer'] })

  test('200: newest first, page by page, with filters; counts are of all', async () => {
    const old = await plantIncident(platform, { openedAt: new Date(Date.now() - 90_000_000), level: 3 })
    const young = await plantIncident(platform, { departmentId: platform.departments.works })
    const operator = await platform.as('operator')
    const first = await operator.call(listAlerts, { query: { limit: '1' } })
    expect(first.items.map((one) => one.id)).toEqual([young.alertId])
    expect(first.counts).toEqual({ open: 2, today: 1 })
    const second = await operator.call(listAlerts, { query: { limit: '1', after: first.next! } })
    expect([second.items.map((one) => one.id), second.next]).toEqual([[old.alertId], null])
    const ids = async (query: object) => (await operator.call(listAlerts, { query })).items.map((one) => one.id)
    expect(await ids({ level: '3' })).toEqual([old.alertId])
    expect(await ids({ state: 'closed' })).toEqual([])
    expect(await ids({ departmentId: platform.departments.works })).toEqual([young.alertId])
  })

  test('200: a department sees its own alerts and counts only', async () => {
    const { items, counts } = await (await platform.as('works-officer')).call(listAlerts, { query: {} })
    expect(items.map((one) => one.departmentId)).toEqual([platform.departments.works])
    expect(counts.open).toBe(1)
    expect((await (await platform.as('police-officer')).call(listAlerts, { query: {} })).items).toEqual([])
  })

  test('400: a made-up page position', async () => {
    const operator = await platform.as('operator')
    await refused(operator.call(listAlerts, { query: { after: 'e30' } }), 'request.invalid')
  })
})
