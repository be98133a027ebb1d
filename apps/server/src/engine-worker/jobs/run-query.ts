import type { DuckDBConnection } from '@duckdb/node-api'
import { maskPostgres, MASKS, type Mask } from '@huitong/policy'
import { type Fault, judgeQuestion } from '@huitong/readonly-sql'
import { Type } from 'typebox'
import { defineJob } from '../job.ts'
import { LakeFiles, openLake } from './lake-relation.ts'
import { identifier, literal } from './sql-text.ts'

const exact = <T extends Parameters<typeof Type.Object>[0]>(properties: T) =>
  Type.Object(properties, { additionalProperties: false })
const Name = Type.String({ minLength: 1, maxLength: 255 })

const COLUMNS_MAX = 200
const CELL_CHARACTERS_MAX = 2000
/** Of what is shown: a page of it must open at once. */
const TEXT_BYTES_MAX = 4 * 1024 * 1024

export interface QueryAnswer {
  /** Why the question was not asked; empty when it was. */
  readonly faults: readonly Fault[]
  readonly columns: readonly { name: string; type: string; numeric: boolean }[]
  readonly rows: readonly (string | null)[][]
  /** There were more rows than are shown. */
  readonly more: boolean
}

const nothing = (faults: readonly Fault[]): QueryAnswer => ({ faults, columns: [], rows: [], more: false })

/**
 * Asks a question of a person in SQL over tables of the resource centre. The question is judged by its syntax tree before it runs; it
 * meets masked values only, because the tables that it names are views that mask; and the database is locked to the files of these
 * views, so that one wall stands behind the other. What DuckDB says of a question that fails comes back as a fault, not as an error.
 */
export const runQuery = defineJob({
  input: exact({
    text: Type.String({ maxLength: 20_000 }),
    tables: Type.Array(
      exact({
        schema: Name,
        name: Name,
        /** `mask` null: the value as it is. */
        columns: Type.Array(exact({ name: Name, mask: Type.Union([Type.Enum([...MASKS]), Type.Null()]) }), {
          minItems: 1,
        }),
        files: LakeFiles,
      }),
      { maxItems: 2000 },
    ),
    rowsMax: Type.Integer({ minimum: 1, maximum: 10_000 }),
  }),
  run: async (input, context): Promise<QueryAnswer> => {
    const db = await context.openDatabase()
    const [tree] = (await db.runAndReadAll('SELECT json_serialize_sql($1::VARCHAR)', [input.text])).getRows()
    const { faults, tables } = judgeQuestion(input.text, JSON.parse(String(tree![0])), input.tables)
    if (faults.length > 0) return nothing(faults)
    const read = input.tables.filter((one) => tables.some((two) => two.schema === one.schema && two.name === one.name))
    for (const [at, one] of read.entries()) {
      await openLake(db, `#${at}`, one.files)
      const columns = one.columns.map(({ name, mask }) => `${shown(name, mask)} AS ${identifier(name)}`)
      await db.run(`CREATE SCHEMA IF NOT EXISTS ${identifier(one.schema)}`)
      await db.run(
        `CREATE VIEW ${identifier(one.schema)}.${identifier(one.name)} AS SELECT ${columns.join(', ')} FROM temp.${identifier(`#${at}`)}`,
      )
    }
    await lock(
      db,
      read.flatMap((one) => [...one.files.base, ...one.files.changes]),
    )
    return answer(db, input.text, input.rowsMax, context.signal)
  },
})

/** What a mask needs of PostgreSQL's functions is the same in DuckDB. */
const shown = (name: string, mask: Mask | null): string =>
  mask === null ? identifier(name) : maskPostgres(mask, identifier(name))

async function lock(db: DuckDBConnection, files: readonly string[]): Promise<void> {
  await db.run("SET TimeZone = 'Asia/Shanghai'")
  await db.run(`SET allowed_paths = [${files.map(literal).join(', ')}]`)
  await db.run('SET enable_external_access = false')
  await db.run('SET lock_configuration = true')
}

/** Names of number types begin so, with their precision after it. */
const NUMERIC = /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL)\b/

async function answer(db: DuckDBConnection, text: string, rowsMax: number, signal: AbortSignal): Promise<QueryAnswer> {
  const rows: (string | null)[][] = []
  let [bytes, more] = [0, false]
  try {
    const result = await db.stream(text)
    const columns = Array.from({ length: result.columnCount }, (_, at) => ({
      name: result.columnName(at),
      type: String(result.columnType(at)),
      numeric: NUMERIC.test(String(result.columnType(at))),
    }))
    if (columns.length > COLUMNS_MAX)
      return nothing([
        { at: null, zh: `结果超过 ${COLUMNS_MAX} 列`, en: `the answer has more than ${COLUMNS_MAX} columns` },
      ])
    // A stream gives what it has; whoever stops reading stops the query.
    for await (const chunk of result) {
      for (const row of chunk.getRows()) {
        if (rows.length === rowsMax || bytes > TEXT_BYTES_MAX) {
          more = true
          break
        }
        const cells = row.map((value) => (value === null ? null : cut(String(value))))
        bytes += cells.reduce((sum, one) => sum + (one?.length ?? 0), 0)
        rows.push(cells)
      }
      if (more) break
    }
    return { faults: [], columns, rows, more }
  } catch (error) {
    if (signal.aborted) throw error
    return nothing([saidBy(error)])
  }
}

const cut = (text: string): string =>
  text.length <= CELL_CHARACTERS_MAX ? text : `${text.slice(0, CELL_CHARACTERS_MAX)}…`

/** What DuckDB says, without the line that it quotes and its advice; files that it may name are no business of who asks. */
function saidBy(error: unknown): Fault {
  const said = (error instanceof Error ? error.message : String(error)).split('\n')[0]!.trim().slice(0, 500)
  if (said.startsWith('Out of Memory'))
    return {
      at: null,
      zh: '内存不足：请先筛选或汇总，再排序、合并或关联',
      en: 'out of memory: filter or aggregate before sorting, collecting or joining',
    }
  if (said.includes('/') && /file|path|parquet|directory/i.test(said))
    return { at: null, zh: '无法读取表的数据文件', en: 'the files of a table could not be read' }
  return { at: null, zh: `引擎：${said}`, en: said }
}
