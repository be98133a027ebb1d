import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { NodeKey } from '../city/nodes.ts'
import { canonical, isSigned, keyName, nodeKey, platformKey } from './signatures.ts'
import type { World } from './world.ts'

/** What the receipts of a channel's last generation say, each verified by the demonstration itself. */
export interface ReceiptFigures {
  readonly segments: number
  /** Rows acknowledged by the consumer's own key. */
  readonly consumer_rows: number
  /** Rows acknowledged by the platform's key. */
  readonly platform_rows: number
  readonly invalid: number
  /** Segments whose stored file has the digest that was signed. */
  readonly files_intact: number
}

interface Receipt {
  channel: string
  generation: number
  sequence: number
  sealedDigest: string
  rows: string
  hop: string
  by: string
}

const DOMAIN = 'huitong/segment-receipt/v1'

/** Verifies the receipts of both hops for every segment of the generation in force, and the stored files. */
export async function verifyReceipts(
  world: World,
  channelId: string,
  by: NodeKey | 'centre' = 'consumer',
): Promise<ReceiptFigures> {
  const { dataDir } = world.platform
  const rows = await world.platformSql.rows<Record<'sequence' | 'digest' | 'receipt' | 'consumer_receipt', string>>(
    `select x.sequence, x.digest, x.receipt, x.consumer_receipt from segment x
     where x.stream_id = $1 and x.generation = (select max(generation) from stream where id = $1 and not abandoned)
     order by x.sequence`,
    [channelId],
  )
  const platform = platformKey(dataDir, 'provider')
  const consumer = nodeKey(dataDir, by)
  const totals = { segments: rows.length, consumer_rows: 0, platform_rows: 0, invalid: 0, files_intact: 0 }
  for (const [at, row] of rows.entries()) {
    const place = { channelId, sequence: at + 1, digest: row.digest }
    const stored = rowsOf(row.receipt, platform, 'platform', place)
    const applied = rowsOf(row.consumer_receipt, consumer, 'consumer', place)
    if (stored === null || applied === null || stored !== applied) totals.invalid++
    totals.platform_rows += stored ?? 0
    totals.consumer_rows += applied ?? 0
    if ((await digestOf(join(dataDir, 'objects'), row.digest)) === row.digest) totals.files_intact++
  }
  return totals
}

/** Rows that the consumer signed for in all generations of a stream. */
export async function signedRows(world: World, streamId: string, by: NodeKey | 'centre' = 'consumer'): Promise<number> {
  const rows = await world.platformSql.rows<Record<'sequence' | 'digest' | 'consumer_receipt', string>>(
    'select sequence, digest, consumer_receipt from segment where stream_id = $1',
    [streamId],
  )
  const consumer = nodeKey(world.platform.dataDir, by)
  const signed = rows.map(({ sequence, digest, consumer_receipt }) =>
    rowsOf(consumer_receipt, consumer, 'consumer', { channelId: streamId, sequence: Number(sequence), digest }),
  )
  return signed.reduce<number>((sum, rows) => sum + (rows ?? 0), 0)
}

/** Rows of a receipt that this key signed for this segment at this hop; null for anything else. */
function rowsOf(
  text: string | null,
  key: string,
  hop: string,
  place: { channelId: string; sequence: number; digest: string },
): number | null {
  if (text === null) return null
  const { receipt, signature } = JSON.parse(text) as { receipt: Receipt; signature: string }
  const isOfThis =
    receipt.channel === place.channelId &&
    receipt.sequence === place.sequence &&
    receipt.sealedDigest === place.digest &&
    receipt.hop === hop &&
    receipt.by === keyName(key)
  return isOfThis && isSigned(key, DOMAIN, canonical(receipt), signature) ? Number(receipt.rows) : null
}

async function digestOf(folder: string, digest: string): Promise<string | null> {
  const path = join(folder, 'objects', 'segments', digest.slice(0, 2), digest)
  if (!existsSync(path)) return null
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}
