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

/** Writes the failing rows of a check as CSV with a head to `out`: the columns named, and between keys and values what is wrong. */
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
      out: Type.String({ pattern: '^/', maxLength: 4096 }),
    },
    { additionalProperties: false },
  ),
  run: async ({ path, keys, values, rules, title, only, out }, context): Promise<{ rows: number }> => {
    const db = await context.openDatabase()
    const wrong = rules.map((words, at) => `CASE WHEN ${breaks(at)} THEN ${literal(words)} END`)
    const shown = ({ column, title: head }: { column: string; title: string }) =>
      `${cell(`CAST(${identifier(column)} AS VARCHAR)`)} AS ${identifier(head)}`
    const columns = [
      ...keys.map(shown),
      `concat_ws('; ', ${wrong.join(', ')}) AS ${identifier(title)}`,
      ...values.map(shown),
    ]
    const rows = `${findingRows(path)} ${only === null ? '' : `WHERE ${breaks(only)}`}`
    await db.run(
      `COPY (SELECT ${columns.join(', ')} FROM ${rows} ORDER BY file_row_number) TO ${literal(out)} (FORMAT csv, HEADER)`,
    )
    const counted = await db.runAndReadAll(`SELECT count(*) FROM ${rows}`)
    return { rows: Number(counted.getRows()[0]![0]) }
  },
})
