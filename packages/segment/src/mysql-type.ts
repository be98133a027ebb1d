import { type ColumnType, parseColumnType } from './column-type.ts'
import { SegmentError } from './errors.ts'
import type { Column } from './manifest.ts'

/** InnoDB's longest key, and its longest row without the columns that are stored beside. */
const KEY_BYTES_MAX = 3072
const ROW_BYTES_MAX = 60_000
const CHARACTER_BYTES_MAX = 4
const VARCHAR_CHARACTERS_MAX = 768
const DECIMAL_DIGITS_MAX = 65
const DECIMAL_SCALE_MAX = 30
const FRACTION_MAX = 6

const CHARACTERS = new Set(['text', 'varchar', 'char'])

/**
 * The MySQL types that store columns, without NULL and collation. Texts of a key become as long as a key can be; a table
 * whose texts would not fit into a row keeps those that are no key as LONGTEXT. Nothing that is too long or too exact for
 * its column is ever cut: loading refuses it.
 * @throws SegmentError `bad_column_type`; `bad_argument` when the key cannot be one.
 */
export function mysqlTypes(columns: readonly Column[], key: readonly string[]): string[] {
  const parsed = columns.map((column) => parseColumnType(column.type))
  const isKey = (i: number) => key.includes(columns[i]!.name)
  const given = parsed.map((type, i) => (isKey(i) ? keyBytes(type) : 0))
  const open = given.filter((bytes) => bytes === null).length
  const known = given.reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0)
  const share = open === 0 ? 0 : Math.floor((KEY_BYTES_MAX - known) / open / CHARACTER_BYTES_MAX)
  if (known > KEY_BYTES_MAX || (open > 0 && share < 1)) {
    throw new SegmentError('bad_argument', `a key of more than ${KEY_BYTES_MAX} bytes`)
  }
  const characters = Math.min(share, VARCHAR_CHARACTERS_MAX)
  const row = parsed.reduce((sum, type, i) => sum + (isKey(i) ? 0 : CHARACTER_BYTES_MAX * (widthOf(type) ?? 0)), known)
  const isWide = row + 16 * columns.length > ROW_BYTES_MAX
  return parsed.map((type, i) => (isKey(i) ? keyType(type, characters) : plainType(type, isWide)))
}

/** Characters of a text that stands in its row; null for whatever has no such limit. */
function widthOf({ name, arguments: [length] }: ColumnType): number | null {
  if ((name !== 'varchar' && name !== 'char') || length === undefined || length > VARCHAR_CHARACTERS_MAX) return null
  return length
}

/** Bytes of a key column; null when it takes what is left. */
function keyBytes(type: ColumnType): number | null {
  if (CHARACTERS.has(type.name) || type.name === 'bytea' || type.name === 'json' || type.name === 'jsonb') {
    const width = widthOf(type)
    return width === null ? null : width * CHARACTER_BYTES_MAX
  }
  // Numbers and times take less; texts of intervals and times with a zone have their own length.
  return type.name === 'interval' || type.name === 'timetz' ? 64 * CHARACTER_BYTES_MAX : 36
}

function keyType(type: ColumnType, characters: number): string {
  if (keyBytes(type) !== null) return plainType(type, false)
  return type.name === 'bytea' ? `varbinary(${characters})` : `varchar(${characters})`
}

function plainType(type: ColumnType, isWide: boolean): string {
  const { name, arguments: args } = type
  switch (name) {
    case 'boolean':
      return 'tinyint(1)'
    case 'smallint':
    case 'bigint':
      return name
    case 'integer':
      return 'int'
    case 'numeric':
      return decimalType(args)
    case 'real':
    case 'double':
      // FLOAT shows six digits of what it holds; DOUBLE shows a shorter text again as it came.
      return 'double'
    case 'varchar':
    case 'char': {
      const width = widthOf(type)
      if (width === null || isWide) return 'longtext'
      return name === 'char' && width <= 255 ? `char(${width})` : `varchar(${width})`
    }
    case 'date':
      return 'date'
    case 'time':
      return `time(${fraction(args)})`
    case 'timestamp':
    case 'timestamptz':
      // TIMESTAMP ends in 2038; an instant is kept in UTC.
      return `datetime(${fraction(args)})`
    case 'interval':
      return args.length === 0 ? 'varchar(64)' : `time(${fraction(args)})`
    case 'timetz':
      return 'varchar(64)'
    case 'uuid':
      return 'char(36)'
    case 'bytea':
      return 'longblob'
    case 'text':
    case 'json':
    case 'jsonb':
      // MySQL's own JSON would write the text anew.
      return 'longtext'
  }
}

function decimalType([precision, scale = 0]: readonly number[]): string {
  if (precision === undefined) return `decimal(${DECIMAL_DIGITS_MAX},${DECIMAL_SCALE_MAX})`
  const digits = Math.max(precision, precision - scale)
  const decimals = Math.min(Math.max(scale, 0), DECIMAL_SCALE_MAX)
  return `decimal(${Math.min(Math.max(digits, decimals), DECIMAL_DIGITS_MAX)},${decimals})`
}

const fraction = ([digits]: readonly number[]) => Math.min(digits ?? FRACTION_MAX, FRACTION_MAX)
