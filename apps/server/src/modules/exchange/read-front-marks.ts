import { type FrontMarksView, readFrontMarks } from '@huitong/contract/exchange'
import { sql } from 'kysely'
import type { Static } from 'typebox'
import type { Reader } from '../../kernel/db.ts'
import { query } from '../../kernel/verb.ts'
import { requireRule } from '../catalogue/index.ts'
import type { Problem } from './fail-stream.ts'
import { MARKED_TABLE, type MarkedTable, type Taken } from './front-marks.ts'

type View = Static<typeof FrontMarksView>

interface Row {
  clean_after_days: number | null
  in_table: View['inTable']
  cleaned: string
  looked_at: Date | null
  marked_at: Date | null
  cleaned_at: Date | null
  problem: (Problem & { at: string }) | null
  version: number
}

/** What of the push table of a dataset was taken, and what was cleaned; nothing where its table has no exchange mark. */
export const readFrontMarksVerb = query<typeof readFrontMarks>({
  endpoint: readFrontMarks,
  audit: null,
  async run({ db, actor }, { params }) {
    await requireRule(db, actor, params.id, 'mount')
    return { front: await frontMarks(db, params.id) }
  },
})

/** The mounted push table of a dataset, when it has an exchange mark. */
export const markedTableOf = (db: Reader, datasetId: string): Promise<MarkedTable | null> =>
  db.maybe<MarkedTable>(sql`select m.* from (${MARKED_TABLE}) m join distribution b on b.id = m.id
    where b.dataset_id = ${datasetId}`)

export async function frontMarks(db: Reader, datasetId: string): Promise<View | null> {
  const table = await markedTableOf(db, datasetId)
  if (table === null) return null
  const row =
    await db.maybe<Row>(sql`select clean_after_days, in_table, cleaned::text, looked_at, marked_at, cleaned_at, problem, version
    from front_table where distribution_id = ${table.id}`)
  const tasks = await db.many<{ id: string; number: string; state: string; taken: Taken | null }>(
    sql`select id, number, state, taken from channel where distribution_id = ${table.id} and mode = 'cursor'
      and state not in ('configured', 'ready') order by number limit 100`,
  )
  const instant = (at: Date | null | undefined) => at?.toISOString() ?? null
  return {
    mark: table.convention.mark,
    cleanAfterDays: row?.clean_after_days ?? null,
    cleanable: table.convention.operation !== null,
    inTable: row?.in_table ?? null,
    cleaned: row?.cleaned ?? '0',
    lookedAt: instant(row?.looked_at),
    markedAt: instant(row?.marked_at),
    cleanedAt: instant(row?.cleaned_at),
    problem: row?.problem ?? null,
    tasks: tasks.map(({ id, number, state, taken }) => ({ id, number, state, takenAt: taken?.readAt ?? null })),
    version: row?.version ?? 1,
  }
}
