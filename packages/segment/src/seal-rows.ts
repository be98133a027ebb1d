import { countOperations, hasOperations } from './changes.ts'
import { SegmentError } from './errors.ts'
import type { Column, Counts } from './manifest.ts'
import { SEGMENT_PLAIN_BYTES_HARD_MAX, SEGMENT_PLAIN_BYTES_MAX, type SealedSegment } from './seal.ts'
import { sealInOrder, type SealOptions } from './seal-in-order.ts'

/** CSV text that begins and ends at row bounds, and how many rows it holds. */
export interface RowChunk {
  readonly data: Uint8Array
  readonly rows: number
  /** Gives the memory of `data` back to who made it, to be filled anew; who does not call it leaves it to the collector. */
  readonly done?: () => void
}

/** Settings of {@link sealRows}. */
export interface SealRowsOptions extends SealOptions {
  readonly columns: readonly Column[]
  /** `changes`: each row says its operation first, or, without that column, is written over what the receiver has. */
  readonly kind?: 'rows' | 'changes'
  /** See `rowsCounted` of a payload. */
  readonly rowsCounted?: boolean
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
  const kind = options.kind ?? 'rows'
  yield* sealInOrder(
    packRows(chunks, options.segmentBytesMax),
    { data: new Uint8Array(0), rows: 0 },
    options,
    (pack) => ({
      plain: pack.data,
      kind,
      counts: countsOf(pack, kind, options.columns),
      columns: options.columns,
      ...(options.rowsCounted === undefined ? {} : { rowsCounted: options.rowsCounted }),
    }),
  )
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
