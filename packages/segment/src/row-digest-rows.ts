import { createHash } from 'node:crypto'
import { canonicalText } from './canonical-text.ts'
import { parseCsvRows } from './csv.ts'
import { SegmentError } from './errors.ts'
import type { Column } from './manifest.ts'
import { checkPlan, checkSecret, SUM_MODULUS } from './row-digest.ts'

/** Count and modular sum of one bucket; the same figures as `bucketSumsSql` gives. */
export interface BucketSum {
  readonly bucket: number
  /** Decimal text. */
  readonly rows: string
  /** Decimal text, 0 ≤ sum < 2^64. */
  readonly sum: string
}

/** One row of a bucket: its key's canonical texts and the first 64 bits of its digest in hex. */
export interface RowDigest {
  readonly bucket: number
  readonly key: readonly (string | null)[]
  readonly digest: string
}

/** What to digest: the CSV's columns in order, and the key's names (empty: all columns). */
export interface RowsDigestPlan {
  readonly columns: readonly Column[]
  readonly key: readonly string[]
  readonly buckets: number
}

/** The digest of each row of CSV text, without a database. @throws SegmentError `bad_csv`, `bad_text`, `bad_argument`. */
export function* digestRows(
  csv: Uint8Array,
  plan: RowsDigestPlan,
  secret: Uint8Array,
): Generator<RowDigest, void, undefined> {
  checkPlan(plan)
  const salt = checkSecret(secret)
  const names = plan.columns.map((column) => column.name)
  const keyNames = plan.key.length === 0 ? names : plan.key
  const keyAt = keyNames.map((name) => names.indexOf(name))
  const restAt = names.map((_name, i) => i).filter((i) => !keyAt.includes(i))
  for (const fields of parseCsvRows(csv)) {
    if (fields.length !== names.length) {
      throw new SegmentError('bad_csv', `${fields.length} fields for ${names.length} columns`)
    }
    const texts = fields.map((field, i) => (field === null ? null : canonicalText(field, plan.columns[i]!.type)))
    const key = Buffer.concat(keyAt.map((i) => netstring(texts[i]!)))
    const rest = Buffer.concat(restAt.map((i) => netstring(texts[i]!)))
    const keyDigest = createHash('sha256').update(salt).update('k').update(key).digest()
    const digest = createHash('sha256').update(salt).update('r').update(key).update(rest).digest()
    yield {
      bucket: (keyDigest.readUInt32BE(0) & (plan.buckets - 1)) >>> 0,
      key: keyAt.map((i) => texts[i]?.toString('utf8') ?? null),
      digest: digest.toString('hex', 0, 8),
    }
  }
}

/** Sums of buckets over many pieces of row-aligned CSV text. */
export class BucketSums {
  readonly #plan: RowsDigestPlan
  readonly #secret: Uint8Array
  readonly #rows = new Map<number, bigint>()
  readonly #sums = new Map<number, bigint>()

  constructor(plan: RowsDigestPlan, secret: Uint8Array) {
    checkPlan(plan)
    this.#plan = plan
    this.#secret = checkSecret(secret)
  }

  /** Add the rows of one piece. */
  push(csv: Uint8Array): void {
    for (const { bucket, digest } of digestRows(csv, this.#plan, this.#secret)) {
      this.#rows.set(bucket, (this.#rows.get(bucket) ?? 0n) + 1n)
      this.#sums.set(bucket, ((this.#sums.get(bucket) ?? 0n) + BigInt(`0x${digest}`)) % SUM_MODULUS)
    }
  }

  /** The buckets that have rows, in order. */
  result(): BucketSum[] {
    return [...this.#rows.keys()]
      .sort((a, b) => a - b)
      .map((bucket) => ({
        bucket,
        rows: this.#rows.get(bucket)!.toString(),
        sum: this.#sums.get(bucket)!.toString(),
      }))
  }
}

/** The buckets in which two ends differ by count or by sum, in order. */
export function differingBuckets(left: readonly BucketSum[], right: readonly BucketSum[]): number[] {
  const text = (sums: readonly BucketSum[]) => new Map(sums.map((s) => [s.bucket, `${s.rows}:${s.sum}`]))
  const a = text(left)
  const b = text(right)
  return [...new Set([...a.keys(), ...b.keys()])].filter((i) => a.get(i) !== b.get(i)).sort((x, y) => x - y)
}

function netstring(text: Buffer | null): Buffer {
  if (text === null) return Buffer.from('-')
  return Buffer.concat([Buffer.from(`${text.length}:`, 'latin1'), text])
}
