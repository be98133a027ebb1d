import { planCheck, suiteFaults, type ColumnClass, type Rule } from '@huitong/quality'
import { Type } from 'typebox'
import type { DuckDBConnection } from '@duckdb/node-api'
import { defineJob } from '../job.ts'
import { breaks, sameKey } from './finding-file.ts'
import { LakeFiles, openLake } from './lake-relation.ts'
import { identifier, literal } from './sql-text.ts'

const exact = <T extends Parameters<typeof Type.Object>[0]>(properties: T) =>
  Type.Object(properties, { additionalProperties: false })
const Columns = Type.Record(Type.String(), Type.Unsafe<ColumnClass>({ type: 'string', maxLength: 20 }))
const Path = Type.String({ pattern: '^/', maxLength: 4096 })

/** What a check found; counts are decimal strings. */
export interface QualityCheck {
  rows: string
  /** Rows that break at least one rule. */
  findings: string
  rules: { judged: string; broken: string }[]
  /** How often the scan that judges all rules reads the table's files. */
  scans: number
}

/**
 * Checks a table of the lake by a suite: all rules in one scan that writes every failing row with its mask to `out`, and
 * one count of the rows that each rule judges. With `only`, the findings of an earlier check, just those rows are judged.
 */
export const checkQuality = defineJob({
  input: exact({
    rules: Type.Array(
      exact({
        code: Type.String(),
        kind: Type.String(),
        parameters: Type.Record(Type.String(), Type.Unknown()),
      }),
      { minItems: 1, maxItems: 512 },
    ),
    columns: Columns,
    table: LakeFiles,
    tables: Type.Record(Type.String(), exact({ columns: Columns, files: LakeFiles })),
    sets: Type.Record(Type.String(), Type.Array(Type.String())),
    asOf: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' }),
    only: Type.Union([Path, Type.Null()]),
    out: Path,
  }),
  run: async (input, context): Promise<QualityCheck> => {
    const db = await context.openDatabase()
    const { table, only } = input
    const scope = {
      columns: input.columns,
      key: table.key,
      tables: Object.fromEntries(Object.entries(input.tables).map(([name, one]) => [name, one.columns])),
      sets: input.sets,
      asOf: input.asOf,
    }
    const rules = input.rules as readonly Rule[]
    const faults = suiteFaults(rules, scope)
    if (faults.length > 0) throw new Error(`the suite has faults: ${faults.map((one) => one.path).join(', ')}`)
    const names = Object.keys(input.tables)
    await openLake(db, 'checked', table)
    for (const [at, name] of names.entries()) await openLake(db, `other ${at}`, input.tables[name]!.files)
    if (only !== null) await db.run(onlyView(table.key, only))
    const plan = planCheck(rules, scope, {
      whole: 'checked',
      ...(only === null ? {} : { judged: 'named' }),
      tables: Object.fromEntries(names.map((name, at) => [name, identifier(`other ${at}`)])),
    })
    for (const statement of plan.setup) await db.run(statement)
    const order = table.key.map(identifier).join(', ')
    await db.run(
      `COPY (SELECT * FROM (${plan.findings}) ORDER BY ${order}) TO ${literal(input.out)} (FORMAT parquet, COMPRESSION zstd)`,
    )
    const broken = await row(db, countBroken(rules.length, input.out))
    const judged = await row(db, plan.judged(`read_parquet(${literal(input.out)})`))
    return {
      rows: String(judged['rows']),
      findings: String(broken['findings']),
      rules: rules.map((_rule, at) => ({ judged: String(judged[`#b${at}`]), broken: String(broken[`#r${at}`]) })),
      scans: await scansOf(db, plan.findings),
    }
  },
})

const onlyView = (key: readonly string[], path: string): string => `CREATE TEMP VIEW named AS SELECT * FROM checked w
  WHERE EXISTS (SELECT 1 FROM read_parquet(${literal(path)}) f
    WHERE ${sameKey(key, ['f', 'w'])})`

/** Files of the lake that the scan reads, as DuckDB itself plans it: once for the copy, whatever the number of rules. */
async function scansOf(db: DuckDBConnection, text: string): Promise<number> {
  const rows = (await db.runAndReadAll(`EXPLAIN (FORMAT json) ${text}`)).getRows()
  const nodes = JSON.parse(String(rows[0]![1])) as PlanNode[]
  const count = (node: PlanNode): number =>
    (/PARQUET/.test(node.name) ? 1 : 0) + node.children.reduce((sum, one) => sum + count(one), 0)
  return nodes.reduce((sum, one) => sum + count(one), 0)
}
interface PlanNode {
  readonly name: string
  readonly children: readonly PlanNode[]
}

/** From the written file, so that what is counted is what can be shown. */
function countBroken(rules: number, path: string): string {
  const counts = Array.from({ length: rules }, (_, at) => `coalesce(count_if(${breaks(at)}), 0) AS "#r${at}"`)
  return `SELECT count(*) AS findings, ${counts.join(', ')} FROM read_parquet(${literal(path)})`
}

async function row(db: DuckDBConnection, text: string): Promise<Record<string, unknown>> {
  return (await db.runAndReadAll(text)).getRowObjects()[0]!
}
