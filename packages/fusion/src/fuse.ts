import { Clusters } from './clusters.ts'
import type { FusionDefinition } from './definition.ts'
import { bitsOf, estimate, weightOf, type Model, type PatternCount } from './em.ts'
import { levelsOf } from './levels.ts'
import { countPatterns, decidedBy, prepareDecisions, preparePairs, sizesOf, type Decision } from './pairs.ts'
import { prepareRecords } from './prepare.ts'
import { numberOf, rowsOf, type Sql } from './sql.ts'

/** Where a fusion is. */
export type Stage = 'records' | 'pairs' | 'estimate' | 'clusters' | 'review'

export interface FusionInput {
  /** SQL after FROM, with `record` (text, unique), `source` (integer) and a text column for each field. */
  readonly relation: string
  readonly decisions: readonly Decision[]
  /** The day until which birth dates of valid numbers lie, YYYY-MM-DD. */
  readonly asOf: string
  /** Told at each step; `at` of `of` where a stage has parts. Throwing ends the fusion. */
  readonly onProgress?: (stage: Stage, at: number, of: number) => Promise<void> | void
}

export interface FusionSummary {
  readonly records: number
  /** Records whose identifier is valid. */
  readonly identified: number
  readonly clusters: number
  readonly candidatePairs: number
  /** For each blocking rule: pairs of blocks that were too large to be looked at. */
  readonly leftOutPairs: readonly number[]
  /** Pairs that probability brought together. */
  readonly matchedPairs: number
  /** Pairs for a person to decide. */
  readonly reviewPairs: number
  /** Pairs that were likely one, but would have joined two valid identifiers, or what a person told apart. */
  readonly refusedPairs: number
  /** Words of persons that could not be followed: they would join two valid identifiers. */
  readonly refusedDecisions: number
  readonly model: Model | null
}

/**
 * Fuses records: all of one valid identifier are one; the others are compared in the pairs that blocking finds, weighed after
 * Fellegi and Sunter, and joined from the heaviest pair down, never across two different valid identifiers. Leaves the
 * temporary tables `fusion_record`, `fusion_cluster (n, cluster)` and `fusion_review (a, b, weight, pattern, refused)`; a
 * cluster is called by its identifier, or by `record:` and its first record.
 */
export async function fuse(sql: Sql, definition: FusionDefinition, input: FusionInput): Promise<FusionSummary> {
  const tell = async (stage: Stage, at = 0, of = 1): Promise<void> => input.onProgress?.(stage, at, of)
  await tell('records')
  await prepareRecords(sql, definition, input.relation, input.asOf)
  await prepareDecisions(sql, input.decisions)
  const [records, identified] = (await rowsOf(sql, 'SELECT count(*), count(id) FROM fusion_record'))[0]!.map(Number)
  const residue = records! - identified!
  const rules = definition.blocking.length
  const { pairs, leftOut } = await preparePairs(sql, definition, (rule) => tell('pairs', rule, rules + 1))
  await tell('estimate')
  const everyPair = residue * identified! + (residue * (residue - 1)) / 2
  const model = pairs === 0 ? null : await weigh(sql, definition, everyPair)
  await tell('clusters')
  const joined = await joinEntities(sql, definition, model !== null)
  await nameClusters(sql)
  await tell('review')
  await keepReview(sql)
  const count = (of: string) => numberOf(sql, `SELECT ${of}`)
  return {
    records: records!,
    identified: identified!,
    clusters: await count('count(DISTINCT cluster) FROM fusion_cluster'),
    candidatePairs: pairs,
    leftOutPairs: leftOut,
    ...joined,
    reviewPairs: await count('count(*) FROM fusion_review'),
    model,
  }
}

/** Estimates the model and makes `fusion_scored (a, b, pattern, weight)`: the pairs that are at least for review. */
async function weigh(sql: Sql, definition: FusionDefinition, everyPair: number): Promise<Model> {
  const { comparisons } = definition
  const counted = await countPatterns(sql, definition)
  const spelled = (rows: [number, number, number][]): PatternCount[] =>
    rows.map(([mask, pattern, count]) => ({ mask, levels: levelsOf(pattern, comparisons), count }))
  const [candidates, random] = [spelled(counted.candidates), spelled(counted.random)]
  const given = { sizes: sizesOf(definition), candidates, random, decided: decidedBy(definition), pairs: everyPair }
  const model = estimate(given)
  const rarity = comparisons.map((one) => one.termFrequency)
  const patterns = [...new Set(counted.candidates.map(([, pattern]) => pattern))]
  await sql.run('CREATE OR REPLACE TEMP TABLE fusion_weight (pattern BIGINT, weight DOUBLE)')
  const values = patterns.map((one) => `(${one}, ${weightOf(levelsOf(one, comparisons), model, rarity)})`)
  for (let at = 0; at < values.length; at += 10_000)
    await sql.run(`INSERT INTO fusion_weight VALUES ${values.slice(at, at + 10_000).join(', ')}`)
  await sql.run(`CREATE OR REPLACE TEMP TABLE fusion_scored AS SELECT a, b, p.pattern, w.weight + p.rarity AS weight
    FROM fusion_pair p JOIN fusion_weight w ON w.pattern = p.pattern
    WHERE w.weight + p.rarity >= ${bitsOf(definition.thresholds.review)}`)
  return model
}

