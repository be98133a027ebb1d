import { readIncident } from '@huitong/contract/operations'
import { query } from '../../kernel/verb.ts'
import { incidentDetail } from './incidents.ts'

/** One incident with its alerts, its clock, and what was done. */
export const readIncidentVerb = query<typeof readIncident>({
  endpoint: readIncident,
  audit: null,
  run: ({ db, actor, now, legalNow }, { params }) => incidentDetail(db, actor, params.id, { now, legalNow }),
})
