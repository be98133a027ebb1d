import { closeIncident, listAlerts } from '@huitong/contract/operations'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { guards, NOBODY, refused } from '../../../../../tests/harness/guards.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'
import { plantIncident } from './testing/incidents.ts'

describe('close an incident', () => {
  const platform = usePlatform({ jobs: false })
  const body = { reason: '误报：计划内停机' }
  guards(platform, closeIncident, {
    input: async () => ({ params: { id: (await plantIncident(platform)).incidentId }, body }),
    denied: ['civil-officer', 'authority'],
    allowed: 'operator',
  })

  test('200: with its reason; both clocks stop, and the alert stays to be seen', async () => {
    const { incidentId: id, alertId } = await plantIncident(platform)
    const operator = await platform.as('operator')
    const closed = await operator.call(closeIncident, { params: { id }, body }, { match: 1 })
    expect(closed).toMatchObject({ state: 'closed', closedByItself: false, alertsOpen: 1 })
    expect([closed.response.stoppedAt, closed.restore.stoppedAt]).not.toContain(null)
    expect(closed.notes.at(-1)).toMatchObject({ kind: 'closed', content: body.reason })
    expect(closed.actions.filter((one) => one.allowed).map((one) => one.name)).toEqual(['note'])
    const { items } = await operator.call(listAlerts, { query: { state: 'open' } })
    expect(items.find((one) => one.id === alertId)?.incident?.id).toBe(id)
    const facts = await platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.many(sql`select from event where type = 'incident.closed' and payload->>'incidentId' = ${id}`),
    )
    expect(facts).toHaveLength(1)
    await refused(operator.call(closeIncident, { params: { id }, body }, { match: closed.version }), 'object.state')
  })

  test('400: no reason; 404: none of this name', async () => {
    const operator = await platform.as('operator')
    const { incidentId: id } = await plantIncident(platform)
    await refused(
      operator.call(closeIncident, { params: { id }, body: { reason: '' } }, { match: 1 }),
      'request.invalid',
    )
    await refused(operator.call(closeIncident, { params: { id: NOBODY }, body }, { match: 1 }), 'object.not_found')
  })
})
