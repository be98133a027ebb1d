import { randomUUID } from 'node:crypto'
import type { ObligationView } from '@huitong/contract/catalogue'
import { sql } from 'kysely'
import type { Static } from 'typebox'
import type { Writer } from '../../kernel/db.ts'
import { refuse } from '../../kernel/errors.ts'
import { allowedMinutes, dueAfter, remainingMinutes } from '../standards/index.ts'

interface NewObligation {
  readonly rule: string
  readonly subjectKind: 'dataset' | 'request' | 'correction'
  readonly subjectId: string
  /** The department that must act; `authority`: the data bureau of the jurisdiction. */
  readonly debtor: string
  readonly jurisdiction: string
  /** Legal time at which the clock starts. */
  readonly at: Date
}

/** Starts a legal clock; answers when it ends. The limit is the jurisdiction's own value, never above the statutory ceiling. */
export async function openObligation(db: Writer, given: NewObligation): Promise<Date> {
  const rule = await db.one<{ working_days: number }>(
    sql`select working_days from deadline_rule where jurisdiction = ${given.jurisdiction} and code = ${given.rule}`,
  )
  const debtor = given.debtor === 'authority' ? await authorityOf(db, given.jurisdiction) : given.debtor
  const due = dueAfter(given.at, rule.working_days)
  await db.run(sql`insert into obligation (id, jurisdiction, rule, subject_kind, subject_id, department_id, started_at, due_at)
    values (${randomUUID()}, ${given.jurisdiction}, ${given.rule}, ${given.subjectKind}, ${given.subjectId}, ${debtor}, ${given.at},
      ${due})`)
  return due
}

async function authorityOf(db: Writer, jurisdiction: string): Promise<string> {
  const row = await db.maybe<{ id: string }>(sql`select id from department
    where jurisdiction = ${jurisdiction} and kind = 'bureau' and valid_to is null order by credit_code limit 1`)
  return row?.id ?? refuse('object.state', { detail: 'the jurisdiction has no authority' })
}

/** Stops the clocks of a subject, all or those of one rule: fulfilled, or cancelled when the duty fell away. */
export async function closeObligations(
  db: Writer,
  given: {
    subjectKind: 'dataset' | 'request' | 'correction'
    subjectId: string
    at: Date
    rule?: readonly string[]
    cancelled?: boolean
  },
): Promise<void> {
  await db.run(sql`update obligation set ${given.cancelled ? sql`cancelled_at` : sql`fulfilled_at`} = ${given.at}, version = version + 1
    where subject_kind = ${given.subjectKind} and subject_id = ${given.subjectId} and fulfilled_at is null and cancelled_at is null
      ${given.rule ? sql`and rule = any(${[...given.rule]}::text[])` : sql``}`)
}

export interface ObligationRow {
  id: string
  rule: string
  words: { zh: string; en: string }
  subject_kind: 'dataset' | 'request' | 'correction'
  subject_id: string
  subject_name: string | null
  department_id: string
  department_name: { zh: string; en?: string }
  started_at: Date
  due_at: Date
  extended_to: Date | null
  fulfilled_at: Date | null
}

export const SELECT_OBLIGATION =
  sql.raw(`select o.id, o.rule, r.words, o.subject_kind, o.subject_id, o.department_id, d.name as department_name,
    o.started_at, o.due_at, o.extended_to, o.fulfilled_at,
    coalesce(q.number, x.code, k.number) as subject_name
  from obligation o join department d on d.id = o.department_id
    join deadline_rule r on r.jurisdiction = o.jurisdiction and r.code = o.rule
    left join access_request q on o.subject_kind = 'request' and q.id = o.subject_id
    left join dataset x on o.subject_kind = 'dataset' and x.id = o.subject_id
    left join correction k on o.subject_kind = 'correction' and k.id = o.subject_id`)

export function obligationView(row: ObligationRow, legalNow: Date): Static<typeof ObligationView> {
  const due = row.extended_to ?? row.due_at
  const at = row.fulfilled_at ?? legalNow
  return {
    id: row.id,
    rule: row.rule,
    words: row.words,
    subjectKind: row.subject_kind,
    subjectId: row.subject_id,
    subjectName: row.subject_name ?? '',
    departmentId: row.department_id,
    departmentName: row.department_name,
    startedAt: row.started_at.toISOString(),
    dueAt: row.due_at.toISOString(),
    extendedTo: row.extended_to?.toISOString() ?? null,
    fulfilledAt: row.fulfilled_at?.toISOString() ?? null,
    overdue: at >= due,
    remainingMinutes: remainingMinutes(at, due),
    allowedMinutes: allowedMinutes(row.started_at, due),
  }
}
