import { acknowledgeIncident } from '@huitong/contract/operations'
import { sql } from 'kysely'
import { command } from '../../kernel/verb.ts'
import { incidentDetail, requireIncident, writeIncidentNote } from './incidents.ts'
import { timeOf } from './response-clock.ts'

/** Somebody takes the incident: the response clock stops, and who took it looks after it until it is given to another. */
export const acknowledgeIncidentVerb = command<typeof acknowledgeIncident>({
  endpoint: acknowledgeIncident,
  audit: ({ params }) => ({ objectKind: 'incident', objectId: params.id }),
  async run({ db, actor, now, legalNow }, { params, match }) {
    const row = await requireIncident(db, actor, { id: params.id, match, action: 'acknowledge' })
    await db.run(sql`update incident set state = 'handling', responded_at = ${timeOf(row.clock, { now, legalNow })},
        acknowledged_by = ${actor.id}, assignee_id = coalesce(assignee_id, ${actor.id})
      where id = ${params.id}`)
    await writeIncidentNote(db, { id: params.id, kind: 'acknowledged', personId: actor.id, at: now })
    return incidentDetail(db, actor, params.id, { now, legalNow })
  },
})
