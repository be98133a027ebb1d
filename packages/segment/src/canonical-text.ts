import { parseColumnType } from './column-type.ts'
import { SegmentError } from './errors.ts'

/**
 * Session settings under which the text of a value depends on the value alone. Every session that reads, loads or
 * digests sets them; both canonical text and segment text are defined under them.
 */
export const SESSION_SETTINGS: Readonly<Record<string, string>> = {
  client_encoding: 'UTF8',
  DateStyle: 'ISO, YMD',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  extra_float_digits: '1',
  bytea_output: 'hex',
  standard_conforming_strings: 'on',
  xmloption: 'content',
}

/** The statement that applies {@link SESSION_SETTINGS}, for the session or (`local`) for the transaction. */
export function sessionSettingsSql(local = false): string {
  const calls = Object.entries(SESSION_SETTINGS).map(
    ([name, value]) => `pg_catalog.set_config('${name}', '${value}', ${local})`,
  )
  return `SELECT ${calls.join(', ')}`
}

/**
 * PostgreSQL expression that gives the canonical text of `expression`, NULL for NULL. One value, one text:
 * numbers without trailing zeros (1.50 = 1.5 in either scale), booleans t/f, `char` without its padding, times in UTC.
 * @throws SegmentError `bad_column_type`.
 */
export function canonicalTextSql(expression: string, type: string): string {
  switch (parseColumnType(type).name) {
    case 'boolean':
      return `CASE WHEN ${expression} THEN 't' WHEN NOT ${expression} THEN 'f' END`
    case 'numeric':
      return `pg_catalog.trim_scale(${expression})::text`
    default:
      // Casting `char(n)` to text drops its padding; the other types print one form under the session settings.
      return `(${expression})::text`
  }
}

/**
 * The same canonical text from a field of segment CSV (bytes in, bytes out), so that a source without SQL can be
 * compared with a database. Floats must already have the fewest digits that give their value.
 * @throws SegmentError `bad_value` when the field is no value of its type.
 */
export function canonicalText(field: Buffer, type: string): Buffer {
  switch (parseColumnType(type).name) {
    case 'boolean':
      return canonicalBoolean(field)
    case 'smallint':
    case 'integer':
    case 'bigint':
    case 'numeric':
      return Buffer.from(canonicalNumber(field.toString('latin1').trim()), 'latin1')
    case 'real':
      return Buffer.from(canonicalFloat(field.toString('latin1').trim(), 6), 'latin1')
    case 'double':
      return Buffer.from(canonicalFloat(field.toString('latin1').trim(), 15), 'latin1')
    case 'char':
      return trimEnd(field)
    case 'timestamp':
    case 'timestamptz':
    case 'time':
    case 'interval':
      return Buffer.from(canonicalTime(field.toString('latin1')), 'latin1')
    case 'uuid':
    case 'bytea':
      return Buffer.from(field.toString('latin1').toLowerCase(), 'latin1')
    default:
      return field
  }
}

function canonicalBoolean(field: Buffer): Buffer {
  const text = field.toString('latin1').toLowerCase()
  if (text === 't' || text === 'true') return Buffer.from('t')
  if (text === 'f' || text === 'false') return Buffer.from('f')
  throw new SegmentError('bad_value', 'not a boolean')
}

const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,6}))?$/

/** Decimal text without sign of zero, leading or trailing zeros, or exponent. */
export function canonicalNumber(text: string): string {
  const special = { nan: 'NaN', infinity: 'Infinity', '-infinity': '-Infinity' }[text.toLowerCase()]
  if (special !== undefined) return special
  const match = NUMBER.exec(text)
  const whole = match?.[2] ?? ''
  const fraction = match?.[3] ?? ''
  if (match === null || whole + fraction === '') throw new SegmentError('bad_value', 'not a number')
  const exponent = Number(match[4] ?? 0)
  const digits = whole + fraction
  // Where the point stands in `digits`, after the exponent moved it.
  const point = whole.length + exponent
  const left = point <= 0 ? '0' : digits.slice(0, point).padEnd(point, '0')
  const right = point < 0 ? digits.padStart(digits.length - point, '0') : digits.slice(Math.max(point, 0))
  const integer = left.replace(/^0+(?=\d)/, '')
  const decimals = right.replace(/0+$/, '')
  const zero = integer === '0' && decimals === ''
  return `${match[1] === '-' && !zero ? '-' : ''}${integer}${decimals === '' ? '' : `.${decimals}`}`
}

/**
 * PostgreSQL's notation of a float: plain from 1e-4 to below 10^`digits`, else one digit before the point, and an
 * exponent with sign and at least two digits.
 */
function canonicalFloat(text: string, digits: number): string {
  const plain = canonicalNumber(text)
  const sign = text.startsWith('-') ? '-' : ''
  const magnitude = plain.replace('-', '')
  if (!/^\d/.test(magnitude)) return plain
  if (magnitude === '0') return `${sign}0`
  const [whole = '', fraction = ''] = magnitude.split('.')
  const significant = `${whole}${fraction}`.replace(/^0+/, '')
  const exponent = whole === '0' ? significant.length - fraction.length - 1 : whole.length - 1
  if (exponent >= -4 && exponent < digits) return `${sign}${magnitude}`
  const shown = significant.replace(/0+$/, '')
  const rest = shown.length > 1 ? `.${shown.slice(1)}` : ''
  return `${sign}${shown[0]}${rest}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`
}

function canonicalTime(text: string): string {
  return text
    .replace(/^(\d{4,}-\d\d-\d\d)T/, '$1 ')
    .replace(/(:\d\d)\.(\d*?)0*(?=$|[+\- ]|\s)/, (_all, seconds: string, rest: string) =>
      rest === '' ? seconds : `${seconds}.${rest}`,
    )
}

function trimEnd(field: Buffer): Buffer {
  let end = field.length
  while (end > 0 && field[end - 1] === 0x20) end--
  return field.subarray(0, end)
}
