import type { DuckDBConnection } from '@duckdb/node-api'
import { Type } from 'typebox'
import { defineJob } from '../job.ts'
import { breaks, FindingFile, findingRows, RulePlace } from './finding-file.ts'
import { identifier, literal } from './sql-text.ts'

const Words = Type.String({ maxLength: 1000 })
const Column = Type.Object(
  { column: Type.String({ minLength: 1, maxLength: 257 }), title: Words },
  { additionalProperties: false },
)

/** As `spreadsheetText` of the contract: what a spreadsheet would compute gets an apostrophe. */
const cell = (x: string): string =>
  `CASE WHEN regexp_matches(${x}, '^([=+@\\t\\r]|-)') AND NOT regexp_full_match(${x}, '-[0-9]+([.][0-9]+)?') THEN '''' || ${x} ELSE ${x} END`

const textOf = (column: string): string => `CAST(${identifier(column)} AS VARCHAR)`

/**
 * Writes the failing rows of a check with a head to `out`, as CSV or as a workbook (XLSX, one sheet, all cells texts): the columns
 * named, and between keys and values what is wrong. Whoever asks for a workbook keeps to the rows that a sheet can hold.
 */
export const writeFindings = defineJob({
  input: Type.Object(
    {
      path: FindingFile,
      keys: Type.Array(Column, { minItems: 1 }),
      values: Type.Array(Column),
      /** What is wrong with a row that breaks the rule at this place of the suite. */
      rules: Type.Array(Words, { maxItems: 512 }),
      /** The head of the column of what is wrong. */
      title: Words,
      /** Only rows that break this rule. */
      only: Type.Union([RulePlace, Type.Null()]),
      format: Type.Union([Type.Literal('csv'), Type.Literal('xlsx')]),
      out: Type.String({ pattern: '^/', maxLength: 4096 }),
    },
    { additionalProperties: false },
  ),
  run: async ({ path, keys, values, rules, title, only, format, out }, context): Promise<{ rows: number }> => {
    const db = await context.openDatabase()
    const wrong = rules.map((words, at) => `CASE WHEN ${breaks(at)} THEN ${literal(words)} END`)
    const shown = ({ column, title: head }: { column: string; title: string }) =>
      `${format === 'csv' ? cell(textOf(column)) : textOf(column)} AS ${identifier(head)}`
    const columns = [
      ...keys.map(shown),
      `concat_ws('; ', ${wrong.join(', ')}) AS ${identifier(title)}`,
      ...values.map(shown),
    ]
    const rows = `${findingRows(path)} ${only === null ? '' : `WHERE ${breaks(only)}`}`
    const sorted = `SELECT ${columns.join(', ')} FROM ${rows} ORDER BY file_row_number`
    if (format === 'xlsx') return { rows: await writeWorkbook(db, sorted, out) }
    await db.run(`COPY (${sorted}) TO ${literal(out)} (FORMAT csv, HEADER)`)
    const counted = await db.runAndReadAll(`SELECT count(*) FROM ${rows}`)
    return { rows: Number(counted.getRows()[0]![0]) }
  },
})

/** What a cell of a sheet holds at most (ECMA-376, as Excel has it). */
const CELL_CHARACTERS_MAX = 32_767
const cut = (text: string): string =>
  text.length <= CELL_CHARACTERS_MAX ? text : `${text.slice(0, CELL_CHARACTERS_MAX - 1)}…`

async function writeWorkbook(db: DuckDBConnection, text: string, out: string): Promise<number> {
  // Loaded by whom it serves: the other jobs of this process do without.
  const { default: ExcelJS } = await import('exceljs')
  const result = await db.stream(text)
  const book = new ExcelJS.stream.xlsx.WorkbookWriter({ filename: out, useStyles: false, useSharedStrings: false })
  const sheet = book.addWorksheet('1', { views: [{ state: 'frozen', ySplit: 1 }] })
  const heads = Array.from({ length: result.columnCount }, (_, at) => cut(result.columnName(at)))
  sheet.addRow(heads).commit()
  let rows = 0
  for await (const chunk of result)
    for (const row of chunk.getRows()) {
      sheet.addRow(row.map((value) => (value === null ? null : cut(String(value))))).commit()
      rows += 1
    }
  sheet.commit()
  await book.commit()
  return rows
}
