import { closeIncident } from '@huitong/contract/operations'
import { sql } from 'kysely'
import { command } from '../../kernel/verb.ts'
import { incidentDetail, requireIncident, writeIncidentNote } from './incidents.ts'
import { timeOf } from './response-clock.ts'

/**
 * Closes an incident with its cause, or as a false alarm. Alerts that still hold stay to be seen and open no other
 * incident until they have ended once.
 */
export const closeIncidentVerb = command<typeof closeIncident>({
  endpoint: closeIncident,
  audit: ({ params }) => ({ objectKind: 'incident', objectId: params.id }),
  async run({ db, actor, now, legalNow, emit }, { params, body, match }) {
    const row = await requireIncident(db, actor, { id: params.id, match, action: 'close' })
    const at = timeOf(row.clock, { now, legalNow })
    await db.run(sql`update incident set state = 'closed', closed_at = ${now}, closed_by = ${actor.id},
        responded_at = coalesce(responded_at, ${at}), restored_at = coalesce(restored_at, ${at})
      where id = ${row.id}`)
    await writeIncidentNote(db, { id: row.id, kind: 'closed', personId: actor.id, content: body.reason, at: now })
    await emit('incident.closed', {
      incidentId: row.id,
      rule: row.rule,
      level: row.level,
      departmentId: row.department_id,
    })
    return incidentDetail(db, actor, row.id, { now, legalNow })
  },
})
