import type { RowChange } from '../../log/row-cut.ts'
import type { LogTuple, LogValue } from '../../log/types.ts'
import { BinlogFormatError, Bytes } from './bytes.ts'
import type { LogColumn } from './column.ts'
import type { RowsEvent } from './event.ts'
import { passerOf, type ReadValue, readerOf } from './values.ts'

/** An image of a row lacks a field that is needed: somebody has set `binlog_row_image` for a session. */
export class ImageError extends Error {
  readonly column: string

  constructor(column: string) {
    super(`the log holds rows without ${column}`)
    this.column = column
  }
}

/** Reads the rows of one table, as the log describes it at some place. */
export class RowReader {
  readonly #columns: readonly LogColumn[]
  readonly #read: readonly (ReadValue | null)[]
  readonly #pass: readonly ((bytes: Bytes) => void)[]

  /** @param needed names of the columns whose values are asked for; of the others nothing is read. */
  constructor(columns: readonly LogColumn[], needed: ReadonlySet<string>, zeroDates: 'refuse' | 'null') {
    this.#columns = columns
    this.#read = columns.map((column) => (needed.has(column.name) ? readerOf(column, zeroDates) : null))
    this.#pass = columns.map(passerOf)
  }

  /** The changes of an event. @throws ImageError, BinlogFormatError. */
  *changes({ kind, width, before, after, rows }: RowsEvent): Generator<RowChange, void, undefined> {
    if (width !== this.#columns.length) throw new BinlogFormatError(`rows of ${width} columns`)
    const bytes = new Bytes(rows)
    while (bytes.left > 0) {
      const old = before === null ? null : this.#tuple(bytes, before, false)
      if (kind === 'delete') yield { kind, old: old! }
      else if (kind === 'insert') yield { kind, row: this.#tuple(bytes, after!, false) }
      else yield { kind, old, row: this.#tuple(bytes, after!, true), oldIsWhole: true }
    }
  }

  /** @param mayLack of a new row the old one knows what did not change. */
  #tuple(bytes: Bytes, present: Buffer, mayLack: boolean): LogTuple {
    const has = (bits: Buffer, i: number) => ((bits[i >> 3] ?? 0) & (1 << (i & 7))) !== 0
    const { length } = this.#columns
    let count = 0
    for (let i = 0; i < length; i++) if (has(present, i)) count++
    const nulls = bytes.take((count + 7) >> 3)
    const row: LogValue[] = Array.from({ length })
    for (let i = 0, at = 0; i < length; i++) {
      const read = this.#read[i]!
      if (!has(present, i)) {
        if (read !== null && !mayLack) throw new ImageError(this.#columns[i]!.name)
        continue
      }
      const isNull = has(nulls, at++)
      if (read === null) {
        if (!isNull) this.#pass[i]!(bytes)
      } else row[i] = isNull ? null : read(bytes)
    }
    return row
  }
}
