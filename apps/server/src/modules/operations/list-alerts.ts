import { shanghaiDate } from '@huitong/codes'
import { listAlerts } from '@huitong/contract/operations'
import { sql } from 'kysely'
import { INSTANT_KEY, pageAt, pageOf, UUID_KEY } from '../../kernel/paging.ts'
import { query } from '../../kernel/verb.ts'
import { alertSees, alertView, SELECT_ALERT, type AlertRow } from './alert-view.ts'

/** Alerts that the viewer may see, newest first; counts are of all of them, not of the page or the filter. */
export const listAlertsVerb = query<typeof listAlerts>({
  endpoint: listAlerts,
  audit: null,
  async run({ db, actor, now }, input) {
    const at = pageAt(input.query, [INSTANT_KEY, UUID_KEY])
    const { state, level, departmentId } = input.query
    const visible = alertSees(actor, 'a.department_id')
    const rows = await db.many<AlertRow>(sql`${SELECT_ALERT} where ${visible}
      ${state === 'open' ? sql`and a.closed_at is null` : sql``}
      ${state === 'closed' ? sql`and a.closed_at is not null` : sql``}
      ${level ? sql`and a.level = ${Number(level)}` : sql``}
      ${departmentId ? sql`and a.department_id = ${departmentId}` : sql``}
      ${at.after ? sql`and (date_trunc('milliseconds', a.opened_at), a.id) < (${at.after[0]}::timestamptz, ${at.after[1]}::uuid)` : sql``}
      order by date_trunc('milliseconds', a.opened_at) desc, a.id desc limit ${at.limit + 1}`)
    const today = new Date(`${shanghaiDate(now)}T00:00:00+08:00`)
    const counts = await db.one<{ open: number; today: number }>(sql`select
      count(*) filter (where a.closed_at is null)::int as open,
      count(*) filter (where a.opened_at >= ${today})::int as today from alert a where ${visible}`)
    const page = pageOf(rows, at, (row) => [row.opened_at.toISOString(), row.id], alertView)
    return { ...page, counts }
  },
})
