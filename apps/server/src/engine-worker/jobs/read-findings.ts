import { MASK_BITS } from '@huitong/quality'
import { Type } from 'typebox'
import { defineJob } from '../job.ts'
import { breaks, FindingFile, findingRows, Key, keysDiffer, RulePlace, sameKey } from './finding-file.ts'

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
      path: FindingFile,
      key: Key,
      /** Only rows that break this rule. */
      rule: Type.Union([RulePlace, Type.Null()]),
      /** Only rows that do not break this rule in another check's file. */
      unlike: Type.Optional(Type.Object({ path: FindingFile, rule: RulePlace }, { additionalProperties: false })),
      after: Type.String({ pattern: '^-?\\d{1,18}$' }),
      limit: Type.Integer({ minimum: 1, maximum: 201 }),
    },
    { additionalProperties: false },
  ),
  run: async ({ path, key, rule, unlike, after, limit }, context): Promise<{ rows: FindingRow[] }> => {
    const db = await context.openDatabase()
    const isOther =
      unlike === undefined
        ? ''
        : `AND NOT EXISTS (SELECT 1 FROM ${findingRows(unlike.path)} o WHERE ${breaks(unlike.rule, 'o')}
            AND ${sameKey(key, ['o', 'f'], await keysDiffer(db, [path, unlike.path], key))})`
    // Ordered before the texts are made: as texts the tenth row would come before the second.
    const page = `SELECT * FROM ${findingRows(path)} f
      WHERE file_row_number > ${after} ${rule === null ? '' : `AND ${breaks(rule, 'f')}`} ${isOther} ORDER BY file_row_number LIMIT ${limit}`
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
