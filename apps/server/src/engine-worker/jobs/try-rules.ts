import { MASK_BITS, planCheck, suiteFaults, type ColumnClass, type Rule } from '@huitong/quality'
import type { DuckDBConnection } from '@duckdb/node-api'
import { Type } from 'typebox'
import { defineJob } from '../job.ts'
import { LakeFiles, openLake } from './lake-relation.ts'
import { identifier, literal } from './sql-text.ts'

const exact = <T extends Parameters<typeof Type.Object>[0]>(properties: T) =>
  Type.Object(properties, { additionalProperties: false })
const Columns = Type.Record(Type.String(), Type.Unsafe<ColumnClass>({ type: 'string', maxLength: 20 }))
const Cell = Type.Union([Type.String({ maxLength: 2000 }), Type.Null()])

const TYPES: Readonly<Record<ColumnClass, string>> = {
  text: 'VARCHAR',
  integer: 'BIGINT',
  decimal: 'DECIMAL(38, 10)',
  float: 'DOUBLE',
  date: 'DATE',
  timestamp: 'TIMESTAMP',
  boolean: 'BOOLEAN',
}

export interface Trial {
  rows: { values: Record<string, string | null>; broken: number[] }[]
  /** Values that a typed column cannot hold: none of the rows was judged then. */
  unreadable: { row: number; column: string }[]
}

/**
 * Tries rules on a few rows: those given, as a table of their own, or the first of the landed table, judged as a check would
 * judge them (what must be unique is looked for in all of it).
 */
export const tryRules = defineJob({
  input: exact({
    rules: Type.Array(
      exact({ code: Type.String(), kind: Type.String(), parameters: Type.Record(Type.String(), Type.Unknown()) }),
      { minItems: 1, maxItems: 512 },
    ),
    columns: Columns,
    given: Type.Union([Type.Array(Type.Record(Type.String(), Cell), { maxItems: 100 }), Type.Null()]),
    table: LakeFiles,
    sample: Type.Integer({ minimum: 1, maximum: 100 }),
    tables: Type.Record(Type.String(), exact({ columns: Columns, files: LakeFiles })),
    sets: Type.Record(Type.String(), Type.Array(Type.String())),
    asOf: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' }),
  }),
  run: async (input, context): Promise<Trial> => {
    const db = await context.openDatabase()
    const { columns, given } = input
    const names = Object.keys(columns)
    const rules = input.rules as readonly Rule[]
    const scope = {
      columns: { ...columns, '#': 'integer' as const },
      key: ['#'],
      tables: Object.fromEntries(Object.entries(input.tables).map(([name, one]) => [name, one.columns])),
      sets: input.sets,
      asOf: input.asOf,
    }
    const faults = suiteFaults(rules, scope)
    if (faults.length > 0) throw new Error(`the suite has faults: ${faults.map((one) => one.path).join(', ')}`)
    if (given === null) {
      await openLake(db, 'whole', input.table)
      await db.run(
        `CREATE TEMP TABLE named AS SELECT row_number() OVER () - 1 AS "#", * FROM (SELECT * FROM whole LIMIT ${input.sample})`,
      )
    } else {
      const unreadable = await fill(db, columns, given)
      if (unreadable.length > 0) return { rows: [], unreadable }
      await db.run('CREATE TEMP VIEW whole AS SELECT * FROM named')
    }
    for (const [at, one] of Object.values(input.tables).entries()) await openLake(db, `other ${at}`, one.files)
    const plan = planCheck(rules, scope, {
      whole: 'whole',
      judged: 'named',
      tables: Object.fromEntries(Object.keys(input.tables).map((name, at) => [name, identifier(`other ${at}`)])),
    })
    for (const statement of plan.setup) await db.run(statement)
    const found = (await db.runAndReadAll(plan.findings)).getRowObjects() as Record<string, unknown>[]
    const texts = names.map((one) => `CAST(${identifier(one)} AS VARCHAR) AS ${identifier(one)}`)
    const rows = (await db.runAndReadAll(`SELECT ${texts.join(', ')} FROM named ORDER BY "#"`)).getRowObjects()
    const broken = new Map(found.map((row) => [Number(row['#']), brokenIn(row, rules.length)]))
    return {
      rows: rows.map((values, at) => ({
        values: values as Record<string, string | null>,
        broken: broken.get(at) ?? [],
      })),
      unreadable: [],
    }
  },
})

function brokenIn(row: Record<string, unknown>, rules: number): number[] {
  return Array.from({ length: rules }, (_, at) => at).filter(
    (at) => ((row[`#m${Math.floor(at / MASK_BITS)}`] as bigint) >> BigInt(at % MASK_BITS)) & 1n,
  )
}

/** Makes `named` of rows that were typed in; answers the values that their columns cannot hold. */
async function fill(
  db: DuckDBConnection,
  columns: Readonly<Record<string, ColumnClass>>,
  given: readonly Readonly<Record<string, string | null>>[],
): Promise<Trial['unreadable']> {
  const names = Object.keys(columns)
  const cell = (value: string | null | undefined) => (value === null || value === undefined ? 'NULL' : literal(value))
  const values = given.map((row, at) => `(${[String(at), ...names.map((one) => cell(row[one]))].join(', ')})`)
  const listed = ['"#"', ...names.map(identifier)].join(', ')
  await db.run(
    `CREATE TEMP TABLE typed (${['"#" BIGINT', ...names.map((one) => `${identifier(one)} VARCHAR`)].join(', ')})`,
  )
  if (values.length > 0) await db.run(`INSERT INTO typed (${listed}) VALUES ${values.join(', ')}`)
  const read = (name: string) => `TRY_CAST(${identifier(name)} AS ${TYPES[columns[name]!]})`
  await db.run(
    `CREATE TEMP TABLE named AS SELECT ${['"#"', ...names.map((one) => `${read(one)} AS ${identifier(one)}`)].join(', ')} FROM typed`,
  )
  const unreadable: Trial['unreadable'] = []
  for (const column of names.filter((one) => columns[one] !== 'text')) {
    const x = identifier(column)
    const rows = await db.runAndReadAll(
      `SELECT t."#" AS at FROM typed t JOIN named n USING ("#") WHERE t.${x} <> '' AND n.${x} IS NULL ORDER BY 1`,
    )
    for (const row of rows.getRowObjects()) unreadable.push({ row: Number(row['at']), column })
  }
  return unreadable
}
