import type { ColumnClass } from '@huitong/quality'
import { planRecipe, recipeFaults, type RecipePlan, type Step } from '@huitong/recipes'
import type { DuckDBConnection } from '@duckdb/node-api'
import { Type, type Static } from 'typebox'
import { LakeFiles, openLake } from './lake-relation.ts'
import { identifier } from './sql-text.ts'

const exact = <T extends Parameters<typeof Type.Object>[0]>(properties: T) =>
  Type.Object(properties, { additionalProperties: false })
const Columns = Type.Record(Type.String(), Type.Unsafe<ColumnClass>({ type: 'string', maxLength: 20 }))

/** A recipe with the landed tables that it reads. */
export const RecipeInput = {
  steps: Type.Array(exact({ kind: Type.String(), parameters: Type.Record(Type.String(), Type.Unknown()) }), {
    maxItems: 60,
  }),
  columns: Columns,
  table: LakeFiles,
  tables: Type.Record(Type.String(), exact({ columns: Columns, files: LakeFiles })),
}
const Whole = exact(RecipeInput)

/** Opens the tables and plans the recipe over the table, or over some of its rows where `rowsMax` says so. */
export async function openRecipe(
  db: DuckDBConnection,
  input: Static<typeof Whole>,
  rowsMax: number | null,
): Promise<RecipePlan> {
  const steps = input.steps as readonly Step[]
  const scope = {
    columns: input.columns,
    key: input.table.key,
    tables: Object.fromEntries(Object.entries(input.tables).map(([name, one]) => [name, one.columns])),
  }
  const faults = recipeFaults(steps, scope)
  if (faults.length > 0) throw new Error(`the recipe has faults: ${faults.map((one) => one.path).join(', ')}`)
  const names = Object.keys(input.tables)
  await openLake(db, 'source', input.table)
  for (const [at, name] of names.entries()) await openLake(db, `other ${at}`, input.tables[name]!.files)
  if (rowsMax !== null) {
    // The same rows each time: without an order of the files the threads would decide.
    await db.run('SET preserve_insertion_order = true')
    await db.run(`CREATE TEMP TABLE part AS SELECT * FROM source LIMIT ${rowsMax}`)
  }
  return planRecipe(steps, scope, {
    table: rowsMax === null ? 'source' : 'part',
    tables: Object.fromEntries(names.map((name, at) => [name, identifier(`other ${at}`)])),
  })
}

/** How many rows a recipe had and left; of these, how many each step changed; or how many a step took away. */
export interface RecipeCounts {
  rows: number
  left: number
  changed: number
  steps: number[]
}

/** Counts from what the recipe left (`relation`), of `source` rows. */
export async function countRecipe(
  db: DuckDBConnection,
  plan: RecipePlan,
  { relation, source, steps }: { relation: string; source: string; steps: number },
): Promise<RecipeCounts> {
  const one = async (sql: string) =>
    (await db.runAndReadAll(sql)).getRowObjects()[0]! as Record<string, bigint | number | null>
  const bits = Array.from({ length: steps }, (_, at) => `count_if("#m" & ${1n << BigInt(at)} <> 0) AS "#${at}"`)
  const counts = await one(
    `SELECT count(*) AS "left", count_if("#m" <> 0) AS changed${bits.map((bit) => `, ${bit}`).join('')} FROM ${relation}`,
  )
  const perStep = Array.from({ length: steps }, (_, at) => Number(counts[`#${at}`]))
  for (const { step, before, after } of plan.removing)
    perStep[step] = Number((await one(before))['n']) - Number((await one(after))['n'])
  const { n } = await one(`SELECT count(*) AS n FROM ${source}`)
  return { rows: Number(n), left: Number(counts['left']), changed: Number(counts['changed']), steps: perStep }
}
