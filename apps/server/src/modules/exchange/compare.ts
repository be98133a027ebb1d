import type { ReconcileResult } from '@huitong/contract/work'

/** One row that the two ends do not hold alike, by its key. */
export interface Difference {
  readonly key: string[]
  readonly kind: 'missing' | 'extra' | 'different'
}

type Buckets = ReconcileResult['buckets']
type Rows = ReconcileResult['rowDigests']

/** Buckets whose count or modular sum differs, in order. */
export function differentBuckets(source: Buckets, target: Buckets): number[] {
  const text = (one: Buckets[number] | undefined) => (one ? `${one.rows}/${one.sum}` : '0/0')
  const left = new Map(source.map((one) => [one.bucket, one]))
  const right = new Map(target.map((one) => [one.bucket, one]))
  return [...new Set([...left.keys(), ...right.keys()])]
    .filter((bucket) => text(left.get(bucket)) !== text(right.get(bucket)))
    .sort((a, b) => a - b)
}

/** Row by row: what the target lacks, has too much, or holds otherwise. Keys are unique, so a map is enough. */
export function differentRows(source: Rows, target: Rows): Difference[] {
  const id = (key: readonly string[]) => JSON.stringify(key)
  const right = new Map(target.map((row) => [id(row.key), row]))
  const differences: Difference[] = []
  for (const row of source) {
    const other = right.get(id(row.key))
    right.delete(id(row.key))
    if (!other) differences.push({ key: row.key, kind: 'missing' })
    else if (other.digest !== row.digest) differences.push({ key: row.key, kind: 'different' })
  }
  for (const row of right.values()) differences.push({ key: row.key, kind: 'extra' })
  return differences
}
