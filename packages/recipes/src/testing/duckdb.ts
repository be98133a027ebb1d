import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'
import { quoted, text, type Row } from '@huitong/quality'
import { planRecipe } from '../recipe.ts'
import type { Rows, Step, StepScope } from '../step.ts'

/** A DuckDB of one's own, for a test. */
export async function openDuckDb(): Promise<DuckDBConnection> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' })
  return instance.connect()
}

async function makeTable(db: DuckDBConnection, name: string, types: Record<string, string>, rows: readonly Row[]) {
  const columns = Object.entries(types).map(([one, type]) => `${quoted(one)} ${type}`)
  await db.run(`CREATE OR REPLACE TEMP TABLE ${quoted(name)} (${columns.join(', ')})`)
  const literal = (value: string | null | undefined) => (value === null || value === undefined ? 'NULL' : text(value))
  const values = rows.map(
    (row) =>
      `(${Object.keys(types)
        .map((one) => literal(row[one]))
        .join(', ')})`,
  )
  if (values.length > 0) await db.run(`INSERT INTO ${quoted(name)} VALUES ${values.join(', ')}`)
}

/** What DuckDB makes of rows whose key is the integer column `#`, in the same form as the oracle says it. */
export async function followInDuckDb(db: DuckDBConnection, steps: readonly Step[], scope: StepScope, given: Rows) {
  const typeOf = (one: string) => (scope.columns[one] === 'integer' ? 'BIGINT' : 'VARCHAR')
  const types = Object.fromEntries(Object.keys(scope.columns).map((one) => [one, typeOf(one)]))
  await makeTable(db, 'given', types, given.rows)
  for (const [name, columns] of Object.entries(scope.tables))
    await makeTable(
      db,
      `other ${name}`,
      Object.fromEntries(Object.keys(columns).map((one) => [one, 'VARCHAR'])),
      given.tables[name] ?? [],
    )
  const tables = Object.fromEntries(Object.keys(scope.tables).map((one) => [one, quoted(`other ${one}`)]))
  const plan = planRecipe(steps, scope, { table: '"given"', tables })
  const made = (await db.runAndReadAll(`SELECT * FROM (${plan.select}) ORDER BY "#k0"`)).getRowObjects()
  return made.map((row) => {
    const mask = row['#m'] as bigint
    const cell = (value: unknown) => (value === null ? null : String(value))
    return {
      row: Object.fromEntries(Object.keys(plan.columns).map((one) => [one, cell(row[one])])),
      at: Number(row['#k0']),
      changedBy: steps.flatMap((_step, at) => ((mask >> BigInt(at)) & 1n ? [at] : [])),
    }
  })
}
