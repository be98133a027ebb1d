import { LakeFiles, openLake } from './lake-relation.ts'
import { identifier, literal } from './sql-text.ts'
import { NARROW, SPACE_RE2, WIDE } from '@huitong/recipes'
import { Type } from 'typebox'
import { defineJob } from '../job.ts'

export interface ValueGroups {
  rows: number
  distinct: number
  /** The most frequent values. */
  values: { value: string | null; rows: number }[]
  /** Values that differ only in width, case, spaces, signs or the order of their words, the most frequent first. */
  groups: { values: { value: string; rows: number }[] }[]
}

const GROUP_MAX = 30

/**
 * What a column of texts holds: its frequent values, and groups of values that are probably one (the fingerprint method of
 * OpenRefine, with compatibility forms folded): same words after NFKC, lower case, without signs and spaces.
 */
export const groupValues = defineJob({
  input: Type.Object(
    {
      column: Type.String({ minLength: 1, maxLength: 255 }),
      table: LakeFiles,
      valuesMax: Type.Integer({ minimum: 1, maximum: 500 }),
      groupsMax: Type.Integer({ minimum: 1, maximum: 200 }),
    },
    { additionalProperties: false },
  ),
  run: async ({ column, table, valuesMax, groupsMax }, context): Promise<ValueGroups> => {
    const db = await context.openDatabase()
    await openLake(db, 'source', table)
    await db.run(
      `CREATE TEMP TABLE held AS SELECT CAST(${identifier(column)} AS VARCHAR) AS value, count(*) AS n FROM source GROUP BY 1`,
    )
    const ask = async (sql: string) => (await db.runAndReadAll(sql)).getRowObjectsJson()
    const [totals] = await ask('SELECT coalesce(sum(n), 0)::BIGINT AS rows, count(value) AS different FROM held')
    const values = await ask(`SELECT value, n FROM held ORDER BY n DESC, value LIMIT ${valuesMax}`)
    const words = `list_sort(list_distinct(string_split_regex(trim(regexp_replace(lower(nfc_normalize(strip_accents(
      translate(value, ${literal(WIDE)}, ${literal(NARROW)})))), '[\\pP\\pS]+', ' ', 'g')), '${SPACE_RE2}+')))`
    const groups =
      await ask(`SELECT list(struct_pack(value := value, n := n) ORDER BY n DESC, value)[1:${GROUP_MAX}] AS members, sum(n) AS total
      FROM (SELECT value, n, array_to_string(${words}, ' ') AS print FROM held WHERE value <> '') WHERE print <> ''
      GROUP BY print HAVING count(*) > 1 ORDER BY total DESC, print LIMIT ${groupsMax}`)
    return {
      rows: Number(totals!['rows']),
      distinct: Number(totals!['different']),
      values: values.map((row) => ({ value: row['value'] as string | null, rows: Number(row['n']) })),
      groups: groups.map((row) => ({
        values: (row['members'] as unknown as { value: string; n: string }[]).map(({ value, n }) => ({
          value,
          rows: Number(n),
        })),
      })),
    }
  },
})
