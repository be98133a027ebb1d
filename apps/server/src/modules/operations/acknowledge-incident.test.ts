import { acknowledgeIncident } from '@huitong/contract/operations'
import { describe, expect, test } from 'vitest'
import { guards, NOBODY, refused } from '../../../../../tests/harness/guards.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'
import { plantIncident } from './testing/incidents.ts'

describe('acknowledge an incident', () => {
  const platform = usePlatform({ jobs: false })
  guards(platform, acknowledgeIncident, {
    input: async () => ({ params: { id: (await plantIncident(platform)).incidentId } }),
    denied: ['civil-officer', 'authority', 'sysadmin'],
    allowed: 'operator',
  })

  test('200: the response clock stops, who took it looks after it', async () => {
    const { incidentId: id } = await plantIncident(platform)
    const operator = await platform.as('operator')
    const taken = await operator.call(acknowledgeIncident, { params: { id } }, { match: 1 })
    expect(taken).toMatchObject({ state: 'handling', assignee: { name: 'operator' }, version: 2 })
    expect(taken.response).toMatchObject({ late: false, stoppedAt: expect.any(String) as string })
    expect(taken.restore.stoppedAt).toBeNull()
    expect(taken.notes.at(-1)).toMatchObject({ kind: 'acknowledged', person: { name: 'operator' } })
    await refused(operator.call(acknowledgeIncident, { params: { id } }, { match: 2 }), 'object.state')
  })

  test('200: too late an answer stays late', async () => {
    const { incidentId: id } = await plantIncident(platform, { openedAt: new Date(Date.now() - 3_600_000) })
    const taken = await (await platform.as('operator')).call(acknowledgeIncident, { params: { id } }, { match: 1 })
    expect(taken.response.late).toBe(true)
  })

  test('404: none of this name', async () => {
    const operator = await platform.as('operator')
    await refused(operator.call(acknowledgeIncident, { params: { id: NOBODY } }, { match: 1 }), 'object.not_found')
  })
})
