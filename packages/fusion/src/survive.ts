import { numberOf, quoted, type Sql } from './sql.ts'

/** Which of several values of a field stands in the master record. */
export interface Survivorship {
  readonly field: string
  /** Sources in the order in which they are believed; those not named come after. */
  readonly authority: readonly number[]
  /** What is asked first, second, third. */
  readonly order: readonly ('authority' | 'freshness' | 'completeness')[]
}

/** Bits of the parts of the number by which values are ranked: the lowest wins. */
const BITS = { authority: 5, freshness: 26, completeness: 5, record: 27 } as const
const RECORDS_MAX = 2 ** BITS.record

/**
 * Makes `fusion_master (cluster, members, v_<field>, p_<field>)` from `kept`: SQL after FROM with `n` (number of the record), `cluster`,
 * `source`, `fresh` (minutes since 1970, NULL where not known) and a text column for each field. `p_<field>` is the
 * number of the record that gave the value. @throws RangeError for more than 134 million records.
 */
export async function survive(sql: Sql, kept: string, rules: readonly Survivorship[]): Promise<void> {
  const last = await numberOf(sql, `SELECT coalesce(max(n), 0) FROM ${kept}`)
  if (last >= RECORDS_MAX) throw new RangeError(`more than ${RECORDS_MAX} records`)
  const filled = rules
    .map(({ field }) => `(${quoted(field)} IS NOT NULL AND ${quoted(field)} <> '')::INTEGER`)
    .join(' + ')
  const places = new Map<string, string>()
  const ranked = rules.map((rule) => {
    const sqlOf = rankSql(rule)
    const name = places.get(sqlOf) ?? quoted(`#rank${places.size}`)
    places.set(sqlOf, name)
    return { field: rule.field, rank: name }
  })
  const values = ranked.flatMap(({ field, rank }) => {
    const there = `FILTER (${quoted(field)} <> '')`
    return [
      `arg_min(${quoted(field)}, ${rank}) ${there} AS ${quoted(`v_${field}`)}`,
      `min(${rank}) ${there} & ${RECORDS_MAX - 1} AS ${quoted(`p_${field}`)}`,
    ]
  })
  const ranks = [...places].map(([rank, name]) => `${rank} AS ${name}`)
  await sql.run(`CREATE OR REPLACE TEMP TABLE fusion_master AS SELECT ${['cluster', 'count(*)::INTEGER AS members', ...values].join(', ')}
    FROM (SELECT ${['*', ...ranks].join(', ')} FROM (SELECT *, ${filled} AS "#filled" FROM ${kept}) k) r GROUP BY cluster`)
}

/** The rank of a value of a record: the criteria in their order, and last the record's own number, so that no two are equal. */
function rankSql({ authority, order }: Survivorship): string {
  const most = (bits: number) => 2 ** bits - 1
  const places = authority.slice(0, most(BITS.authority)).map((source, at) => `WHEN ${source} THEN ${at}`)
  const parts = {
    authority: places.length === 0 ? '0' : `CASE source ${places.join(' ')} ELSE ${places.length} END`,
    freshness: `${most(BITS.freshness)} - least(greatest(coalesce(fresh, 0), 0), ${most(BITS.freshness)})`,
    completeness: `${most(BITS.completeness)} - least("#filled", ${most(BITS.completeness)})`,
  }
  const asked = [...new Set(order)]
  const sum = asked.reduce((sql, part) => `(${sql}) * ${2 ** BITS[part]}::BIGINT + (${parts[part]})`, '0::BIGINT')
  return `(${sum}) * ${RECORDS_MAX}::BIGINT + n`
}
