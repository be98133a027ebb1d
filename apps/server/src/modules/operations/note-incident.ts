import { noteIncident } from '@huitong/contract/operations'
import { refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'
import { findIncident, incidentDetail, obstacle, writeIncidentNote } from './incidents.ts'

/** Writes down what was found or done; also after the incident is closed. Notes are never changed. */
export const noteIncidentVerb = command<typeof noteIncident>({
  endpoint: noteIncident,
  audit: ({ params }) => ({ objectKind: 'incident', objectId: params.id, detail: { note: true } }),
  async run({ db, actor, now, legalNow }, { params, body }) {
    const row = await findIncident(db, actor, params.id)
    if (obstacle(row, actor, 'note') !== null) refuse('object.state')
    await writeIncidentNote(db, { id: row.id, kind: 'note', personId: actor.id, content: body.content, at: now })
    return incidentDetail(db, actor, row.id, { now, legalNow })
  },
})
