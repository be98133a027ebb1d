import { BinlogFormatError, Bytes } from './bytes.ts'

/** Types of columns as the log names them (MySQL `field_types.h`, MariaDB besides). */
export const TYPE = {
  tiny: 1,
  short: 2,
  long: 3,
  float: 4,
  double: 5,
  timestamp: 7,
  longlong: 8,
  int24: 9,
  date: 10,
  time: 11,
  datetime: 12,
  year: 13,
  newdate: 14,
  varchar: 15,
  bit: 16,
  timestamp2: 17,
  datetime2: 18,
  time2: 19,
  blobCompressed: 140,
  varcharCompressed: 141,
  json: 245,
  decimal: 246,
  enum: 247,
  set: 248,
  blob: 252,
  varString: 253,
  string: 254,
  geometry: 255,
} as const

/** Collation of what is no text. */
const BINARY = 63

const METADATA_BYTES: Readonly<Record<number, number>> = {
  [TYPE.float]: 1,
  [TYPE.double]: 1,
  [TYPE.blob]: 1,
  [TYPE.geometry]: 1,
  [TYPE.json]: 1,
  [TYPE.timestamp2]: 1,
  [TYPE.datetime2]: 1,
  [TYPE.time2]: 1,
  [TYPE.blobCompressed]: 1,
  [TYPE.bit]: 2,
  [TYPE.varchar]: 2,
  [TYPE.varcharCompressed]: 2,
  [TYPE.decimal]: 2,
  [TYPE.string]: 2,
  [TYPE.varString]: 2,
  [TYPE.enum]: 2,
  [TYPE.set]: 2,
}
const NUMERIC: ReadonlySet<number> = new Set([
  TYPE.tiny,
  TYPE.short,
  TYPE.int24,
  TYPE.long,
  TYPE.longlong,
  TYPE.decimal,
  TYPE.float,
  TYPE.double,
  TYPE.year,
])
const CHARACTERS: ReadonlySet<number> = new Set([
  TYPE.varchar,
  TYPE.varString,
  TYPE.string,
  TYPE.blob,
  TYPE.blobCompressed,
  TYPE.varcharCompressed,
])
const FIELD = {
  signedness: 1,
  defaultCharset: 2,
  columnCharset: 3,
  names: 4,
  setValues: 5,
  enumValues: 6,
  choiceDefaultCharset: 10,
  choiceCharset: 11,
} as const

/** A column as the log describes it at some place. */
export interface MappedColumn {
  readonly name: string
  readonly type: number
  /** By the type: bytes of the largest value, or of its length; digits of a decimal or a fraction; bits. */
  readonly size: number
  readonly scale: number
  readonly isUnsigned: boolean
  /** Number of the collation, null for what is no text. */
  readonly collation: number | null
  /** Words of an enumeration or a set, in their own character set. */
  readonly choices: readonly Buffer[]
}

/** The server leaves out how columns are named. */
export class NoMetadataError extends Error {}

/** Of which table the following rows are: read of every table, so it reads no further. */
export function tableNameOf(body: Buffer): { readonly schema: string; readonly name: string } {
  const bytes = new Bytes(body, 8)
  const schema = bytes.take(bytes.uint(1)).toString()
  bytes.skip(1)
  return { schema, name: bytes.take(bytes.uint(1)).toString() }
}

/** The columns of a table as its rows hold them. @throws NoMetadataError, BinlogFormatError. */
export function decodeColumns(body: Buffer): MappedColumn[] {
  const bytes = new Bytes(body, 8)
  bytes.skip(bytes.uint(1) + 1)
  bytes.skip(bytes.uint(1) + 1)
  const count = bytes.length()
  const types = bytes.take(count)
  const metadata = new Bytes(bytes.take(bytes.length()))
  const columns = [...types].map((type) => withMetadata(type, metadata))
  bytes.skip((count + 7) >> 3)
  const told = tellings(bytes)
  const names = told.get(FIELD.names)
  if (names === undefined) throw new NoMetadataError('binlog_row_metadata is not FULL')
  const texts = listOf(names)
  if (texts.length !== count) throw new BinlogFormatError(`${texts.length} names of ${count} columns`)
  const unsigned = flagsOf(columns, told.get(FIELD.signedness))
  const collations = collationsOf(columns, told)
  const choices = choicesOf(columns, told)
  return columns.map((column, i) => ({
    ...column,
    name: texts[i]!.toString(),
    isUnsigned: unsigned.has(i),
    collation: collations.get(i) ?? null,
    choices: choices.get(i) ?? [],
  }))
}

