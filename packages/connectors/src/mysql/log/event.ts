import { crc32, inflateSync } from 'node:zlib'
import { BinlogFormatError, Bytes } from './bytes.ts'

/** Numbers of the events that say something here (MySQL `binlog_event.h`, MariaDB `log_event.h`). */
export const EVENT = {
  query: 2,
  rotate: 4,
  intvar: 5,
  rand: 13,
  userVar: 14,
  format: 15,
  xid: 16,
  tableMap: 19,
  heartbeat: 27,
  rowsQuery: 29,
  gtid: 33,
  anonymousGtid: 34,
  previousGtids: 35,
  xaPrepare: 38,
  partialUpdate: 39,
  payload: 40,
  heartbeat2: 41,
  gtidTagged: 42,
  mariadbAnnotate: 160,
  mariadbCheckpoint: 161,
  mariadbGtid: 162,
  mariadbGtidList: 163,
  mariadbEncryption: 164,
} as const

const HEADER_BYTES = 19
const CHECKSUM_BYTES = 4
/** The server made it for this reader: it is in no file. */
const ARTIFICIAL = 0x20
const CRC32 = 1
/** Of the tables of rows: this is the last event of the statement. */
const QUERY_COMPRESSED = 165

/** One event, without its header and checksum. */
export interface BinlogEvent {
  readonly type: number
  /** Seconds since 1970, by the clock of the server that wrote it first. */
  readonly at: number
  readonly serverId: number
  /** Where the next one begins in its file, 0 for what is in none. */
  readonly next: number
  readonly body: Buffer
}

/** Splits packets into events and checks their checksums. */
export class EventReader {
  #hasChecksum = false

  /** @throws BinlogFormatError when the event is cut short or its checksum is wrong. */
  read(packet: Buffer): BinlogEvent {
    if (packet.length < HEADER_BYTES) throw new BinlogFormatError('an event without a header')
    const type = packet[4]!
    const size = packet.readUInt32LE(9)
    if (size !== packet.length) throw new BinlogFormatError(`an event of ${size} bytes came with ${packet.length}`)
    const isArtificial = (packet.readUInt16LE(17) & ARTIFICIAL) !== 0
    if (type === EVENT.format) this.#hasChecksum = packet[packet.length - CHECKSUM_BYTES - 1] === CRC32
    const isBare = type === EVENT.heartbeat || type === EVENT.heartbeat2 || isArtificial
    const end = this.#hasChecksum && !isBare ? packet.length - CHECKSUM_BYTES : packet.length
    if (end < packet.length && type !== EVENT.format) this.#check(packet, end)
    return {
      type,
      at: packet.readUInt32LE(0),
      serverId: packet.readUInt32LE(5),
      next: packet.readUInt32LE(13),
      body: packet.subarray(HEADER_BYTES, end),
    }
  }

  #check(packet: Buffer, end: number): void {
    if (crc32(packet.subarray(0, end)) !== packet.readUInt32LE(end)) {
      throw new BinlogFormatError(`the checksum of an event of kind ${packet[4]} is wrong`)
    }
  }
}

/** A statement in the log: of definition, or one that begins or ends a transaction. */
export interface QueryEvent {
  readonly schema: string
  readonly text: string
}

export const isQuery = (type: number): boolean => type === EVENT.query || type === QUERY_COMPRESSED

/** @throws BinlogFormatError. */
export function decodeQuery({ type, body }: BinlogEvent): QueryEvent {
  const bytes = new Bytes(body)
  bytes.skip(8)
  const schemaLength = bytes.uint(1)
  bytes.skip(2)
  bytes.skip(bytes.uint(2))
  const schema = bytes.take(schemaLength).toString()
  bytes.skip(1)
  const rest = bytes.rest()
  return { schema, text: (type === QUERY_COMPRESSED ? uncompressed(rest) : rest).toString() }
}

/** What a rows event does. */
export type RowsKind = 'insert' | 'update' | 'delete'

interface RowsForm {
  readonly kind: RowsKind
  readonly version: 1 | 2
  readonly isCompressed: boolean
}

const KINDS = ['insert', 'update', 'delete'] as const

/** How an event holds rows, null when it holds none. */
export function rowsForm(type: number): RowsForm | null {
  const form = (first: number, version: 1 | 2, isCompressed: boolean): RowsForm | null => {
    const kind = KINDS[type - first]
    return kind === undefined ? null : { kind, version, isCompressed }
  }
  return form(23, 1, false) ?? form(30, 2, false) ?? form(166, 1, true) ?? form(169, 2, true)
}

/** Rows of one table. */
export interface RowsEvent {
  readonly kind: RowsKind
  readonly width: number
  /** Which columns are there: of the old rows in `before`, of the new ones in `after`. */
  readonly before: Buffer | null
  readonly after: Buffer | null
  readonly rows: Buffer
}

/** Number of the table that a rows or table event is of. */
export const tableIdOf = (body: Buffer): number => body.readUIntLE(0, 6)

/** @throws BinlogFormatError. */
export function decodeRows(form: RowsForm, body: Buffer): RowsEvent {
  const bytes = new Bytes(body)
  bytes.skip(8)
  // The length counts itself.
  if (form.version === 2) bytes.skip(bytes.uint(2) - 2)
  const width = bytes.length()
  const present = () => bytes.take((width + 7) >> 3)
  const first = present()
  const second = form.kind === 'update' ? present() : null
  const rest = bytes.rest()
  return {
    kind: form.kind,
    width,
    before: form.kind === 'insert' ? null : first,
    after: form.kind === 'insert' ? first : second,
    rows: form.isCompressed ? uncompressed(rest) : rest,
  }
}

/** MariaDB's `log_bin_compress`: a mark with the size of the length, the length, and a zlib stream. */
function uncompressed(bytes: Buffer): Buffer {
  const mark = bytes[0] ?? 0
  const size = mark & 0x07
  if ((mark & 0xf0) !== 0x80 || size === 0 || size > 4 || bytes.length < 1 + size) {
    throw new BinlogFormatError(`compressed by ${mark.toString(16)}`)
  }
  const whole = inflateSync(bytes.subarray(1 + size), { maxOutputLength: 1 << 30 })
  if (whole.length !== bytes.readUIntBE(1, size)) throw new BinlogFormatError('compressed bytes of another length')
  return whole
}
