import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'
import { quoted, text } from '../duckdb-text.ts'
import { MASK_BITS, planCheck } from '../plan.ts'
import type { Rule, Verdict, World } from '../rule.ts'
import type { ColumnClass, Columns, Row } from '../table.ts'

const TYPES: Readonly<Record<ColumnClass, string>> = {
  text: 'VARCHAR',
  integer: 'BIGINT',
  decimal: 'DECIMAL(18, 4)',
  float: 'DOUBLE',
  date: 'DATE',
  timestamp: 'TIMESTAMP',
  boolean: 'BOOLEAN',
}

/** A DuckDB of one's own, for a test. */
export async function openDuckDb(): Promise<DuckDBConnection> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' })
  return instance.connect()
}

async function makeTable(db: DuckDBConnection, name: string, columns: Columns, rows: readonly Row[]): Promise<void> {
  const names = Object.keys(columns)
  await db.run(
    `CREATE OR REPLACE TABLE ${quoted(name)} (${names.map((one) => `${quoted(one)} ${TYPES[columns[one]!]}`).join(', ')})`,
  )
  const literal = (value: string | null | undefined) => (value === null || value === undefined ? 'NULL' : text(value))
  for (let at = 0; at < rows.length; at += 500) {
    const values = rows.slice(at, at + 500).map((row) => `(${names.map((one) => literal(row[one])).join(', ')})`)
    await db.run(`INSERT INTO ${quoted(name)} VALUES ${values.join(', ')}`)
  }
}

/** What DuckDB says of each row by the plan's one scan: rows of the world must have the key column `#` of their place. */
export async function judgeInDuckDb(db: DuckDBConnection, rules: readonly Rule[], world: World): Promise<Verdict[][]> {
  const columns: Columns = { ...world.scope.columns, '#': 'integer' }
  const rows = world.rows.map((row, at) => ({ ...row, '#': String(at) }))
  await makeTable(db, 'checked', columns, rows)
  for (const [name, other] of Object.entries(world.tables))
    await makeTable(db, `other ${name}`, other.columns, other.rows)
  const tables = Object.fromEntries(Object.keys(world.tables).map((name) => [name, quoted(`other ${name}`)]))
  const scope = { ...world.scope, columns, key: ['#'] }
  const plan = planCheck(rules, scope, { whole: 'checked', tables })
  for (const statement of plan.setup) await db.run(statement.replace('CREATE TEMP', 'CREATE OR REPLACE TEMP'))
  await db.run(`CREATE OR REPLACE TEMP TABLE found AS ${plan.findings}`)
  const found = (await db.runAndReadAll('SELECT * FROM found')).getRowObjects()
  const judged = (await db.runAndReadAll(plan.judged('found'))).getRowObjects()[0]!
  const verdicts = rows.map(() => rules.map((): Verdict => 'kept'))
  for (const row of found) {
    rules.forEach((_rule, at) => {
      const mask = row[`#m${Math.floor(at / MASK_BITS)}`] as bigint
      if ((mask >> BigInt(at % MASK_BITS)) & 1n) verdicts[Number(row['#'])]![at] = 'broken'
    })
  }
  return withFree(verdicts, rules, judged)
}

/** The scan tells no free rows from kept ones; the counts of judged rows must then agree, which the caller checks. */
function withFree(verdicts: Verdict[][], rules: readonly Rule[], judged: Record<string, unknown>): Verdict[][] {
  return Object.assign(verdicts, { judged: rules.map((_rule, at) => Number(judged[`#b${at}`])) })
}

/** How many rows each rule judges, as DuckDB counted. */
export const judgedCounts = (verdicts: Verdict[][]): number[] => (verdicts as Verdict[][] & { judged: number[] }).judged

/** A rule's own columns, for worlds made from cases. */
export const ruleOf = (kind: string, parameters: Rule['parameters'], code = kind): Rule => ({ code, kind, parameters })
