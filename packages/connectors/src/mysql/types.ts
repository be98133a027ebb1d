/** What the information schema says of a column's type. */
export interface NativeType {
  /** `data_type`: `int`, `varchar`, … */
  readonly name: string
  /** `column_type`: `int(10) unsigned`, `enum('a','b')`, … */
  readonly whole: string
  readonly precision: number | null
  readonly scale: number | null
  readonly fraction: number | null
  readonly length: number | null
}

/**
 * The canonical type of a MySQL or MariaDB column: the closest one that holds every value it may have. TIME is a span of
 * up to 838 hours and no time of day; TIMESTAMP is an instant, DATETIME is not; FLOAT is read as the double that it is.
 */
export function canonicalTypeOf(type: NativeType): string {
  const { name, whole } = type
  const isUnsigned = /\bunsigned\b/.test(whole)
  switch (name) {
    case 'tinyint':
    case 'year':
      return 'smallint'
    case 'smallint':
      return isUnsigned ? 'integer' : 'smallint'
    case 'mediumint':
      return 'integer'
    case 'int':
    case 'integer':
      return isUnsigned ? 'bigint' : 'integer'
    case 'bigint':
      return isUnsigned ? 'numeric(20,0)' : 'bigint'
    case 'decimal':
    case 'numeric':
      return `numeric(${type.precision ?? 10},${type.scale ?? 0})`
    case 'float':
    case 'double':
      return 'double'
    case 'bit':
      return whole.startsWith('bit(1)') ? 'boolean' : 'numeric(20,0)'
    case 'char':
      return sized('char', type.length)
    case 'varchar':
      return sized('varchar', type.length)
    case 'date':
      return 'date'
    case 'datetime':
      return `timestamp(${type.fraction ?? 0})`
    case 'timestamp':
      return `timestamptz(${type.fraction ?? 0})`
    case 'time':
      return `interval(${type.fraction ?? 0})`
    case 'json':
      return 'json'
    case 'uuid':
      return 'uuid'
    default:
      return BYTES.has(name) ? 'bytea' : 'text'
  }
}

const sized = (name: string, length: number | null) => (length === null || length < 1 ? 'text' : `${name}(${length})`)

/** Geometry as the server keeps it: its reference system, then well-known binary. */
const BYTES: ReadonlySet<string> = new Set([
  'binary',
  'varbinary',
  'tinyblob',
  'blob',
  'mediumblob',
  'longblob',
  'geometry',
  'point',
  'linestring',
  'polygon',
  'multipoint',
  'multilinestring',
  'multipolygon',
  'geometrycollection',
  'geomcollection',
])
