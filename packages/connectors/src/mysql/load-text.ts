import { type Column, parseColumnType } from '@huitong/segment'
import { ConnectorError } from '../errors.ts'

const QUOTE = 0x22
const COMMA = 0x2c
const LF = 0x0a
const TAB = 0x09
const BACKSLASH = 0x5c
const CAPITAL_N = 0x4e
const APOSTROPHE = 0x27
const PIECE_BYTES = 256 * 1024

/** How a column's segment text becomes what the server takes: as it is, or translated. */
export type FieldKind = 'plain' | 'boolean' | 'bytes' | 'instant'

/** The kind of each column. */
export function kindsOf(columns: readonly Column[]): FieldKind[] {
  return columns.map(({ type }) => {
    const { name } = parseColumnType(type)
    return name === 'boolean' ? 'boolean' : name === 'bytea' ? 'bytes' : name === 'timestamptz' ? 'instant' : 'plain'
  })
}

/** A growing buffer. */
class Output {
  bytes: Buffer
  used = 0

  constructor(size: number) {
    this.bytes = Buffer.allocUnsafe(size)
  }

  room(more: number): void {
    if (this.used + more <= this.bytes.length) return
    const larger = Buffer.allocUnsafe(Math.max(this.used + more, this.bytes.length * 2))
    this.bytes.copy(larger, 0, 0, this.used)
    this.bytes = larger
  }

  text(text: string): void {
    this.room(text.length)
    this.used += this.bytes.write(text, this.used, 'latin1')
  }
}

/** What takes the fields of CSV text one after another. `doubled`: the bytes stood in quotes, and quotes in them are doubled. */
interface Sink {
  null(column: number): void
  field(column: number, csv: Uint8Array, from: number, to: number, doubled: boolean): void
  /** After the last field of a row. */
  row(): void
}

function fault(row: number, detail: string): ConnectorError {
  return new ConnectorError('row_count_mismatch', `row ${row}: ${detail}`, { hop: 'target' })
}

/** Gives every field of CSV text to `sink`. @throws ConnectorError `row_count_mismatch` for text that is not whole rows. */
function walk(csv: Uint8Array, columns: number, sink: Sink): void {
  const length = csv.length
  let at = 0
  for (let row = 1; at < length; row++) {
    for (let column = 0; column < columns; column++) {
      let end = at
      if (csv[at] === QUOTE) {
        end = at + 1
        for (;;) {
          while (end < length && csv[end] !== QUOTE) end++
          if (csv[end + 1] !== QUOTE) break
          end += 2
        }
        sink.field(column, csv, at + 1, end, true)
        end++
      } else {
        while (end < length && csv[end] !== COMMA && csv[end] !== LF) end++
        if (end === at) sink.null(column)
        else sink.field(column, csv, at, end, false)
      }
      if (csv[end] !== (column === columns - 1 ? LF : COMMA)) throw fault(row, 'not as many fields as columns')
      at = end + 1
    }
    sink.row()
  }
}

/** The text of a translated field, without its quotes. @throws ConnectorError `bad_value`. */
function translated(kind: FieldKind, csv: Uint8Array, from: number, to: number, column: Column): string {
  const text = Buffer.from(csv.buffer, csv.byteOffset + from, to - from).toString('latin1')
  const found =
    kind === 'boolean'
      ? { t: '1', true: '1', f: '0', false: '0' }[text.toLowerCase()]
      : kind === 'bytes'
        ? /^\\x((?:[0-9a-f]{2})*)$/i.exec(text)?.[1]
        : /^(.+?)\+00(?::00)?$/.exec(text)?.[1]
  if (found === undefined) {
    throw new ConnectorError('bad_value', `not a ${column.type}`, { hop: 'target', place: { column: column.name } })
  }
  return found
}

/** CSV text as the file of a `LOAD DATA`: tabs between fields, `\` before what would be one, `\N` for NULL. */
class LoadSink implements Sink {
  readonly out: Output
  readonly #columns: readonly Column[]
  readonly #kinds: readonly FieldKind[]

