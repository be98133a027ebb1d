import { SegmentError } from './errors.ts'
import type { Column, Counts, Manifest } from './manifest.ts'

/** First column of a segment of changes: `I` or `U` for a row that is there with these values, `D` for one that is gone. */
export const OPERATION_COLUMN: Column = { name: '_op', type: 'char(1)' }

/** Second column of a segment of the log: places (from 1) of the fields that did not change and are not in the log. */
export const SAME_COLUMN: Column = { name: '_same', type: 'text' }
/** Third column of a segment of the log: key (JSON list of texts) of the row that has those fields, when the key changed. */
export const FROM_COLUMN: Column = { name: '_from', type: 'text' }
/** The columns that stand before the values in a segment of the log. */
export const LOG_COLUMNS: readonly Column[] = [OPERATION_COLUMN, SAME_COLUMN, FROM_COLUMN]

const QUOTE = 0x22
const COMMA = 0x2c
const LF = 0x0a
const LETTERS: ReadonlyMap<number, 'insert' | 'update' | 'delete'> = new Map([
  [0x49, 'insert'],
  [0x55, 'update'],
  [0x44, 'delete'],
])

/** Whether these columns are those of changes with an operation per row; without it, changes are a repair's. */
export function hasOperations(columns: readonly Column[]): boolean {
  return columns[0]?.name === OPERATION_COLUMN.name && columns[0].type === OPERATION_COLUMN.type
}

/**
 * Rows per operation of whole CSV text whose first column is {@link OPERATION_COLUMN}.
 * @throws SegmentError `bad_csv` for another letter, or text that does not end at the end of a row.
 */
export function countOperations(csv: Uint8Array): Extract<Counts, { insert: string }> {
  const counts = { insert: 0, update: 0, delete: 0 }
  // Searching is several times as fast as looking at each byte.
  const bytes = Buffer.from(csv.buffer, csv.byteOffset, csv.byteLength)
  let quote = bytes.indexOf(QUOTE)
  for (let at = 0; at < bytes.length;) {
    const operation = LETTERS.get(bytes[at]!)
    const next = bytes[at + 1]
    if (operation === undefined || (next !== COMMA && next !== LF)) {
      throw new SegmentError('bad_csv', `row ${counts.insert + counts.update + counts.delete + 1}: unknown operation`)
    }
    let end = bytes.indexOf(LF, at + 1)
    while (quote >= 0 && quote < end) {
      // Line breaks between two quotes end nothing; a doubled quote closes and opens at once.
      const close = bytes.indexOf(QUOTE, quote + 1)
      if (close < 0) throw cut()
      if (end < close) end = bytes.indexOf(LF, close + 1)
      quote = bytes.indexOf(QUOTE, close + 1)
    }
    if (end < 0) throw cut()
    counts[operation]++
    at = end + 1
  }
  return { insert: String(counts.insert), update: String(counts.update), delete: String(counts.delete) }
}

const cut = () => new SegmentError('bad_csv', 'the text does not end at the end of a row')

/** Whether opened changes hold the operations that their manifest counts; always so for rows, files and repairs. */
export function hasDeclaredOperations(manifest: Manifest, plain: Uint8Array): boolean {
  if (manifest.kind !== 'changes' || !hasOperations(manifest.columns)) return true
  const declared = manifest.counts as Extract<Counts, { insert: string }>
  try {
    const found = countOperations(plain)
    return found.insert === declared.insert && found.update === declared.update && found.delete === declared.delete
  } catch (error) {
    if (error instanceof SegmentError) return false
    throw error
  }
}
