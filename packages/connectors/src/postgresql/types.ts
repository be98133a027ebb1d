/**
 * The canonical type of a PostgreSQL type as `format_type` prints it. What has no closer one travels as `text`, in the
 * type's own output form.
 */
export function canonicalTypeOf(formatted: string): string {
  const plain = PLAIN[formatted]
  if (plain !== undefined) return plain
  const match =
    /^(numeric|character varying|character|timestamp|time|interval)(?: [a-z ]+?)??(\([-\d,]+\))?( with(?:out)? time zone)?$/.exec(
      formatted,
    )
  if (match === null) return 'text'
  const [, name, args = '', zone = ''] = match
  switch (name) {
    case 'numeric':
      return `numeric${args}`
    case 'character varying':
      return `varchar${args}`
    case 'character':
      return args === '' ? 'text' : `char${args}`
    case 'interval':
      return 'interval'
    default:
      return `${name}${zone === ' with time zone' ? 'tz' : ''}${args}`
  }
}

const PLAIN: Readonly<Record<string, string>> = {
  boolean: 'boolean',
  smallint: 'smallint',
  integer: 'integer',
  bigint: 'bigint',
  real: 'real',
  'double precision': 'double',
  text: 'text',
  date: 'date',
  uuid: 'uuid',
  bytea: 'bytea',
  json: 'json',
  jsonb: 'jsonb',
}
