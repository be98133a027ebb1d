import type { RowChunk } from '@huitong/segment'
import { ConnectorError } from '../errors.ts'

const QUOTE = 0x22
const COMMA = 0x2c
const LF = 0x0a
const CR = 0x0d
const BACKSLASH = 0x5c
const DOT = 0x2e
const ZERO = 0x30
const MINUS = 0x2d

/** Writes rows of texts as segment CSV into chunks of about `chunkBytes`. */
export class CsvWriter {
  readonly #chunkBytes: number
  readonly #rowBytesMax: number
  readonly #names: readonly string[]
  /** Columns whose values begin with a day. */
  readonly #days: readonly boolean[]
  #out: Buffer
  #used = 0
  #rows = 0

  constructor(names: readonly string[], days: readonly boolean[], chunkBytes: number, rowBytesMax: number) {
    this.#names = names
    this.#days = days
    this.#chunkBytes = chunkBytes
    this.#rowBytesMax = rowBytesMax
    this.#out = Buffer.allocUnsafe(chunkBytes)
  }

  /** Adds one row. @throws ConnectorError `row_too_large`, `bad_value`. */
  push(row: readonly (Buffer | null)[]): void {
    // Twice, for quotes that are doubled, and a comma or line end each.
    let room = 3 * row.length
    let size = 0
    for (const field of row) if (field !== null) size += field.length
    room += 2 * size
    if (size > this.#rowBytesMax) throw new ConnectorError('row_too_large', `${size} bytes, limit ${this.#rowBytesMax}`)
    this.#makeRoom(room)
    for (let i = 0; i < row.length; i++) {
      if (i > 0) this.#out[this.#used++] = COMMA
      const field = row[i]!
      if (field === null) continue
      if (this.#days[i] === true) this.#checkDay(field, i)
      this.#write(field)
    }
    this.#out[this.#used++] = LF
    this.#rows++
  }

  /** Whether a chunk is full. */
  get isFull(): boolean {
    return this.#used >= this.#chunkBytes
  }

  /** The rows so far, null when there are none. */
  take(): RowChunk | null {
    if (this.#rows === 0) return null
    const chunk = { data: this.#out.subarray(0, this.#used), rows: this.#rows }
    this.#out = Buffer.allocUnsafe(this.#chunkBytes)
    this.#used = 0
    this.#rows = 0
    return chunk
  }

  #makeRoom(bytes: number): void {
    if (this.#used + bytes <= this.#out.length) return
    const larger = Buffer.allocUnsafe(Math.max(this.#used + bytes, Math.ceil(this.#out.length * 1.25)))
    this.#out.copy(larger, 0, 0, this.#used)
    this.#out = larger
  }

  #write(field: Buffer): void {
    const length = field.length
    let isPlain = length > 0 && !(length === 2 && field[0] === BACKSLASH && field[1] === DOT)
    for (let i = 0; isPlain && i < length; i++) {
      const byte = field[i]!
      if (byte <= COMMA && (byte === QUOTE || byte === COMMA || byte === LF || byte === CR || byte === 0))
        isPlain = false
    }
    const out = this.#out
    if (isPlain) {
      let at = this.#used
      if (length > 32) at += field.copy(out, at)
      else for (let i = 0; i < length; i++) out[at++] = field[i]!
      this.#used = at
      return
    }
    let at = this.#used
    out[at++] = QUOTE
    for (let i = 0; i < length; i++) {
      const byte = field[i]!
      // No PostgreSQL text can hold it; a value is never changed to fit.
      if (byte === 0) throw this.#fault('holds NUL')
      if (byte === QUOTE) out[at++] = QUOTE
      out[at++] = byte
    }
    out[at++] = QUOTE
    this.#used = at
  }

  /** MySQL holds days that are none: year, month or day zero. */
  #checkDay(field: Buffer, i: number): void {
    const isZeroYear = field[0] === ZERO && field[1] === ZERO && field[2] === ZERO && field[3] === ZERO
    const isZero = (at: number) => field[at] === MINUS && field[at + 1] === ZERO && field[at + 2] === ZERO
    if (isZeroYear || isZero(4) || isZero(7)) throw this.#fault('a zero date', i)
  }

  #fault(detail: string, i?: number): ConnectorError {
    const place = i === undefined ? {} : { column: this.#names[i]! }
    return new ConnectorError('bad_value', detail, { place })
  }
}
