import type { FusionDefinition } from './definition.ts'
import { blockSql, comparedColumns, levelCount, patternSql, soundingFields } from './levels.ts'
import { prepareSounds, soundColumn } from './prepare.ts'
import { numberOf, quoted, rowsOf, text, type Sql } from './sql.ts'

/** A person's word about two records. */
export interface Decision {
  /** Of two records with one valid identifier that are told apart, this is the one that leaves. */
  readonly one: string
  readonly other: string
  readonly verdict: 'same' | 'different'
}

/** Pairs of one block; a larger block is left out, and told. */
export const BLOCK_PAIRS_MAX = 2_000_000
const SAMPLE_RECORDS = 1_200

/** What was made, and what was left out. */
export interface Candidates {
  readonly pairs: number
  /** For each blocking rule the pairs of blocks that were too large. */
  readonly leftOut: readonly number[]
}

/** Makes `fusion_decided (a, b, verdict)`, numbers of records, and `fusion_alone (n)`: records that share an identifier with another and are told apart from it. */
export async function prepareDecisions(sql: Sql, decisions: readonly Decision[]): Promise<void> {
  await sql.run('CREATE OR REPLACE TEMP TABLE fusion_word (one VARCHAR, other VARCHAR, verdict VARCHAR)')
  for (let at = 0; at < decisions.length; at += 5000) {
    const values = decisions
      .slice(at, at + 5000)
      .map(({ one, other, verdict }) => `(${text(one)}, ${text(other)}, ${text(verdict)})`)
    await sql.run(`INSERT INTO fusion_word VALUES ${values.join(', ')}`)
  }
  await sql.run(`CREATE OR REPLACE TEMP TABLE fusion_decided AS
    SELECT a.rowid AS a, b.rowid AS b, a.id AS "idA", b.id AS "idB", verdict FROM fusion_word w
      JOIN fusion_record a ON a.record = w.one JOIN fusion_record b ON b.record = w.other`)
  await sql.run(`CREATE OR REPLACE TEMP TABLE fusion_alone AS SELECT DISTINCT a AS n FROM fusion_decided
    WHERE verdict = 'different' AND "idA" = "idB"`)
}

/** A view `fusion_heard`: the records with how their names sound. */
async function hear(sql: Sql, definition: FusionDefinition): Promise<void> {
  const fields = soundingFields(definition)
  if (fields.length > 0) await prepareSounds(sql, 'fusion_record', fields)
  const joins: string[] = []
  for (const [at, field] of fields.entries()) {
    await sql.run(`CREATE OR REPLACE TEMP TABLE fusion_said_${at} AS
      SELECT v, string_agg(CASE WHEN place = 1 THEN s.first ELSE s.other END, ' ' ORDER BY place) AS said
      FROM (SELECT v, unnest(string_split(v, '')) AS c, unnest(range(1, length(v) + 1)) AS place
        FROM (SELECT DISTINCT ${quoted(field)} AS v FROM fusion_record WHERE ${quoted(field)} IS NOT NULL)) x
      JOIN fusion_sound s ON s.c = x.c GROUP BY v`)
    joins.push(`LEFT JOIN fusion_said_${at} s${at} ON s${at}.v = r.${quoted(field)}`)
  }
  const said = fields.map((field, at) => `, s${at}.said AS ${quoted(soundColumn(field))}`).join('')
  await sql.run(`CREATE OR REPLACE TEMP VIEW fusion_heard AS SELECT r.rowid AS n, r.*${said} FROM fusion_record r
    ${joins.join(' ')}`)
}

const keyName = (rule: number): string => `k${rule}`

/**
 * Makes `fusion_side`: the records that may be part of a pair, with their keys and the number of their entity (all of one
 * valid identifier are one entity). Where most have a valid identifier that is a small part of all.
 */
