import { isUtf8 } from 'node:buffer'
import { parseCsvRows, type RowChunk } from '@huitong/segment'
import { UNMAPPED } from '../code-map.ts'
import { ConnectorError, type ConnectorErrorCode } from '../errors.ts'

const QUOTE = 0x22
const COMMA = 0x2c
const LF = 0x0a
const CR = 0x0d
const BACKSLASH = 0x5c
const DOT = 0x2e
const ZERO = 0x30
const MINUS = 0x2d
const KEY_CHARACTERS_MAX = 100

/** Writes rows of texts as segment CSV into chunks of about `chunkBytes`. */
export class CsvWriter {
  readonly #chunkBytes: number
  readonly #rowBytesMax: number
  readonly #names: readonly string[]
  /** Columns whose values begin with a day. */
  readonly #days: readonly boolean[]
  /** Places of the key columns. */
  readonly #key: readonly number[]
  #out: Buffer
  #used = 0
  #rows = 0

  constructor(
    names: readonly string[],
    days: readonly boolean[],
    key: readonly string[],
    chunkBytes: number,
    rowBytesMax: number,
  ) {
    this.#names = names
    this.#days = days
    this.#key = key.map((name) => names.indexOf(name))
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
      if (this.#days[i] === true && isZeroDay(field)) throw this.#fault('a zero date', i, row)
      // No PostgreSQL text can hold it, and a value without a whole text begins with it; no value is changed to fit.
      if (this.#write(field)) continue
      if (field.equals(UNMAPPED)) throw this.#fault('a code that is not mapped', i, row, 'unmapped_code')
      throw this.#fault('holds NUL, or bytes that are no character', i, row)
    }
    this.#out[this.#used++] = LF
    this.#rows++
  }

  /** Whether a chunk is full. */
  get isFull(): boolean {
    return this.#used >= this.#chunkBytes
  }

  /** The rows so far, null when there are none. @throws ConnectorError `bad_value` when a text is not UTF-8. */
  take(): RowChunk | null {
    if (this.#rows === 0) return null
    this.#checkTexts(this.#out.subarray(0, this.#used))
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

  /** Writes a field; false when it holds NUL. */
  #write(field: Buffer): boolean {
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
      return true
    }
    let at = this.#used
    out[at++] = QUOTE
    for (let i = 0; i < length; i++) {
      const byte = field[i]!
      if (byte === 0) return false
      if (byte === QUOTE) out[at++] = QUOTE
      out[at++] = byte
    }
    out[at++] = QUOTE
    this.#used = at
    return true
  }

  /** UCS-2 holds halves of characters, which a server hands on as they are. */
  #checkTexts(csv: Buffer): void {
    if (isUtf8(csv)) return
    for (const row of parseCsvRows(csv)) {
      const i = row.findIndex((field) => field !== null && !isUtf8(field))
      if (i >= 0) throw this.#fault('bytes that are no character', i, row)
    }
  }

  #fault(
    detail: string,
    i: number,
    row: readonly (Uint8Array | null)[],
    code: ConnectorErrorCode = 'bad_value',
  ): ConnectorError {
    const isWhole = this.#key.every((at) => at !== i && row[at] != null && isUtf8(row[at]) && !row[at].includes(0))
    const texts = () => this.#key.map((at) => Buffer.from(row[at]!).toString().slice(0, KEY_CHARACTERS_MAX))
    const key = this.#key.length > 0 && isWhole ? { key: texts() } : {}
    return new ConnectorError(code, detail, { place: { column: this.#names[i]!, ...key } })
  }
}

/** MySQL holds days that are none: year, month or day zero. */
function isZeroDay(field: Buffer): boolean {
  const isZeroYear = field[0] === ZERO && field[1] === ZERO && field[2] === ZERO && field[3] === ZERO
  const isZero = (at: number) => field[at] === MINUS && field[at + 1] === ZERO && field[at + 2] === ZERO
  return isZeroYear || isZero(4) || isZero(7)
}
