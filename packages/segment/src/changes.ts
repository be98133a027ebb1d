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
  let inQuotes = false
  let atStart = true
  for (let i = 0; i < csv.length; i++) {
    if (atStart) {
      const operation = LETTERS.get(csv[i]!)
      const next = csv[i + 1]
      if (operation === undefined || (next !== COMMA && next !== LF)) {
        throw new SegmentError('bad_csv', `row ${counts.insert + counts.update + counts.delete + 1}: unknown operation`)
      }
      counts[operation]++
      atStart = false
    } else if (csv[i] === QUOTE) inQuotes = !inQuotes
    else if (csv[i] === LF && !inQuotes) atStart = true
  }
  if (!atStart || inQuotes) throw new SegmentError('bad_csv', 'the text does not end at the end of a row')
  return { insert: String(counts.insert), update: String(counts.update), delete: String(counts.delete) }
}

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
