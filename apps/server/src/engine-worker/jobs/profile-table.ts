import { LakeFiles, openLake } from './lake-relation.ts'
import { identifier, literal } from './sql-text.ts'
import { Type } from 'typebox'
import type { ColumnClass, ColumnProfile } from '@huitong/quality'
import { defineJob } from '../job.ts'

/** Values of columns with no more than so many are listed. */
const LISTED_MAX = 50

const FORMS: Readonly<Record<keyof ColumnProfile['forms'], string>> = {
  id_number: '[1-9][0-9]{16}[0-9X]',
  credit_code: '[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}',
  mobile: '1[3-9][0-9]{9}',
  iso: '[0-9]{4}-[0-9]{2}-[0-9]{2}',
  basic: '(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])',
  slash: '[0-9]{4}/[0-9]{2}/[0-9]{2}',
  spaced: '\\s.*|.*\\s',
}

export interface TableProfile {
  /** Rows that were looked at: all of the table, or the first ones of a large one. */
  rows: number
  whole: boolean
  columns: Record<string, ColumnProfile>
}

/** Counts what the columns of a landed table hold, in the first `rowsMax` rows: missing and different values, lengths, forms. */
export const profileTable = defineJob({
  input: Type.Object(
    {
      columns: Type.Record(Type.String(), Type.Unsafe<ColumnClass>({ type: 'string', maxLength: 20 })),
      table: LakeFiles,
      rowsMax: Type.Integer({ minimum: 1, maximum: 10_000_000 }),
    },
    { additionalProperties: false },
  ),
  run: async ({ columns, table, rowsMax }, context): Promise<TableProfile> => {
    const db = await context.openDatabase()
    const names = Object.keys(columns)
    await openLake(db, 'looked at', table)
    await db.run(
      `CREATE TEMP TABLE part AS SELECT ${names.map((one) => `CAST(${identifier(one)} AS VARCHAR) AS ${identifier(one)}`).join(', ')}
        FROM "looked at" LIMIT ${rowsMax + 1}`,
    )
    const one = async (sql: string) => (await db.runAndReadAll(sql)).getRowObjects()[0]! as Record<string, unknown>
    const counted = await one(
      `SELECT count(*) AS "#rows", ${names.flatMap((name, at) => countsOf(name, at, columns[name]!)).join(', ')} FROM (FROM part LIMIT ${rowsMax})`,
    )
    const rows = Number(counted['#rows'])
    const whole = Number((await one('SELECT count(*) AS n FROM part'))['n']) <= rowsMax
    const profiles: Record<string, ColumnProfile> = {}
    for (const [at, name] of names.entries()) {
      const number = (key: string) => (counted[`${key}${at}`] === null ? null : Number(counted[`${key}${at}`]))
      const distinct = number('#d') ?? 0
      const listed = distinct > 0 && distinct <= LISTED_MAX && columns[name] === 'text'
      const values = listed
        ? (
            await db.runAndReadAll(`SELECT ${identifier(name)} AS value, count(*) AS n FROM (FROM part LIMIT ${rowsMax})
              WHERE ${identifier(name)} <> '' GROUP BY 1 ORDER BY n DESC, value LIMIT ${LISTED_MAX}`)
          )
            .getRowObjects()
            .map((row) => ({ value: String(row['value']), count: Number(row['n']) }))
        : null
      profiles[name] = {
        rows,
        missing: number('#m') ?? 0,
        distinct,
        minLength: number('#l'),
        maxLength: number('#u'),
        forms: Object.fromEntries(
          Object.keys(FORMS).map((form) => [form, number(`#${form}`) ?? 0]),
        ) as ColumnProfile['forms'],
        values,
      }
    }
    return { rows, whole, columns: profiles }
  },
})

function countsOf(name: string, at: number, holds: ColumnClass): string[] {
  const x = identifier(name)
  const forms = holds === 'text' ? Object.entries(FORMS) : []
  return [
    `count_if(${x} IS NULL OR ${x} = '') AS "#m${at}"`,
    `approx_count_distinct(nullif(${x}, '')) AS "#d${at}"`,
    `min(length(nullif(${x}, ''))) AS "#l${at}"`,
    `max(length(nullif(${x}, ''))) AS "#u${at}"`,
    ...forms.map(([form, pattern]) => `count_if(regexp_full_match(${x}, ${literal(pattern)})) AS "#${form}${at}"`),
  ]
}
