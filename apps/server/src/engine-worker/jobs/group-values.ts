import { LakeFiles, openLake } from './lake-relation.ts'
import { identifier, literal } from './sql-text.ts'
import { NARROW, SPACE_RE2, WIDE } from '@huitong/recipes'
import type { DuckDBConnection } from '@duckdb/node-api'
import { Type } from 'typebox'
import { defineJob } from '../job.ts'

export interface ValueGroups {
  rows: number
  distinct: number
  /** So many different values that they were not compared. */
  tooMany: boolean
  /** The most frequent values. */
  values: { value: string | null; rows: number }[]
  /** Values that are probably one, the most frequent first. */
  groups: { values: { value: string; rows: number }[] }[]
}

const GROUP_MAX = 30
/** A value that is longer is nothing that people would bring together by hand. */
const LENGTH_MAX = 200
/** More different values than these are no list of codes or names: they are counted, not compared. */
const COMPARED_MAX = 1_000_000

/** Signs that only divide words; those that say something (`+ - < > . / :`) stay. */
const DIVIDING = `[,;、。()\\[\\]{}"'“”‘’·_!?《》〈〉「」『』【】]+`
const FOLDED = `lower(nfc_normalize(strip_accents(translate(value, ${literal(WIDE)}, ${literal(NARROW)}))))`
const SPACED = `regexp_replace(regexp_replace(${FOLDED}, ${literal(DIVIDING)}, ' ', 'g'), '${SPACE_RE2}+', ' ', 'g')`
/** The order of words says nothing in a name, and everything in a date or number. */
const PRINT = `CASE WHEN regexp_matches(value, '[0-9０-９]') THEN replace(${SPACED}, ' ', '')
  ELSE array_to_string(list_sort(list_distinct(string_split(trim(${SPACED}), ' '))), ' ') END`

/**
 * What a column of texts holds: its frequent values, and groups of values that are probably one (the fingerprint method of
 * OpenRefine): alike but for width, letter case, accents, spaces, dividing signs, and in texts without digits the order of words.
 */
export const groupValues = defineJob({
  input: Type.Object(
    {
      column: Type.String({ minLength: 1, maxLength: 255 }),
      table: LakeFiles,
      valuesMax: Type.Integer({ minimum: 0, maximum: 500 }),
      groupsMax: Type.Integer({ minimum: 0, maximum: 200 }),
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
    const distinct = Number(totals!['different'])
    const tooMany = distinct > COMPARED_MAX
    const values = await ask(`SELECT value, n FROM held WHERE value IS NULL OR length(value) <= ${LENGTH_MAX}
      ORDER BY n DESC, value LIMIT ${valuesMax}`)
    const groups = tooMany || groupsMax === 0 ? [] : await ask(await groupsOf(db, groupsMax))
    return {
      rows: Number(totals!['rows']),
      distinct,
      tooMany,
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

/** Prints that several values share are found first, so that values are gathered for these alone. */
async function groupsOf(db: DuckDBConnection, groupsMax: number): Promise<string> {
  await db.run(`CREATE TEMP TABLE prints AS SELECT value, n, ${PRINT} AS print FROM held
    WHERE value <> '' AND length(value) <= ${LENGTH_MAX}`)
  return `SELECT list(struct_pack(value := value, n := n) ORDER BY n DESC, value)[1:${GROUP_MAX}] AS members FROM prints
    JOIN (SELECT print, sum(n) AS total FROM prints WHERE print <> '' GROUP BY print HAVING count(*) > 1
      ORDER BY total DESC, print LIMIT ${groupsMax}) shared USING (print)
    GROUP BY print, total ORDER BY total DESC, print`
}
