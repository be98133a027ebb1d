import { assignIncident } from '@huitong/contract/operations'
import { sql } from 'kysely'
import { place, refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'
import { handlers, incidentDetail, requireIncident, writeIncidentNote } from './incidents.ts'

/** Gives the incident to somebody who may handle incidents. */
export const assignIncidentVerb = command<typeof assignIncident>({
  endpoint: assignIncident,
  audit: ({ params, body }) => ({ objectKind: 'incident', objectId: params.id, detail: { assignee: body.personId } }),
  async run({ db, actor, now, legalNow }, { params, body, match }) {
    const row = await requireIncident(db, actor, { id: params.id, match, action: 'assign' })
    const person = (await handlers(db, row.jurisdiction)).find((one) => one.id === body.personId)
    if (!person)
      refuse('request.invalid', {
        places: [place('/personId', '该人员不能处置故障', 'this person may not handle incidents')],
      })
    await db.run(sql`update incident set assignee_id = ${person.id} where id = ${params.id}`)
    await writeIncidentNote(db, { id: params.id, kind: 'assigned', personId: actor.id, content: person.name, at: now })
    return incidentDetail(db, actor, params.id, { now, legalNow })
  },
})
