import { quoteIdentifier } from '@huitong/policy'
import { canonicalTextSql } from './canonical-text.ts'
import { SegmentError } from './errors.ts'
import type { Column } from './manifest.ts'

// A row's message is: one byte of purpose, then each field as a netstring ('3:abc', '0:' for empty, '-' for NULL).
// Its digest is the first 64 bits of sha256(secret ‖ message). The sum, unlike XOR, sees a row that is there twice.

/** What to digest. Names are plain (unquoted) names. */
export interface DigestPlan {
  readonly schema: string
  readonly table: string
  /** Key columns; empty for a table without a key, whose rows are then told apart by all their columns. */
  readonly key: readonly string[]
  /** All columns that are compared, key included. `expression` replaces the column where a mask is applied. */
  readonly columns: readonly (Column & { readonly expression?: string })[]
  /** A power of two up to 2^20. */
  readonly buckets: number
  /** Ready SQL condition, or null for all rows. */
  readonly where: string | null
  /** False when the server's own encoding is not UTF8: lengths are then taken of the converted text. */
  readonly utf8Server?: boolean
}

/** A statement and its parameters, for `pg`. */
export interface SqlStatement {
  readonly text: string
  readonly values: readonly unknown[]
}

/** Modulus of the bucket sums. */
export const SUM_MODULUS = 1n << 64n
/** Bytes of the channel's secret. */
export const DIGEST_SECRET_BYTES = 32
const BUCKETS_MAX = 1 << 20

/**
 * Statement for the sums of all buckets that have rows: columns `bucket` (int), `rows` and `sum` (decimal text,
 * 0 ≤ sum < 2^64), ordered by bucket. Run it under `SESSION_SETTINGS`.
 * @param secret 32 bytes, known to both ends only, so that sums tell an outsider nothing.
 * @throws SegmentError `bad_argument`, `bad_column_type`.
 */
export function bucketSumsSql(plan: DigestPlan, secret: Uint8Array): SqlStatement {
  const modulus = SUM_MODULUS.toString()
  const text =
    `SELECT bucket, count(*)::text AS rows, mod(mod(sum(digest), ${modulus}) + ${modulus}, ${modulus})::text AS sum\n` +
    `FROM (${rowsSql(plan)}) AS digested GROUP BY bucket ORDER BY bucket`
  return { text, values: [checkSecret(secret)] }
}

/**
 * Statement for the rows of one bucket: `key` (text[] of canonical key texts, all columns when there is no key) and
 * `digest` (16 hex digits), ordered by key in byte order.
 * @param rowsMax most rows to return.
 */
export function bucketRowsSql(plan: DigestPlan, secret: Uint8Array, bucket: number, rowsMax: number): SqlStatement {
  checkBucket(plan, bucket)
  const text =
    `SELECT key, lpad(to_hex(digest), 16, '0') AS digest FROM (${rowsSql(plan, true)}) AS digested\n` +
    "WHERE bucket = $2 ORDER BY array_to_string(key, E'\\x01', E'\\x02') COLLATE \"C\", digest LIMIT $3"
  return { text, values: [checkSecret(secret), bucket, rowsMax] }
}

/**
 * Like {@link bucketRowsSql} for several buckets in one scan: columns `bucket`, `key` and `digest`, ordered by bucket.
 * @throws SegmentError `bad_argument`, `bad_column_type`.
 */
export function bucketsRowsSql(
  plan: DigestPlan,
  secret: Uint8Array,
  buckets: readonly number[],
  rowsMax: number,
): SqlStatement {
  for (const bucket of buckets) checkBucket(plan, bucket)
  const text =
    `SELECT bucket, key, lpad(to_hex(digest), 16, '0') AS digest FROM (${rowsSql(plan, true)}) AS digested\n` +
    'WHERE bucket = ANY($2::int[]) ORDER BY bucket LIMIT $3'
  return { text, values: [checkSecret(secret), [...buckets], rowsMax] }
}