  constructor(columns: readonly Column[], bytes: number) {
    this.out = new Output(bytes)
    this.#columns = columns
    this.#kinds = kindsOf(columns)
  }

  null(column: number): void {
    const { out } = this
    out.room(3)
    if (column > 0) out.bytes[out.used++] = TAB
    out.bytes[out.used++] = BACKSLASH
    out.bytes[out.used++] = CAPITAL_N
  }

  field(column: number, csv: Uint8Array, from: number, to: number, doubled: boolean): void {
    const { out } = this
    out.room(2 * (to - from) + 1)
    if (column > 0) out.bytes[out.used++] = TAB
    const kind = this.#kinds[column]!
    if (kind !== 'plain') return out.text(translated(kind, csv, from, to, this.#columns[column]!))
    const { bytes } = out
    let { used } = out
    for (let i = from; i < to; i++) {
      const byte = csv[i]!
      if (byte === BACKSLASH || byte === TAB || byte === LF) bytes[used++] = BACKSLASH
      else if (doubled && byte === QUOTE) i++
      bytes[used++] = byte
    }
    out.used = used
  }

  row(): void {
    this.out.room(1)
    this.out.bytes[this.out.used++] = LF
  }
}

/** The pieces of a `LOAD DATA` file that holds the rows of CSV text. @throws ConnectorError `row_count_mismatch`, `bad_value`. */
export function* loadPieces(csv: Uint8Array, columns: readonly Column[]): Generator<Buffer, void, undefined> {
  const sink = new LoadSink(columns, Math.ceil(csv.length * 1.25) + 1024)
  walk(csv, columns.length, sink)
  const { bytes, used } = sink.out
  for (let at = 0; at < used; at += PIECE_BYTES) yield bytes.subarray(at, Math.min(used, at + PIECE_BYTES))
}

/** CSV text as lists of values, each list not much longer than `bytesMax`. */
class InsertSink implements Sink {
  readonly lists: string[] = []
  readonly #columns: readonly Column[]
  readonly #kinds: readonly FieldKind[]
  readonly #bytesMax: number
  #out: Output

  constructor(columns: readonly Column[], bytesMax: number) {
    this.#columns = columns
    this.#kinds = kindsOf(columns)
    this.#bytesMax = bytesMax
    this.#out = new Output(bytesMax + 1024)
  }

  null(column: number): void {
    this.#begin(column)
    this.#out.text('NULL')
  }

  field(column: number, csv: Uint8Array, from: number, to: number, doubled: boolean): void {
    this.#begin(column)
    const kind = this.#kinds[column]!
    if (kind !== 'plain') {
      const text = translated(kind, csv, from, to, this.#columns[column]!)
      return this.#out.text(kind === 'bytes' ? `x'${text}'` : `'${text}'`)
    }
    const out = this.#out
    out.room(2 * (to - from) + 2)
    out.bytes[out.used++] = APOSTROPHE
    for (let i = from; i < to; i++) {
      const byte = csv[i]!
      if (byte === APOSTROPHE) out.bytes[out.used++] = APOSTROPHE
      else if (doubled && byte === QUOTE) i++
      out.bytes[out.used++] = byte
    }
    out.bytes[out.used++] = APOSTROPHE
  }

  row(): void {
    this.#out.text(')')
    if (this.#out.used >= this.#bytesMax) this.end()
  }

  end(): void {
    if (this.#out.used === 0) return
    this.lists.push(this.#out.bytes.toString('utf8', 0, this.#out.used))
    this.#out.used = 0
  }

  #begin(column: number): void {
    this.#out.text(column > 0 ? ',' : this.#out.used > 0 ? ',(' : '(')
  }
}

/** The rows of CSV text as lists for `INSERT … VALUES`, for servers that take no local files. */
export function insertLists(csv: Uint8Array, columns: readonly Column[], bytesMax: number): string[] {
  const sink = new InsertSink(columns, bytesMax)
  walk(csv, columns.length, sink)
  sink.end()
  return sink.lists
}
