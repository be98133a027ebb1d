import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { subscriber } from '../../kernel/subscribers.ts'
import { nextNumber } from '../catalogue/index.ts'

interface Overdue {
  id: string
  jurisdiction: string
  department_id: string
  rule: string
  subject_kind: string
  subject_id: string
  subject_name: string
}

/** A correction application that nobody answered in time is suspected to be a violation: once, however often it is told. */
export const raiseViolations = subscriber<'obligation.overdue'>({
  name: 'violation_of_overdue',
  on: ['obligation.overdue'],
  async handle({ db, now, legalNow }, { payload }) {
    const overdue =
      await db.maybe<Overdue>(sql`select o.id, o.jurisdiction, o.department_id, o.rule, o.subject_kind, o.subject_id,
        k.number as subject_name
      from obligation o join correction k on k.id = o.subject_id
      where o.id = ${payload.obligationId} and o.subject_kind = 'correction'
        and not exists (select from violation w where w.obligation_id = o.id)`)
    if (!overdue) return null
    const id = randomUUID()
    await db.run(sql`insert into violation (id, number, jurisdiction, department_id, obligation_id, rule, subject_kind, subject_id,
        subject_name, state, raised_at)
      values (${id}, ${await nextNumber(db, 'WG', now)}, ${overdue.jurisdiction}, ${overdue.department_id}, ${overdue.id}, ${overdue.rule},
        ${overdue.subject_kind}, ${overdue.subject_id}, ${overdue.subject_name}, 'suspected', ${legalNow})`)
    return {
      objectKind: 'violation',
      objectId: id,
      detail: { rule: overdue.rule, department: overdue.department_id, subject: overdue.subject_name },
    }
  },
})