/** Whether a column holds bytes instead of text. */
export const isBinary = ({ collation }: Pick<MappedColumn, 'collation'>): boolean => collation === BINARY

type Plain = Pick<MappedColumn, 'type' | 'size' | 'scale'>

function withMetadata(type: number, metadata: Bytes): Plain {
  const length = METADATA_BYTES[type] ?? 0
  if (length === 0) return { type, size: 0, scale: 0 }
  if (type === TYPE.varchar || type === TYPE.varcharCompressed) return { type, size: metadata.uint(2), scale: 0 }
  const first = metadata.uint(1)
  if (length === 1) return { type, size: first, scale: 0 }
  const second = metadata.uint(1)
  if (type === TYPE.decimal) return { type, size: first, scale: second }
  if (type === TYPE.bit) return { type, size: second * 8 + first, scale: 0 }
  if (type !== TYPE.string && type !== TYPE.varString) return { type, size: second, scale: 0 }
  // Two bits of the length stand, turned over, in the byte of the true type.
  if ((first & 0x30) !== 0x30) return { type, size: second | (((first & 0x30) ^ 0x30) << 4), scale: 0 }
  return { type: first, size: second, scale: 0 }
}

function tellings(bytes: Bytes): ReadonlyMap<number, Buffer> {
  const told = new Map<number, Buffer>()
  while (bytes.left > 0) {
    const field = bytes.uint(1)
    told.set(field, bytes.take(bytes.length()))
  }
  return told
}

function listOf(field: Buffer): Buffer[] {
  const bytes = new Bytes(field)
  const list: Buffer[] = []
  while (bytes.left > 0) list.push(bytes.take(bytes.length()))
  return list
}

const placesOf = (columns: readonly Plain[], isOne: (type: number) => boolean): number[] =>
  columns.flatMap(({ type }, i) => (isOne(type) ? [i] : []))

/** One bit for each column of numbers, the highest first. */
function flagsOf(columns: readonly Plain[], field: Buffer | undefined): ReadonlySet<number> {
  const places = placesOf(columns, (type) => NUMERIC.has(type))
  return new Set(places.filter((_place, i) => ((field?.[i >> 3] ?? 0) & (0x80 >> (i & 7))) !== 0))
}

function collationsOf(columns: readonly Plain[], told: ReadonlyMap<number, Buffer>): ReadonlyMap<number, number> {
  const isText = (type: number) => CHARACTERS.has(type)
  const isChoice = (type: number) => type === TYPE.enum || type === TYPE.set
  return new Map([
    ...collationsIn(placesOf(columns, isText), told.get(FIELD.defaultCharset), told.get(FIELD.columnCharset)),
    ...collationsIn(placesOf(columns, isChoice), told.get(FIELD.choiceDefaultCharset), told.get(FIELD.choiceCharset)),
  ])
}

/** Either one for most and those that differ, or one for each. */
function collationsIn(
  places: readonly number[],
  most: Buffer | undefined,
  each: Buffer | undefined,
): Map<number, number> {
  if (most === undefined) {
    const bytes = new Bytes(each ?? Buffer.alloc(0))
    const list: number[] = []
    while (bytes.left > 0) list.push(bytes.length())
    return new Map(list.map((collation, i) => [places[i]!, collation]))
  }
  const bytes = new Bytes(most)
  const usual = bytes.length()
  const found = new Map(places.map((place) => [place, usual]))
  while (bytes.left > 0) {
    const place = places[bytes.length()]
    const collation = bytes.length()
    if (place !== undefined) found.set(place, collation)
  }
  return found
}

function choicesOf(columns: readonly Plain[], told: ReadonlyMap<number, Buffer>): ReadonlyMap<number, Buffer[]> {
  const found = new Map<number, Buffer[]>()
  for (const [type, field] of [
    [TYPE.enum, FIELD.enumValues],
    [TYPE.set, FIELD.setValues],
  ] as const) {
    const bytes = new Bytes(told.get(field) ?? Buffer.alloc(0))
    for (const place of placesOf(columns, (one) => one === type)) {
      if (bytes.left === 0) break
      const count = bytes.length()
      found.set(
        place,
        Array.from({ length: count }, () => bytes.take(bytes.length())),
      )
    }
  }
  return found
}
