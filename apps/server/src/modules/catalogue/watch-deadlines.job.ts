import { sql } from 'kysely'
import { systemActor } from '../../kernel/actor.ts'
import { act } from '../../kernel/execute.ts'
import { job } from '../../kernel/jobs.ts'

/** Notes by legal time which deadlines have passed, also those that were met too late: once each, as a fact that others (alerts, performance) may follow. */
export const watchDeadlinesJob = job({
  name: 'deadline-watch',
  everyMs: 5_000,
  run: (services) =>
    act(services, systemActor('deadline-watch'), 'job.deadline_watch', async ({ db, emit, legalNow }) => {
      const row = await db.maybe<{
        id: string
        department_id: string
        rule: string
      }>(sql`update obligation set overdue_at = ${legalNow}, version = version + 1
        where id = (select id from obligation where overdue_at is null and coalesce(extended_to, due_at) <= ${legalNow}
          and coalesce(fulfilled_at, cancelled_at, ${legalNow}) >= coalesce(extended_to, due_at) order by due_at limit 1 for update skip locked)
        returning id, department_id, rule`)
      if (!row) return { value: false, audit: null }
      await emit('obligation.overdue', { obligationId: row.id, departmentId: row.department_id })
      return {
        value: true,
        audit: {
          objectKind: 'obligation',
          objectId: row.id,
          detail: { rule: row.rule, department: row.department_id },
        },
      }
    }),
})