type Joined = Pick<FusionSummary, 'matchedPairs' | 'refusedPairs' | 'refusedDecisions'>

/** Makes `fusion_joined (entity, root)` and `fusion_refused (a, b)`. */
async function joinEntities(sql: Sql, definition: FusionDefinition, isScored: boolean): Promise<Joined> {
  const clusters = new Clusters()
  for (const [entity, id] of await rowsOf(
    sql,
    `SELECT DISTINCT entity, "idNumber" FROM fusion_side s
      WHERE id IS NOT NULL`,
  ))
    clusters.identify(Number(entity), Number(id))
  const words = await rowsOf(
    sql,
    `SELECT d.verdict, a.entity, b.entity FROM fusion_decided d
    JOIN fusion_side a ON a.n = d.a JOIN fusion_side b ON b.n = d.b ORDER BY d.verdict, d.a, d.b`,
  )
  let refusedDecisions = 0
  // "different" comes first in the alphabet too.
  for (const [verdict, a, b] of words) {
    if (verdict === 'different') clusters.keepApart(Number(a), Number(b))
    else if (!clusters.join(Number(a), Number(b))) refusedDecisions++
  }
  let [matchedPairs, refusedPairs] = [0, 0]
  await sql.run('CREATE OR REPLACE TEMP TABLE fusion_refused (a BIGINT, b BIGINT)')
  if (!isScored)
    await sql.run(`CREATE OR REPLACE TEMP TABLE fusion_scored (a BIGINT, b BIGINT, pattern BIGINT, weight DOUBLE)`)
  const refused: [string, string][] = []
  const edges = sql.stream(`SELECT p.a, p.b, a.entity, b.entity FROM fusion_scored p
    JOIN fusion_side a ON a.n = p.a JOIN fusion_side b ON b.n = p.b
    WHERE p.weight >= ${bitsOf(definition.thresholds.match)} ORDER BY p.weight DESC, p.a, p.b`)
  for await (const [a, b, one, other] of edges)
    for (let at = 0; at < a!.length; at++) {
      matchedPairs++
      if (clusters.join(Number(one![at]), Number(other![at]))) continue
      refusedPairs++
      matchedPairs--
      refused.push([String(a![at]), String(b![at])])
    }
  await insert(sql, 'fusion_refused', refused)
  await sql.run('CREATE OR REPLACE TEMP TABLE fusion_joined (entity BIGINT, root BIGINT)')
  await insert(sql, 'fusion_joined', [...clusters.joined()])
  return { matchedPairs, refusedPairs, refusedDecisions }
}

/** Lists are read much faster than rows of values. */
async function insert(sql: Sql, table: string, pairs: readonly (readonly [unknown, unknown])[]): Promise<void> {
  for (let from = 0; from < pairs.length; from += 50_000) {
    const some = pairs.slice(from, from + 50_000)
    const column = (at: 0 | 1) => `unnest([${some.map((one) => String(one[at])).join(', ')}])`
    await sql.run(`INSERT INTO ${table} SELECT ${column(0)}, ${column(1)}`)
  }
}

/** Makes `fusion_cluster`: of records that nothing brought together the identifier says the cluster, and without one their own name. */
async function nameClusters(sql: Sql): Promise<void> {
  await sql.run(`CREATE OR REPLACE TEMP TABLE fusion_grown AS
    WITH member AS (SELECT s.n, s.id, s.record, coalesce(j.root, s.entity) AS root
      FROM fusion_side s LEFT JOIN fusion_joined j ON j.entity = s.entity)
    SELECT n, coalesce(min(CASE WHEN isGroup THEN id END) OVER w, 'record:' || min(record) OVER w) AS cluster
    FROM (SELECT m.*, l.n IS NULL AND id IS NOT NULL AS isGroup FROM member m LEFT JOIN fusion_alone l ON l.n = m.n)
    WINDOW w AS (PARTITION BY root)`)
  // The others of an identifier go where those went that were part of a pair.
  await sql.run(`CREATE OR REPLACE TEMP TABLE fusion_cluster AS
    SELECT r.rowid AS n, coalesce(g.cluster, r.id, 'record:' || r.record) AS cluster
    FROM fusion_record r LEFT JOIN fusion_grown g ON g.n = r.rowid`)
}

/** Makes `fusion_review`: the heaviest pair of each two clusters that a person has not told apart yet. */
async function keepReview(sql: Sql): Promise<void> {
  await sql.run(`CREATE OR REPLACE TEMP TABLE fusion_review AS
    SELECT p.a, p.b, p.weight, p.pattern, f.a IS NOT NULL AS refused FROM fusion_scored p
      JOIN fusion_cluster x ON x.n = p.a JOIN fusion_cluster y ON y.n = p.b
      LEFT JOIN fusion_refused f ON f.a = p.a AND f.b = p.b
    WHERE x.cluster <> y.cluster AND NOT EXISTS (SELECT 1 FROM fusion_decided d JOIN fusion_cluster s ON s.n = d.a
        JOIN fusion_cluster t ON t.n = d.b WHERE d.verdict = 'different' AND ((s.cluster = x.cluster AND t.cluster = y.cluster)
        OR (s.cluster = y.cluster AND t.cluster = x.cluster)))
    QUALIFY row_number() OVER (PARTITION BY least(x.cluster, y.cluster), greatest(x.cluster, y.cluster)
      ORDER BY p.weight DESC, p.a, p.b) = 1`)
}
