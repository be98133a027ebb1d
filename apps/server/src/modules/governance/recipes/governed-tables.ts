import type { TransitColumn } from '@huitong/contract/work'
import { originsOf, type Step } from '@huitong/recipes'
import { sql } from 'kysely'
import type { Reader } from '../../../kernel/db.ts'
import { lakeClass } from '../../engine/index.ts'
import { CURRENT_RUN } from './recipe-runs.ts'

/** The governed table of a dataset: which run made it, and where each of its columns is from. */
export interface GovernedTable {
  readonly runId: string
  readonly columns: readonly {
    readonly name: string
    /** Columns of the landed table whose values are in it. */
    readonly from: readonly string[]
    /** It may hold values of another dataset. */
    readonly elsewhere: boolean
  }[]
}

interface Row {
  id: string
  dataset_id: string
  steps: Step[]
  columns: TransitColumn[]
}

/** The governed tables of these datasets, as far as there are any. */
export async function governedTables(db: Reader, datasetIds: readonly string[]): Promise<Map<string, GovernedTable>> {
  const rows = await db.many<Row>(sql`select r.id, r.dataset_id, r.steps, c.columns from recipe_run r
      join lateral (select c.columns from channel c join department u on u.id = c.consumer_department_id and u.kind = 'data_centre'
        where c.dataset_id = r.dataset_id order by c.created_at desc limit 1) c on true
    where r.dataset_id = any(${[...datasetIds]}::uuid[]) and r.id = ${CURRENT_RUN('r.dataset_id')}`)
  return new Map(rows.map((row) => [row.dataset_id, { runId: row.id, columns: columnsOf(row) }]))
}

function columnsOf({ steps, columns }: Row): GovernedTable['columns'] {
  const { made, foreign } = originsOf(steps, Object.fromEntries(columns.map(({ as, type }) => [as, lakeClass(type)])))
  return [...made].map(([name, from]) => ({ name, from: [...from], elsewhere: foreign.has(name) }))
}
