import { listRequests } from '@huitong/contract/catalogue'
import { sql } from 'kysely'
import type { Person } from '../../kernel/actor.ts'
import { INSTANT_KEY, pageAt, pageOf, UUID_KEY } from '../../kernel/paging.ts'
import { query } from '../../kernel/verb.ts'
import { STEPS } from './request-steps.ts'
import { deadlinesOf, requestSees, requestSummary, SELECT_REQUEST, type RequestRow } from './request-view.ts'

/** Requests that the viewer may see, newest first; `todo` are those whose open step is this person's to decide. */
export const listRequestsVerb = query<typeof listRequests>({
  endpoint: listRequests,
  audit: null,
  async run({ db, actor, legalNow }, input) {
    const at = pageAt(input.query, [INSTANT_KEY, UUID_KEY])
    const { box } = input.query
    const rows = await db.many<RequestRow>(sql`${SELECT_REQUEST} where ${requestSees(actor)}
      ${box === 'todo' ? todoOf(actor) : sql``}
      ${box === 'done' ? sql`and exists (select from request_decision c where c.request_id = r.id and c.person_id = ${actor.id})` : sql``}
      ${box === 'sent' ? sql`and r.applicant_department_id = ${actor.departmentId}` : sql``}
      ${box === 'overdue' ? overdueAt(legalNow) : sql``}
      ${at.after ? sql`and (r.created_at, r.id) < (${at.after[0]}::timestamptz, ${at.after[1]}::uuid)` : sql``}
      order by r.created_at desc, r.id desc limit ${at.limit + 1}`)
    const deadlines = await deadlinesOf(
      db,
      rows.map((row) => row.id),
      legalNow,
    )
    return pageOf(
      rows,
      at,
      (row) => [row.created_at.toISOString(), row.id],
      (row) => requestSummary(row, actor, deadlines.get(row.id) ?? null),
    )
  },
})

const overdueAt = (
  legalNow: Date,
) => sql`and exists (select from obligation o where o.subject_kind = 'request' and o.subject_id = r.id
  and o.fulfilled_at is null and o.cancelled_at is null and coalesce(o.extended_to, o.due_at) <= ${legalNow})`

/** The condition for "this person's turn": the same rule as `isTurnOf`, in SQL; a test holds the two together. */
export function todoOf(actor: Person) {
  const steps = Object.entries(STEPS).filter(([, step]) => actor.permissions.has(step.permission))
  const of = (side: string) => steps.filter(([, step]) => step.side === side).map(([name]) => name)
  return sql`and (
    (r.state = 'supplement' and r.applicant_department_id = ${actor.departmentId} and ${actor.permissions.has('request.make')})
    or (r.state = 'running' and (
      r.step = any(${of('jurisdiction')}::text[])
      or (r.step = any(${of('applicant')}::text[]) and r.applicant_department_id = ${actor.departmentId})
      or (r.step = any(${of('provider')}::text[]) and r.provider_department_id = ${actor.departmentId}))
    and not (r.step <> 'applicant_confirm' and r.created_by = ${actor.id})
    and not (r.step = 'provider_sign' and r.answer->>'by' = ${actor.id})))`
}
