import { type BucketSum, bucketsRowsMysql, bucketSumsMysql, type DigestPlan, type RowDigest } from '@huitong/segment'
import type { DigestOptions } from '../database.ts'
import { ConnectorError, type Hop } from '../errors.ts'
import { type TextRow, withSession } from './connect.ts'
import { toConnectorError } from './database-error.ts'
import { leaseSnapshot } from './log/snapshot.ts'
import { beginSnapshot } from './read-rows.ts'
import type { MysqlSettings } from './settings.ts'

/** Count and modular sum of row digests per bucket, computed by the database. @throws ConnectorError, SegmentError. */
export async function bucketSums(
  settings: MysqlSettings,
  plan: DigestPlan,
  secret: Uint8Array,
  options: DigestOptions = {},
): Promise<BucketSum[]> {
  const rows = await query(settings, bucketSumsMysql(plan, secret), options)
  return rows.map((row) => ({ bucket: bucketOf(row, plan), rows: row['rows']!, sum: row['sum']! }))
}

/** Keys and digests of the rows of several buckets in one scan, at most `rowsMax`. @throws ConnectorError, SegmentError. */
export async function bucketsRows(
  settings: MysqlSettings,
  plan: DigestPlan,
  secret: Uint8Array,
  buckets: readonly number[],
  rowsMax: number,
  options: DigestOptions = {},
): Promise<RowDigest[]> {
  const rows = await query(settings, bucketsRowsMysql(plan, secret, buckets, rowsMax), options)
  const width = plan.key.length === 0 ? plan.columns.length : plan.key.length
  return rows.map((row) => ({
    bucket: bucketOf(row, plan),
    key: Array.from({ length: width }, (_, i) => keyText(row[`k${i}`] ?? null, plan)),
    digest: row['digest_hex']!.toLowerCase(),
  }))
}

/** The server gives NULL for a text over its `max_allowed_packet`. */
function bucketOf(row: TextRow, plan: DigestPlan): number {
  if (row['bucket'] == null) {
    throw new ConnectorError('row_too_large', 'over max_allowed_packet', { place: { table: plan.table } })
  }
  return Number(row['bucket'])
}

/** What has no text has none that could be told either. */
function keyText(text: string | null, plan: DigestPlan): string | null {
  if (text?.includes('\0') !== true) return text
  throw new ConnectorError('bad_value', 'a key with bytes that are no character', { place: { table: plan.table } })
}

function query(settings: MysqlSettings, sql: string, options: DigestOptions): Promise<TextRow[]> {
  const hop = options.hop ?? 'source'
  if (options.snapshot !== undefined) return queryHeld(options.snapshot, sql, hop)
  return withSession(settings, hop, async (session) => {
    await beginSnapshot(session)
    return session.rows(sql)
  })
}

async function queryHeld(snapshot: string, sql: string, hop: Hop): Promise<TextRow[]> {
  const lease = leaseSnapshot(snapshot)
  try {
    const rows = await lease.session.rows(sql)
    await lease.done()
    return rows
  } catch (error) {
    throw toConnectorError(error, hop)
  } finally {
    lease.close()
  }
}