async function prepareSide(sql: Sql, definition: FusionDefinition): Promise<number[]> {
  const rules = definition.blocking.map((parts, rule) => `${blockSql(parts)} AS ${keyName(rule)}`)
  await sql.run(`CREATE OR REPLACE TEMP TABLE fusion_keys AS SELECT ${['n', 'id IS NULL AS residue', ...rules].join(', ')}
    FROM fusion_heard`)
  const met = definition.blocking.map(
    (_parts, rule) => `SELECT n FROM fusion_keys k WHERE NOT residue AND EXISTS
      (SELECT 1 FROM fusion_keys o WHERE o.residue AND o.${keyName(rule)} = k.${keyName(rule)})`,
  )
  const decided = ['SELECT a AS n FROM fusion_decided', 'SELECT b AS n FROM fusion_decided']
  const members = ['SELECT n FROM fusion_keys WHERE residue', ...met, ...decided]
  const rarities = definition.comparisons.filter((one) => one.termFrequency).map((one) => one.field)
  for (const field of rarities)
    await sql.run(`CREATE OR REPLACE TEMP TABLE ${quoted(`fusion_rarity_${field}`)} AS
      SELECT ${quoted(field)} AS v, (-log2(count(*) / sum(count(*)) OVER ()))::FLOAT AS bits
      FROM fusion_record WHERE ${quoted(field)} IS NOT NULL GROUP BY ALL`)
  const bits = rarities.map((field) => `, ${quoted(`t_${field}`)}.bits AS ${quoted(`${field}~bits`)}`).join('')
  const joins = rarities.map((field) => {
    const alias = quoted(`t_${field}`)
    return `LEFT JOIN ${quoted(`fusion_rarity_${field}`)} ${alias} ON ${alias}.v = h.${quoted(field)}`
  })
  const keys = definition.blocking.map((_parts, rule) => `, k.${keyName(rule)}`).join('')
  await sql.run(`CREATE OR REPLACE TEMP TABLE fusion_side AS SELECT h.*${keys}${bits},
      CASE WHEN h.id IS NULL OR l.n IS NOT NULL THEN h.n ELSE min(h.n) OVER (PARTITION BY h.id, l.n IS NULL) END AS entity,
      CASE WHEN h.id IS NOT NULL THEN min(h.n) OVER (PARTITION BY h.id) END AS "idNumber"
    FROM fusion_heard h JOIN (${members.join(' UNION ')}) m ON m.n = h.n JOIN fusion_keys k ON k.n = h.n
    LEFT JOIN fusion_alone l ON l.n = h.n ${joins.join(' ')}`)
  await sql.run('DROP TABLE fusion_keys')
  const leftOut: number[] = []
  for (const rule of definition.blocking.keys()) leftOut.push(await dropLargeBlocks(sql, keyName(rule)))
  return leftOut
}

async function dropLargeBlocks(sql: Sql, key: string): Promise<number> {
  await sql.run(`CREATE OR REPLACE TEMP TABLE fusion_large AS
    SELECT ${key} AS k, count_if(id IS NULL) * count(*) AS pairs FROM fusion_side WHERE ${key} IS NOT NULL
    GROUP BY ${key} HAVING count_if(id IS NULL) * count(*) > ${BLOCK_PAIRS_MAX}`)
  const leftOut = await numberOf(sql, 'SELECT coalesce(sum(pairs), 0)::DOUBLE FROM fusion_large')
  if (leftOut > 0) await sql.run(`UPDATE fusion_side SET ${key} = NULL WHERE ${key} IN (SELECT k FROM fusion_large)`)
  return leftOut
}

/** What two values have in common by being rare, in bits; only where they are equal. */
function raritySql({ comparisons }: FusionDefinition): string {
  const terms = comparisons
    .filter((one) => one.termFrequency)
    .map(
      ({ field }) => `CASE WHEN a.${quoted(field)} = b.${quoted(field)} THEN a.${quoted(`${field}~bits`)} ELSE 0 END`,
    )
  return terms.length === 0 ? '0::FLOAT' : `(${terms.join(' + ')})::FLOAT`
}

