import { FROM_COLUMN, OPERATION_COLUMN, SAME_COLUMN, sha256Hex } from '@huitong/segment'
import type { Cursor } from '../connector.ts'
import type { AppliedChanges, ChangeCounts, Position, TargetTable } from '../database.ts'
import { ConnectorError } from '../errors.ts'
import type { LogLoaderOptions, LogSegment } from './types.ts'

// What every receiving database does alike with the segments of a log.

/** Changes that did nothing. */
export const NOTHING: ChangeCounts = { inserted: '0', updated: '0', deleted: '0', unchanged: '0', absent: '0' }

/** What two lots of changes did together. */
export function sumCounts(left: ChangeCounts, right: ChangeCounts): ChangeCounts {
  const add = (name: keyof ChangeCounts) => (BigInt(left[name]) + BigInt(right[name])).toString()
  return {
    inserted: add('inserted'),
    updated: add('updated'),
    deleted: add('deleted'),
    unchanged: add('unchanged'),
    absent: add('absent'),
  }
}

/** Where the log has been followed to. @throws ConnectorError `position_gap` when no copy has set a position. */
export function cursorOf({ cursor }: Position, table: TargetTable): Cursor {
  if (cursor !== null) return JSON.parse(cursor) as Cursor
  throw new ConnectorError('position_gap', 'no full copy has set a position', {
    hop: 'target',
    place: { table: table.name },
  })
}

/**
 * Whether all of it was applied before: it comes again when an acknowledgement got lost. Parts of a transaction must not be
 * taken a second time either, even to be given up at its end: rows that it changed may be gone since.
 */
export function isKnown({ from, to }: LogSegment, { since }: Cursor): boolean {
  return to.within === undefined ? to.since > from.since && to.since <= since : to.within < since
}

/** A segment that comes again does not move the position back. */
export const later = (cursor: Cursor, to: Cursor = cursor): Cursor => (to.since > cursor.since ? to : cursor)

/** Whether a transaction of the source is there in part. */
export const isPart = (last: LogSegment | null): boolean =>
  last !== null && last.to.since === last.from.since && !last.final

/**
 * What a comparison says of where the table stands, unless it was heard before: what was applied since stands further. Where
 * it stood before says nothing, for a source that was replaced by its standby or restored counts its log anew from an
 * earlier place.
 */
export function rebased(
  { applied }: Position,
  { stream, rebase: to }: LogLoaderOptions,
): { readonly cursor: string; readonly applied: string } | null {
  if (to === null) return null
  const word = `${to.since} ${to.at}`
  if (applied?.stream === stream || applied?.rebased === word) return null
  const begun: AppliedChanges = { stream, generation: 1, sequence: 0, counts: NOTHING, rebased: word }
  return { cursor: JSON.stringify(to), applied: JSON.stringify(begun) }
}

/** What the position says after a segment. Counts are of the whole stream, so that a restart of the loader forgets none. */
export function appliedOf(
  { applied }: Position,
  stream: string,
  { generation, sequence }: LogSegment,
  counts: ChangeCounts,
): AppliedChanges {
  const before = applied?.stream === stream ? applied.counts : NOTHING
  return { stream, generation, sequence, counts: sumCounts(before, counts), rebased: applied?.rebased ?? null }
}

/** @throws ConnectorError `schema_changed`, `digest_mismatch`. */
export function checkLogSegment(table: TargetTable, segment: LogSegment): void {
  const wanted = [OPERATION_COLUMN, SAME_COLUMN, FROM_COLUMN, ...table.columns]
  const at = wanted.findIndex(({ name, type }, i) => {
    const column = segment.columns[i]
    return column?.name !== name || column.type !== type
  })
  if (at >= 0 || segment.columns.length !== wanted.length) {
    const column = wanted[Math.max(0, at)]!.name
    throw new ConnectorError('schema_changed', `${table.name}.${column} is not so in the segment`, {
      place: { table: table.name, column },
    })
  }
  if (sha256Hex(segment.plain) !== segment.plainDigest) {
    throw new ConnectorError('digest_mismatch', `sequence ${segment.sequence}`, { hop: 'target' })
  }
}

/** Fields that the log left out because they did not change, by the word in a segment. @throws ConnectorError `log_value`. */
export function sameColumns(table: TargetTable, same: string): TargetTable['columns'] {
  return same.split(',').map((place) => {
    const column = table.columns[Number(place) - 1]
    if (column === undefined) throw logFault(table, 'log_value', 'an unknown field is left out')
    return column
  })
}

/** A fault of the receiving end. */
export function logFault(
  table: TargetTable,
  code: 'position_gap' | 'row_count_mismatch' | 'log_value',
  detail: string,
): ConnectorError {
  return new ConnectorError(code, detail, { hop: 'target', place: { table: table.name } })
}

/** Every line of a segment was taken, and every line did something. @throws ConnectorError `row_count_mismatch`. */
export function checkDone(table: TargetTable, counts: ChangeCounts, rows: string): void {
  const done = Object.values(counts).reduce((total: bigint, count: string) => total + BigInt(count), 0n)
  if (done !== BigInt(rows)) throw logFault(table, 'row_count_mismatch', `${done} rows applied of ${rows}`)
}
