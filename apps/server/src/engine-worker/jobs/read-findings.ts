import { MASK_BITS } from '@huitong/quality'
import { Type } from 'typebox'
import { defineJob } from '../job.ts'
import { identifier, literal } from './sql-text.ts'

export interface FindingRow {
  /** Place in the file: where a next page starts. */
  at: string
  key: (string | null)[]
  /** Places of the rules in the suite. */
  rules: number[]
  values: { item: string; value: string | null }[]
}

/** A page of the failing rows of a check, in the order of their keys. */
export const readFindings = defineJob({
  input: Type.Object(
    {
      path: Type.String({ pattern: '^/', maxLength: 4096 }),
      key: Type.Array(Type.String({ minLength: 1, maxLength: 255 }), { minItems: 1 }),
      /** Only rows that break this rule. */
      rule: Type.Union([Type.Integer({ minimum: 0, maximum: 511 }), Type.Null()]),
      after: Type.String({ pattern: '^-?\\d{1,18}$' }),
      limit: Type.Integer({ minimum: 1, maximum: 201 }),
    },
    { additionalProperties: false },
  ),
  run: async ({ path, key, rule, after, limit }, context): Promise<{ rows: FindingRow[] }> => {
    const db = await context.openDatabase()
    const mask = (at: number) => `(${identifier(`#m${Math.floor(at / MASK_BITS)}`)} >> ${at % MASK_BITS}) & 1 = 1`
    // Ordered before the texts are made: as texts the tenth row would come before the second.
    const page = `SELECT * FROM read_parquet(${literal(path)}, file_row_number = true)
      WHERE file_row_number > ${after} ${rule === null ? '' : `AND ${mask(rule)}`} ORDER BY file_row_number LIMIT ${limit}`
    const read = await db.runAndReadAll(`SELECT COLUMNS(*)::VARCHAR FROM (${page}) p ORDER BY p.file_row_number`)
    const rows = read.getRowObjects() as Record<string, string | null>[]
    return {
      rows: rows.map((row) => ({
        at: row['file_row_number']!,
        key: key.map((name) => row[name] ?? null),
        rules: rulesOf(row),
        values: Object.entries(row).flatMap(([name, value]) =>
          name.startsWith('#v') ? [{ item: name.slice(2), value }] : [],
        ),
      })),
    }
  },
})

function rulesOf(row: Record<string, string | null>): number[] {
  const masks = Object.keys(row).filter((name) => /^#m\d+$/.test(name))
  return masks.flatMap((name) => {
    const mask = BigInt(row[name]!)
    const first = Number(name.slice(2)) * MASK_BITS
    return Array.from({ length: MASK_BITS }, (_, bit) => bit)
      .filter((bit) => (mask >> BigInt(bit)) & 1n)
      .map((bit) => first + bit)
  })
}
