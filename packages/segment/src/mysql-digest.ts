import { quoteIdentifier } from '@huitong/policy'
import { canonicalTextMysql, segmentTextMysql } from './mysql-text.ts'
import { checkBucket, checkPlan, checkSecret, type DigestPlan, SUM_MODULUS } from './row-digest.ts'

/**
 * Statement for the sums of all buckets, as `bucketSumsSql` gives PostgreSQL's, and with the same figures for the same
 * values. A row that is larger than the server's `max_allowed_packet` has NULL as its bucket.
 * @throws SegmentError `bad_argument`, `bad_column_type`.
 */
export function bucketSumsMysql(plan: DigestPlan, secret: Uint8Array): string {
  return (
    `SELECT bucket, cast(count(*) as char) AS "rows", cast(mod(sum(digest), ${SUM_MODULUS}) as char) AS sum ` +
    `FROM (${rowsMysql(plan, secret)}) AS digested GROUP BY bucket ORDER BY bucket`
  )
}

/**
 * Statement for the rows of several buckets: columns `bucket`, `digest` (16 hex digits) and the key's canonical texts as
 * `k0`, `k1`, …
 * @throws SegmentError `bad_argument`, `bad_column_type`.
 */
export function bucketsRowsMysql(
  plan: DigestPlan,
  secret: Uint8Array,
  buckets: readonly number[],
  rowsMax: number,
): string {
  for (const bucket of buckets) checkBucket(plan, bucket)
  const wanted = buckets.length === 0 ? 'false' : `bucket IN (${buckets.join(', ')}) OR bucket IS NULL`
  return `SELECT * FROM (${rowsMysql(plan, secret)}) AS digested WHERE ${wanted} ORDER BY bucket LIMIT ${Math.trunc(rowsMax)}`
}

function rowsMysql(plan: DigestPlan, secret: Uint8Array): string {
  checkPlan(plan)
  // A bare literal would be taken for text, which most secrets are not.
  const salt = `cast(x'${checkSecret(secret).toString('hex')}' as binary)`
  const byName = new Map(plan.columns.map((column) => [column.name, column]))
  const keyNames = plan.key.length === 0 ? plan.columns.map((column) => column.name) : plan.key
  const rest = plan.columns.map((column) => column.name).filter((name) => !keyNames.includes(name))
  const names = [...keyNames, ...rest]
  const texts = names.map((name, i) => {
    const { expression, type } = byName.get(name)!
    return `${canonicalTextMysql(expression ?? segmentTextMysql(quoteIdentifier(name), type), type)} AS k${i}`
  })
  const netstrings = (from: number, to: number) =>
    names
      .slice(from, to)
      .map((_name, i) => `coalesce(length(k${from + i}) || ':' || k${from + i}, '-')`)
      .join(', ')
  const keys = keyNames.map((_name, i) => `k${i}`).join(', ')
  const key = netstrings(0, keyNames.length)
  const all = netstrings(0, names.length)
  return (
    `SELECT cast(conv(left(kd, 8), 16, 10) as unsigned) & ${plan.buckets - 1} AS bucket, left(rd, 16) AS digest_hex, ` +
    `cast(conv(left(rd, 16), 16, 10) as decimal(20,0)) AS digest, ${keys} FROM (` +
    `SELECT sha2(concat(${salt}, 'k', ${key}), 256) AS kd, sha2(concat(${salt}, 'r', ${all}), 256) AS rd, ${keys} FROM (` +
    `SELECT ${texts.join(', ')} FROM ${quoteIdentifier(plan.schema)}.${quoteIdentifier(plan.table)}` +
    `${plan.where === null ? '' : ` WHERE ${plan.where}`}) AS texts) AS digests`
  )
}
