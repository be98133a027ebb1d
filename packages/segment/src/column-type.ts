import { SegmentError } from './errors.ts'

/** Names of the canonical types. Whatever is not in this list travels as `text`. */
export const TYPE_NAMES = [
  'boolean',
  'smallint',
  'integer',
  'bigint',
  'numeric',
  'real',
  'double',
  'text',
  'varchar',
  'char',
  'date',
  'time',
  'timetz',
  'timestamp',
  'timestamptz',
  'interval',
  'uuid',
  'bytea',
  'json',
  'jsonb',
] as const

/** One canonical type name. */
export type TypeName = (typeof TYPE_NAMES)[number]

/** A parsed canonical type: `numeric(38,18)` is `{name:'numeric', arguments:[38,18]}`. */
export interface ColumnType {
  readonly name: TypeName
  readonly arguments: readonly number[]
}

const SHAPE = /^([a-z]+)(?:\((\d{1,8})(?:,(-?\d{1,4}))?\))?$/
// Most arguments each type takes; types that are missing take none.
const ARGUMENTS_MAX: Partial<Record<TypeName, number>> = {
  numeric: 2,
  varchar: 1,
  char: 1,
  time: 1,
  timetz: 1,
  timestamp: 1,
  timestamptz: 1,
  interval: 1,
}

/**
 * Parse a canonical type such as `text`, `varchar(20)`, `numeric(38,18)`, `timestamp(3)`.
 * @throws SegmentError `bad_column_type`.
 */
export function parseColumnType(text: string): ColumnType {
  const match = SHAPE.exec(text)
  const name = TYPE_NAMES.find((candidate) => candidate === match?.[1])
  if (match === null || name === undefined) throw new SegmentError('bad_column_type', text.slice(0, 80))
  const args = [match[2], match[3]].filter((arg) => arg !== undefined).map(Number)
  if (args.length > (ARGUMENTS_MAX[name] ?? 0)) throw new SegmentError('bad_column_type', text)
  if ((name === 'varchar' || name === 'char') && args.length === 1 && args[0]! < 1) {
    throw new SegmentError('bad_column_type', text)
  }
  return { name, arguments: args }
}

/** The PostgreSQL type that stores a canonical type. @throws SegmentError `bad_column_type`. */
export function postgresType(text: string): string {
  const { name, arguments: args } = parseColumnType(text)
  const suffix = args.length === 0 ? '' : `(${args.join(',')})`
  switch (name) {
    case 'double':
      return 'double precision'
    case 'varchar':
      return `character varying${suffix}`
    case 'char':
      // A bare `character` means one character in SQL, so an unknown length becomes text.
      return args.length === 0 ? 'text' : `character${suffix}`
    case 'time':
      return `time${suffix} without time zone`
    case 'timetz':
      return `time${suffix} with time zone`
    case 'timestamp':
      return `timestamp${suffix} without time zone`
    case 'timestamptz':
      return `timestamp${suffix} with time zone`
    default:
      return `${name}${suffix}`
  }
}
