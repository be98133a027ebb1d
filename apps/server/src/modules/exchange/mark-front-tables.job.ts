import type { MarkInput } from '@huitong/contract/work'
import { sql } from 'kysely'
import { systemActor } from '../../kernel/actor.ts'
import { SYSTEM_ROWS, type Writer } from '../../kernel/db.ts'
import { Refusal } from '../../kernel/errors.ts'
import { act } from '../../kernel/execute.ts'
import { job } from '../../kernel/jobs.ts'
import { queueWork, sourceAccess } from '../nodes/index.ts'
import { columnsOf, MARKED_TABLE, type MarkedTable, type Taken } from './front-marks.ts'
import { activePlan, findGrantRow } from './grant-plan.ts'

/** Figures older than this are counted anew, and what failed is tried again. */
export const LOOK_AGAIN_MS = 600_000
const CLEAN_AGAIN_MS = 3_600_000
/** Rows that one order removes at most; more are left for the next. */
const CLEANED_MAX = 100_000

interface Front {
  clean_after_days: number | null
  looked_at: Date | null
  cleaned_at: Date | null
  problem: object | null
  work_id: string | null
}
interface Task {
  id: string
  grant_id: string
  state: string
  cursor: object | null
  taken: Taken | null
}

const DUE = sql`select m.* from (${MARKED_TABLE}) m left join front_table f on f.distribution_id = m.id
  where (f.distribution_id is null or f.table_id <> m.table_id or (f.work_id is null and f.next_at <= now()))`

/** Has nodes mark in push tables what every task of a table has taken and applied, and clean by the department's policy. */
export const markFrontTablesJob = job({
  name: 'mark-front-tables',
  everyMs: 5_000,
  async run(services) {
    const due = await services.db.read(SYSTEM_ROWS, (db) =>
      db.maybe<MarkedTable>(sql`${DUE} order by f.next_at nulls first limit 1`),
    )
    if (due === null) return false
    await act(
      services,
      systemActor('mark-front-tables'),
      'job.mark_front_table',
      async ({ db, now, legalNow, wake }) => {
        const front = await frontOf(db, due, now)
        // Somebody was quicker.
        if (front.work_id !== null) return { value: null, audit: null }
        const tasks = await tasksOf(db, due.id, { now, legalNow })
        const order = orderOf(front, tasks, now)
        const next = new Date(now.getTime() + LOOK_AGAIN_MS)
        if (order === null) {
          await db.run(sql`update front_table set next_at = ${next} where distribution_id = ${due.id}`)
          return { value: null, audit: null }
        }
        const { access, nodeId } = await sourceAccess(db, due.source_id)
        const { operation, updatedAt } = due.convention
        const table = { schema: due.schema, name: due.name }
        const input: MarkInput = {
          source: access,
          table,
          convention: { operation, updatedAt },
          columns: columnsOf(due),
          ...order,
        }
        const work = {
          nodeId,
          kind: 'mark' as const,
          subjectKind: 'data_source' as const,
          subjectId: due.source_id,
          input,
        }
        const id = await queueWork({ db, now, wake }, work)
        await db.run(sql`update front_table set work_id = ${id}, next_at = ${next} where distribution_id = ${due.id}`)
        return { value: null, audit: null }
      },
    )
    return true
  },
})

/** The row of a table, made when it is first looked at; its figures begin anew with another table. */
async function frontOf(db: Writer, due: MarkedTable, now: Date): Promise<Front> {
  return db.one<Front>(sql`insert into front_table as f (distribution_id, jurisdiction, department_id, table_id, next_at)
    values (${due.id}, ${due.jurisdiction}, ${due.department_id}, ${due.table_id}, ${now})
    on conflict (distribution_id) do update set table_id = excluded.table_id,
      in_table = case when f.table_id = excluded.table_id then f.in_table end,
      looked_at = case when f.table_id = excluded.table_id then f.looked_at end,
      cleaned_at = case when f.table_id = excluded.table_id then f.cleaned_at end,
      problem = case when f.table_id = excluded.table_id then f.problem end,
      work_id = case when f.table_id = excluded.table_id then f.work_id end
    returning clean_after_days, looked_at, cleaned_at, problem, work_id`)
}

/** Tasks by update time whose grant is in force: those of the others are over, and wait for nothing. */
async function tasksOf(db: Writer, distributionId: string, times: { now: Date; legalNow: Date }): Promise<Task[]> {
  const tasks = await db.many<Task>(sql`select id, grant_id, state, cursor, taken from channel
    where distribution_id = ${distributionId} and mode = 'cursor' and (state in ('running', 'following') or cursor is not null)`)
  const inForce: Task[] = []
  for (const task of tasks) {
    try {
      activePlan(await findGrantRow(db, task.grant_id), times)
      inForce.push(task)
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'grant.inactive') throw error
    }
  }
  return inForce
}

/**
 * What a node is asked to do: to mark the rows of the oldest of the last readings of all tasks, for each other task has
 * read those rows since; and to clean what was marked before the oldest reading of any task, stopped ones included.
 */
export function orderOf(
  front: Omit<Front, 'work_id'>,
  tasks: readonly Task[],
  now: Date,
): Pick<MarkInput, 'list' | 'clean'> | null {
  // Whether it can be marked, and what is in it, shows before there is a task.
  if (front.looked_at === null && front.problem === null) return { list: null, clean: null }
  if (tasks.length === 0) return null
  const isOlder = (ms: number, at: Date | null) => at === null || at.getTime() + ms <= now.getTime()
  const oldest = (some: readonly Task[]) =>
    some.every(({ taken }) => taken !== null)
      ? some.reduce<Task | null>((a, b) => (a === null || b.taken!.at < a.taken!.at ? b : a), null)
      : null
  const active = tasks.filter(({ state }) => state === 'running' || state === 'following')
  const first = active.every(({ state }) => state === 'following') ? oldest(active) : null
  const list =
    first === null || first.taken!.marked === true
      ? null
      : { channel: first.id, stream: first.taken!.stream, generation: first.taken!.generation }
  const before = oldest(tasks)?.taken!.at
  const clean =
    front.clean_after_days === null || before === undefined || !isOlder(CLEAN_AGAIN_MS, front.cleaned_at)
      ? null
      : { afterDays: front.clean_after_days, before, rowsMax: CLEANED_MAX }
  if (list === null && clean === null && !isOlder(LOOK_AGAIN_MS, front.looked_at) && front.problem === null) return null
  return { list, clean }
}
