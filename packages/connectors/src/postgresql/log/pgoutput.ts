import type { LogTuple, LogValue } from '../../log/types.ts'

/**
 * The messages of PostgreSQL's `pgoutput` plugin, protocol versions 1 and 2 without streaming, values as text
 * (documentation, "Logical Replication Message Formats").
 */

/** A column as the log describes it. */
export interface LogColumn {
  readonly name: string
  /** Part of the replica identity. */
  readonly key: boolean
  readonly type: number
  readonly modifier: number
}

/** One message. */
export type LogMessage =
  | { readonly kind: 'begin'; readonly commitLsn: bigint; readonly at: bigint; readonly xid: number }
  | { readonly kind: 'commit'; readonly commitLsn: bigint; readonly endLsn: bigint; readonly at: bigint }
  | {
      readonly kind: 'relation'
      readonly id: number
      readonly schema: string
      readonly name: string
      /** `d` default, `f` full, `i` index, `n` nothing. */
      readonly identity: string
      readonly columns: readonly LogColumn[]
    }
  | { readonly kind: 'insert'; readonly relation: number; readonly row: LogTuple }
  | {
      readonly kind: 'update'
      readonly relation: number
      readonly row: LogTuple
      /** The old key when it changed (`K`), or the whole old row under full identity (`O`). */
      readonly old: LogTuple | null
      readonly oldIsWhole: boolean
    }
  | { readonly kind: 'delete'; readonly relation: number; readonly old: LogTuple; readonly oldIsWhole: boolean }
  | { readonly kind: 'truncate'; readonly relations: readonly number[] }
  | { readonly kind: 'message'; readonly lsn: bigint; readonly prefix: string; readonly content: string }
  /** Types and origins, which say nothing about rows. */
  | { readonly kind: 'other' }

/** The bytes are not a message of the protocol. */
export class LogFormatError extends Error {}

const LETTER = { K: 0x4b, N: 0x4e, O: 0x4f, n: 0x6e, u: 0x75, t: 0x74 } as const

/** Decodes one message. @throws LogFormatError. */
export function decodeMessage(bytes: Buffer): LogMessage {
  const reader = new Reader(bytes)
  const message = decode(reader)
  if (message.kind !== 'other' && !reader.atEnd) throw new LogFormatError(`${message.kind} has bytes left`)
  return message
}

function decode(reader: Reader): LogMessage {
  const letter = String.fromCharCode(reader.byte())
  switch (letter) {
    case 'B':
      return { kind: 'begin', commitLsn: reader.int64(), at: reader.int64(), xid: reader.int32() }
    case 'C':
      reader.byte()
      return { kind: 'commit', commitLsn: reader.int64(), endLsn: reader.int64(), at: reader.int64() }
    case 'R':
      return decodeRelation(reader)
    case 'I': {
      const relation = reader.int32()
      reader.expect(LETTER.N)
      return { kind: 'insert', relation, row: reader.tuple() }
    }
    case 'U':
      return decodeUpdate(reader)
    case 'D': {
      const relation = reader.int32()
      const oldIsWhole = isWhole(reader.byte())
      return { kind: 'delete', relation, oldIsWhole, old: reader.tuple() }
    }
    case 'T': {
      const count = reader.int32()
      reader.byte()
      return { kind: 'truncate', relations: Array.from({ length: count }, () => reader.int32()) }
    }
    case 'M': {
      reader.byte()
      const lsn = reader.int64()
      const prefix = reader.name()
      return { kind: 'message', lsn, prefix, content: reader.text(reader.int32()) }
    }
    case 'Y':
    case 'O':
      return { kind: 'other' }
    default:
      throw new LogFormatError(`message ${letter}`)
  }
}

function decodeRelation(reader: Reader): LogMessage {
  const id = reader.int32()
  const schema = reader.name()
  const name = reader.name()
  const identity = String.fromCharCode(reader.byte())
  const columns = Array.from({ length: reader.int16() }, () => {
    const key = (reader.byte() & 1) === 1
    return { key, name: reader.name(), type: reader.int32(), modifier: reader.int32() | 0 }
  })
  // An empty name stands for pg_catalog.
  return { kind: 'relation', id, schema: schema === '' ? 'pg_catalog' : schema, name, identity, columns }
}

function decodeUpdate(reader: Reader): LogMessage {
  const relation = reader.int32()
  let part = reader.byte()
  let old: LogTuple | null = null
  let oldIsWhole = false
  if (part !== LETTER.N) {
    oldIsWhole = isWhole(part)
    old = reader.tuple()
    part = reader.byte()
  }
  if (part !== LETTER.N) throw new LogFormatError(`update part ${part}`)
  return { kind: 'update', relation, row: reader.tuple(), old, oldIsWhole }
}

function isWhole(letter: number): boolean {
  if (letter !== LETTER.K && letter !== LETTER.O) throw new LogFormatError(`old row ${letter}`)
  return letter === LETTER.O
}

class Reader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get atEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  byte(): number {
    return this.#bytes[this.#take(1)]!
  }

  expect(letter: number): void {
    const found = this.byte()
    if (found !== letter) throw new LogFormatError(`byte ${found} where ${letter} was expected`)
  }

  int16(): number {
    return this.#bytes.readUInt16BE(this.#take(2))
  }

  int32(): number {
    return this.#bytes.readUInt32BE(this.#take(4))
  }

  int64(): bigint {
    return this.#bytes.readBigInt64BE(this.#take(8))
  }

  name(): string {
    const end = this.#bytes.indexOf(0, this.#at)
    if (end < 0) throw new LogFormatError('a name without an end')
    const text = this.#bytes.toString('utf8', this.#at, end)
    this.#at = end + 1
    return text
  }

  text(length: number): string {
    const at = this.#take(length)
    return this.#bytes.toString('utf8', at, at + length)
  }

  tuple(): LogValue[] {
    const count = this.int16()
    const row: LogValue[] = []
    for (let i = 0; i < count; i++) row.push(this.#value())
    return row
  }

  #value(): LogValue {
    const kind = this.byte()
    if (kind === LETTER.n) return null
    if (kind === LETTER.u) return undefined
    if (kind !== LETTER.t) throw new LogFormatError(`value of kind ${kind}`)
    return this.text(this.int32())
  }

  #take(length: number): number {
    const at = this.#at
    if (at + length > this.#bytes.length) throw new LogFormatError('a message is cut short')
    this.#at = at + length
    return at
  }
}