/** @throws SegmentError `bad_argument`. */
export function checkBucket(plan: DigestPlan, bucket: number): void {
  if (!Number.isInteger(bucket) || bucket < 0 || bucket >= plan.buckets) {
    throw new SegmentError('bad_argument', `bucket ${bucket} of ${plan.buckets}`)
  }
}

function rowsSql(plan: DigestPlan, withKey = false): string {
  checkPlan(plan)
  const byName = new Map(plan.columns.map((column) => [column.name, column]))
  const canonical = (name: string) => {
    const column = byName.get(name)!
    return canonicalTextSql(column.expression ?? quoteIdentifier(name), column.type)
  }
  const keyNames = plan.key.length === 0 ? plan.columns.map((column) => column.name) : plan.key
  const rest = plan.columns.map((column) => column.name).filter((name) => !keyNames.includes(name))
  const names = [...keyNames, ...rest]
  const texts = names.map((name, i) => `${canonical(name)} AS t${i}`)
  const part = (from: number, to: number) =>
    names
      .slice(from, to)
      .map((_name, i) => netstringSql(`t${from + i}`, plan.utf8Server ?? true))
      .join(', ')
  const keyArray = withKey ? `, ARRAY[${keyNames.map((_name, i) => `t${i}`).join(', ')}] AS key` : ''
  const carriedKey = withKey ? ', key' : ''
  // OFFSET 0 keeps the planner from pulling the inner texts up and computing each of them twice.
  return (
    `SELECT (('x' || encode(substr(kd, 1, 4), 'hex'))::bit(32)::bigint & ${plan.buckets - 1})::int AS bucket, ` +
    `('x' || encode(substr(rd, 1, 8), 'hex'))::bit(64)::bigint AS digest${carriedKey} FROM (` +
    `SELECT sha256($1::bytea || convert_to('k' || k, 'UTF8')) AS kd, ` +
    `sha256($1::bytea || convert_to('r' || k || r, 'UTF8')) AS rd${carriedKey} FROM (` +
    `SELECT concat(${part(0, keyNames.length)}) AS k, ` +
    `${rest.length === 0 ? "''" : `concat(${part(keyNames.length, names.length)})`} AS r${keyArray} FROM (` +
    `SELECT ${texts.join(', ')} FROM ${quoteIdentifier(plan.schema)}.${quoteIdentifier(plan.table)}` +
    `${plan.where === null ? '' : ` WHERE ${plan.where}`} OFFSET 0) AS texts OFFSET 0) AS messages OFFSET 0) AS digests`
  )
}

function netstringSql(text: string, utf8Server: boolean): string {
  const length = utf8Server ? `octet_length(${text})` : `length(convert_to(${text}, 'UTF8'))`
  return `coalesce(${length}::text || ':' || ${text}, '-')`
}

/** @throws SegmentError `bad_argument` when `secret` has not {@link DIGEST_SECRET_BYTES}. */
export function checkSecret(secret: Uint8Array): Buffer {
  if (secret.length !== DIGEST_SECRET_BYTES) {
    throw new SegmentError('bad_argument', `secret is not ${DIGEST_SECRET_BYTES} bytes`)
  }
  return Buffer.from(secret)
}

/** @throws SegmentError `bad_argument` for a bucket count or a key that cannot be. */
export function checkPlan(plan: Pick<DigestPlan, 'key' | 'columns' | 'buckets'>): void {
  const { buckets, key, columns } = plan
  if (!Number.isInteger(buckets) || buckets < 1 || buckets > BUCKETS_MAX || (buckets & (buckets - 1)) !== 0) {
    throw new SegmentError('bad_argument', `buckets ${buckets} is not a power of two up to ${BUCKETS_MAX}`)
  }
  if (columns.length === 0) throw new SegmentError('bad_argument', 'no column to digest')
  for (const name of key) {
    if (!columns.some((column) => column.name === name)) {
      throw new SegmentError('bad_argument', `key column ${name} is not among the columns`)
    }
  }
}
