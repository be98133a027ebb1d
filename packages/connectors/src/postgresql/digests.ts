import {
  type BucketSum,
  bucketRowsSql,
  bucketsRowsSql,
  bucketSumsSql,
  type DigestPlan,
  type RowDigest,
} from '@huitong/segment'
import type { Client } from 'pg'
import type { Hop } from '../errors.ts'
import { withClient } from './connect.ts'
import { openSnapshotFor } from './read-rows.ts'
import type { PostgresqlSettings } from './settings.ts'

/** Options of a digest: which end it runs at, and a shared snapshot to run in. */
export interface DigestOptions {
  readonly hop?: Hop
  readonly snapshot?: string
}

/** Bucket sums, and the snapshot and position at which they were taken. */
export interface DigestResult {
  readonly buckets: readonly BucketSum[]
  readonly snapshot: string | null
  readonly position: string | null
}

/** Count and modular sum of row digests per bucket, computed by the database. @throws ConnectorError, SegmentError. */
export function rowDigests(
  settings: PostgresqlSettings,
  plan: Omit<DigestPlan, 'utf8Server'>,
  secret: Uint8Array,
  options: DigestOptions = {},
): Promise<DigestResult> {
  return withClient(settings, options.hop ?? 'source', async (client) => {
    const utf8Server = await isUtf8(client)
    const source = await openSnapshotFor(client, { schema: plan.schema, name: plan.table }, options.snapshot ?? null)
    const { text, values } = bucketSumsSql({ ...plan, utf8Server }, secret)
    const { rows } = await client.query<{ bucket: string; rows: string; sum: string }>(text, [...values])
    const buckets = rows.map(({ bucket, rows: count, sum }) => ({ bucket: Number(bucket), rows: count, sum }))
    return { buckets, snapshot: source.snapshot, position: source.to }
  })
}

/** Keys and digests of the rows of one bucket, at most `rowsMax`. @throws ConnectorError, SegmentError. */
export function bucketRows(
  settings: PostgresqlSettings,
  plan: Omit<DigestPlan, 'utf8Server'>,
  secret: Uint8Array,
  bucket: number,
  rowsMax: number,
  options: DigestOptions = {},
): Promise<RowDigest[]> {
  return withClient(settings, options.hop ?? 'source', async (client) => {
    const utf8Server = await isUtf8(client)
    await openSnapshotFor(client, { schema: plan.schema, name: plan.table }, options.snapshot ?? null)
    const { text, values } = bucketRowsSql({ ...plan, utf8Server }, secret, bucket, rowsMax)
    const { rows } = await client.query<{ key: (string | null)[]; digest: string }>(text, [...values])
    return rows.map(({ key, digest }) => ({ bucket, key, digest }))
  })
}

/** Keys and digests of the rows of several buckets in one scan, at most `rowsMax`. @throws ConnectorError, SegmentError. */
export function bucketsRows(
  settings: PostgresqlSettings,
  plan: Omit<DigestPlan, 'utf8Server'>,
  secret: Uint8Array,
  buckets: readonly number[],
  rowsMax: number,
  options: DigestOptions = {},
): Promise<RowDigest[]> {
  return withClient(settings, options.hop ?? 'source', async (client) => {
    const utf8Server = await isUtf8(client)
    await openSnapshotFor(client, { schema: plan.schema, name: plan.table }, options.snapshot ?? null)
    const { text, values } = bucketsRowsSql({ ...plan, utf8Server }, secret, buckets, rowsMax)
    const { rows } = await client.query<{ bucket: string; key: (string | null)[]; digest: string }>(text, [...values])
    return rows.map(({ bucket, key, digest }) => ({ bucket: Number(bucket), key, digest }))
  })
}

async function isUtf8(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ encoding: string }>(`SELECT current_setting('server_encoding') AS encoding`)
  return rows[0]!.encoding === 'UTF8'
}
