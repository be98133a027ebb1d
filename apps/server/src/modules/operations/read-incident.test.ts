import { readIncident } from '@huitong/contract/operations'
import { describe, expect, test } from 'vitest'
import { guards, NOBODY, refused } from '../../../../../tests/harness/guards.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'
import { plantIncident } from './testing/incidents.ts'

describe('read an incident', () => {
  const platform = usePlatform({ jobs: false })
  guards(platform, readIncident, {
    input: async () => ({ params: { id: (await plantIncident(platform)).incidentId } }),
    denied: ['auditor', 'works-developer'],
  })

  test('200: the operator sees alerts, notes, who can take it, and may act', async () => {
    const { incidentId, alertId } = await plantIncident(platform)
    const read = await (await platform.as('operator')).call(readIncident, { params: { id: incidentId } })
    expect(read.alerts.map((one) => one.id)).toEqual([alertId])
    expect(read.notes).toMatchObject([{ kind: 'opened', person: null }])
    expect(read.candidates.map((one) => one.name).toSorted()).toEqual(['centre', 'operator'])
    expect(read.actions.every((one) => one.allowed)).toBe(true)
  })

  test('200: the department reads its own and is told why it may not act', async () => {
    const { incidentId } = await plantIncident(platform)
    const read = await (await platform.as('civil-officer')).call(readIncident, { params: { id: incidentId } })
    expect(read.candidates).toEqual([])
    expect(read.actions.map((one) => one.reason?.zh)).toEqual(Array(4).fill('没有处置故障的权限'))
  })

  test('404: another department’s is as none', async () => {
    const { incidentId } = await plantIncident(platform)
    const works = await platform.as('works-officer')
    await refused(works.call(readIncident, { params: { id: incidentId } }), 'object.not_found')
    await refused(works.call(readIncident, { params: { id: NOBODY } }), 'object.not_found')
  })
})
