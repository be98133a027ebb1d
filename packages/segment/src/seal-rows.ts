import { countOperations, hasOperations } from './changes.ts'
import { SegmentError } from './errors.ts'
import type { Column, Counts, Manifest, SignedManifest } from './manifest.ts'
import {
  finishSegment,
  SEGMENT_PLAIN_BYTES_HARD_MAX,
  SEGMENT_PLAIN_BYTES_MAX,
  sealPayload,
  type SealedPayload,
  type SealedSegment,
} from './seal.ts'

/** CSV text that begins and ends at row bounds, and how many rows it holds. */
export interface RowChunk {
  readonly data: Uint8Array
  readonly rows: number
  /** Gives the memory of `data` back to who made it, to be filled anew; who does not call it leaves it to the collector. */
  readonly done?: () => void
}

/** Settings of {@link sealRows}. */
export interface SealRowsOptions {
  readonly channel: string
  readonly generation: number
  readonly columns: readonly Column[]
  readonly source: Manifest['source']
  readonly recipients: readonly string[]
  /** `changes`: each row says its operation first, or, without that column, is written over what the receiver has. */
  readonly kind?: 'rows' | 'changes'
  readonly signingKey: string
  readonly now: () => Date
  /** Last segment already sealed of this generation, when continuing; sequence goes on from it. */
  readonly previous?: SignedManifest
  /** See `rowsCounted` of a payload. */
  readonly rowsCounted?: boolean
  /** Payloads compressed and encrypted at the same time (default 2). */
  readonly parallel?: number
  /** Plain size of a segment (default {@link SEGMENT_PLAIN_BYTES_MAX}). */
  readonly segmentBytesMax?: number
}

/**
 * Gather row-aligned chunks into bounded packs: a pack passes `bytesMax` only when one chunk alone does.
 * @throws SegmentError `row_too_large` when a chunk passes the hard limit.
 */
export async function* packRows(
  chunks: AsyncIterable<RowChunk>,
  bytesMax: number = SEGMENT_PLAIN_BYTES_MAX,
): AsyncGenerator<RowChunk, void, undefined> {
  let parts: RowChunk[] = []
  let bytes = 0
  for await (const chunk of chunks) {
    if (chunk.data.length > SEGMENT_PLAIN_BYTES_HARD_MAX) {
      throw new SegmentError('row_too_large', `${chunk.data.length} bytes, limit ${SEGMENT_PLAIN_BYTES_HARD_MAX}`)
    }
    if (bytes > 0 && bytes + chunk.data.length > bytesMax) {
      yield join(parts)
      parts = []
      bytes = 0
    }
    if (chunk.data.length === 0) continue
    parts.push(chunk)
    bytes += chunk.data.length
  }
  if (bytes > 0) yield join(parts)
}

/**
 * Seal a full copy: segments in order, the last one marked final; an empty table gives one final segment of zero rows.
 * When `chunks` throws, so does this, and no final segment is made: a cut source never looks complete.
 * Memory: about (`parallel` + 2) packs.
 */
export async function* sealRows(
  chunks: AsyncIterable<RowChunk>,
  options: SealRowsOptions,
): AsyncGenerator<SealedSegment, void, undefined> {
  const parallel = Math.max(1, options.parallel ?? 2)
  const kind = options.kind ?? 'rows'
  const pending: Promise<SealedPayload>[] = []
  let previous = options.previous ?? null
  let sequence = (previous?.manifest.sequence ?? 0) + 1
  const start = (pack: RowChunk) => {
    const payload = sealPayload({
      ...options,
      sequence: sequence++,
      kind,
      counts: countsOf(pack, kind, options.columns),
      plain: pack.data,
    })
    // Awaited in order below; until then a failure must not count as unhandled.
    payload.catch(() => undefined).finally(pack.done)
    pending.push(payload)
  }
  const finish = async (final: boolean): Promise<SealedSegment> => {
    const { source, signingKey, now } = options
    const payload = await pending.shift()!
    const segment = finishSegment(payload, { final, source, previous, signingKey, sealedAt: now() })
    previous = segment.signed
    return segment
  }
  for await (const pack of packRows(chunks, options.segmentBytesMax)) {
    start(pack)
    if (pending.length > parallel) yield await finish(false)
  }
  if (pending.length === 0) start({ data: new Uint8Array(0), rows: 0 })
  while (pending.length > 0) yield await finish(pending.length === 1)
}

function countsOf(pack: RowChunk, kind: 'rows' | 'changes', columns: readonly Column[]): Counts {
  if (kind === 'rows') return { rows: String(pack.rows) }
  if (!hasOperations(columns)) return { insert: '0', update: String(pack.rows), delete: '0' }
  const counts = countOperations(pack.data)
  const found = BigInt(counts.insert) + BigInt(counts.update) + BigInt(counts.delete)
  if (found !== BigInt(pack.rows)) throw new SegmentError('row_count_mismatch', `${found} lines of ${pack.rows}`)
  return counts
}

function join(parts: readonly RowChunk[]): RowChunk {
  if (parts.length === 1) return parts[0]!
  const whole = {
    data: Buffer.concat(parts.map(({ data }) => data)),
    rows: parts.reduce((sum, { rows }) => sum + rows, 0),
  }
  for (const { done } of parts) done?.()
  return whole
}
