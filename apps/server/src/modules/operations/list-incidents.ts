import { listIncidents } from '@huitong/contract/operations'
import { sql } from 'kysely'
import { INSTANT_KEY, pageAt, pageOf, UUID_KEY } from '../../kernel/paging.ts'
import { query } from '../../kernel/verb.ts'
import { alertSees } from './alert-view.ts'
import { incidentView, SELECT_INCIDENT, type IncidentRow } from './incidents.ts'

/** Incidents that the viewer may see, newest first; counts are of all of them, not of the page or the filter. */
export const listIncidentsVerb = query<typeof listIncidents>({
  endpoint: listIncidents,
  audit: null,
  async run({ db, actor, now, legalNow }, input) {
    const at = pageAt(input.query, [INSTANT_KEY, UUID_KEY])
    const { state, level, departmentId } = input.query
    const visible = alertSees(actor, 'i.department_id')
    const rows = await db.many<IncidentRow>(sql`${SELECT_INCIDENT} where ${visible}
      ${state === 'unclosed' ? sql`and i.state <> 'closed'` : sql``}
      ${state === 'closed' ? sql`and i.state = 'closed'` : sql``}
      ${level ? sql`and i.level = ${Number(level)}` : sql``}
      ${departmentId ? sql`and i.department_id = ${departmentId}` : sql``}
      ${at.after ? sql`and (date_trunc('milliseconds', i.opened_at), i.id) < (${at.after[0]}::timestamptz, ${at.after[1]}::uuid)` : sql``}
      order by date_trunc('milliseconds', i.opened_at) desc, i.id desc limit ${at.limit + 1}`)
    const clockNow = sql`case i.clock when 'natural' then ${now}::timestamptz else ${legalNow}::timestamptz end`
    const counts = await db.one<{ unclosed: number; late: number }>(sql`select
      count(*) filter (where i.state <> 'closed')::int as unclosed,
      count(*) filter (where i.state <> 'closed' and (coalesce(i.responded_at, ${clockNow}) >= i.response_due_at
        or coalesce(i.restored_at, ${clockNow}) >= i.restore_due_at))::int as late from incident i where ${visible}`)
    const page = pageOf(
      rows,
      at,
      (row) => [row.opened_at.toISOString(), row.id],
      (row) => incidentView(row, { now, legalNow }),
    )
    return { ...page, counts }
  },
})