/** Makes `fusion_pair (a, b, mask, pattern, rarity)`: each pair once, however many rules find it. */
export async function preparePairs(
  sql: Sql,
  definition: FusionDefinition,
  onRule: (rule: number) => Promise<void> | void,
): Promise<Candidates> {
  await hear(sql, definition)
  const leftOut = await prepareSide(sql, definition)
  await sql.run('CREATE OR REPLACE TEMP TABLE fusion_candidate (a BIGINT, b BIGINT, mask USMALLINT)')
  const rules = [...definition.blocking.keys()]
  const same = (rule: number) => `coalesce(a.${keyName(rule)} = b.${keyName(rule)}, false)`
  for (const rule of rules) {
    await onRule(rule)
    const mask = rules.map((other) => (other === rule ? String(2 ** rule) : `${same(other)}::INTEGER * ${2 ** other}`))
    const before = rules.slice(0, rule).map((other) => ` AND NOT ${same(other)}`)
    await sql.run(`INSERT INTO fusion_candidate SELECT a.n, b.n, (${mask.join(' + ')})::USMALLINT
      FROM fusion_side a JOIN fusion_side b ON a.${keyName(rule)} = b.${keyName(rule)}
      WHERE a.id IS NULL AND (b.id IS NOT NULL OR a.n < b.n)${before.join('')}`)
  }
  await onRule(rules.length)
  const { comparisons } = definition
  // From a table of pairs, so that the work is shared out by pairs and not by records.
  await sql.run(`CREATE OR REPLACE TEMP TABLE fusion_pair AS SELECT a, b, mask, ${patternSql(comparisons)} AS pattern, rarity
    FROM (SELECT ${['c.a', 'c.b', 'c.mask', `${raritySql(definition)} AS rarity`, comparedColumns(comparisons)].join(', ')}
      FROM fusion_candidate c JOIN fusion_side a ON a.n = c.a JOIN fusion_side b ON b.n = c.b) q`)
  await sql.run('DROP TABLE fusion_candidate')
  return { pairs: await numberOf(sql, 'SELECT count(*) FROM fusion_pair'), leftOut }
}

/** How often each pattern occurs, among the candidates by rules, and among pairs drawn by chance. */
export async function countPatterns(
  sql: Sql,
  definition: FusionDefinition,
): Promise<Record<'candidates' | 'random', [mask: number, pattern: number, count: number][]>> {
  const numbers = (rows: unknown[][]) =>
    rows.map(([mask, pattern, count]): [number, number, number] => [Number(mask), Number(pattern), Number(count)])
  await sql.run(
    `CREATE OR REPLACE TEMP TABLE fusion_sample AS SELECT * FROM fusion_heard ORDER BY hash(n) LIMIT ${SAMPLE_RECORDS}`,
  )
  await sql.run(`CREATE OR REPLACE TEMP TABLE fusion_drawn AS SELECT a.n AS a, b.n AS b
    FROM fusion_sample a JOIN fusion_sample b ON a.n < b.n`)
  const drawn = `SELECT 0, ${patternSql(definition.comparisons)} AS pattern, count(*)
    FROM (SELECT ${comparedColumns(definition.comparisons)} FROM fusion_drawn d
      JOIN fusion_sample a ON a.n = d.a JOIN fusion_sample b ON b.n = d.b) q GROUP BY pattern`
  return {
    candidates: numbers(await rowsOf(sql, 'SELECT mask, pattern, count(*) FROM fusion_pair GROUP BY mask, pattern')),
    random: numbers(await rowsOf(sql, drawn)),
  }
}

/** For each blocking rule the places of the comparisons that agree by the rule itself. */
export function decidedBy({ blocking, comparisons }: FusionDefinition): number[][] {
  return blocking.map((parts) =>
    comparisons.flatMap(({ field }, at) => (parts.some((part) => part.field === field) ? [at] : [])),
  )
}

/** Numbers of levels of the comparisons. */
export const sizesOf = ({ comparisons }: FusionDefinition): number[] => comparisons.map(levelCount)
