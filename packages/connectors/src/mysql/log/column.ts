import { ConnectorError } from '../../errors.ts'
import type { Charset } from './charsets.ts'
import { isBinary, type MappedColumn, TYPE } from './table-map.ts'

/** A column of the log with its character set. */
export interface LogColumn extends MappedColumn {
  readonly charset: Charset | null
}

/** The canonical type, as `types.ts` gives it by the information schema. @throws ConnectorError `not_supported`. */
export function canonicalTypeOf(column: LogColumn): string {
  const { type, size, scale, isUnsigned } = column
  switch (type) {
    case TYPE.tiny:
    case TYPE.year:
      return 'smallint'
    case TYPE.short:
      return isUnsigned ? 'integer' : 'smallint'
    case TYPE.int24:
      return 'integer'
    case TYPE.long:
      return isUnsigned ? 'bigint' : 'integer'
    case TYPE.longlong:
      return isUnsigned ? 'numeric(20,0)' : 'bigint'
    case TYPE.decimal:
      return `numeric(${size},${scale})`
    case TYPE.float:
    case TYPE.double:
      return 'double'
    case TYPE.bit:
      return size === 1 ? 'boolean' : 'numeric(20,0)'
    case TYPE.string:
    case TYPE.varchar:
    case TYPE.varString:
      return charactersOf(column)
    case TYPE.blob:
      return isBinary(column) ? 'bytea' : 'text'
    case TYPE.geometry:
      return 'bytea'
    case TYPE.enum:
    case TYPE.set:
      return 'text'
    case TYPE.date:
    case TYPE.newdate:
      return 'date'
    case TYPE.datetime2:
      return `timestamp(${size})`
    case TYPE.timestamp2:
      return `timestamptz(${size})`
    case TYPE.time2:
      return `interval(${size})`
    case TYPE.json:
      return 'json'
    default:
      throw new ConnectorError('not_supported', `type ${type} of the log`, { place: { column: column.name } })
  }
}

function charactersOf(column: LogColumn): string {
  if (isBinary(column)) return 'bytea'
  const length = Math.floor(column.size / (column.charset?.bytesMax ?? 1))
  if (length < 1) return 'text'
  return `${column.type === TYPE.string ? 'char' : 'varchar'}(${length})`
}
