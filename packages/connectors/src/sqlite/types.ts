import { parseColumnType } from '@huitong/segment'
import type { Value } from './child.ts'

/**
 * The canonical type of a column by its declared type, and after that by SQLite's affinity
 * (https://www.sqlite.org/datatype3.html). SQLite has neither days, truth values nor decimals: what is declared as one
 * is read as one, from the forms in which programs keep it.
 */
export function canonicalTypeOf(declared: string): string {
  const type = declared.toUpperCase().trim()
  if (type.startsWith('BOOL')) return 'boolean'
  if (/^DATE\b/.test(type)) return 'date'
  if (/^(?:DATETIME|TIMESTAMP)\b(?!.*ZONE)/.test(type)) return 'timestamp'
  if (/^TIME\b(?!.*ZONE)/.test(type)) return 'time'
  // Places that a declaration names are not kept by SQLite: what stands there travels whole.
  if (/^(?:DECIMAL|NUMERIC)/.test(type)) return 'numeric'
  // The affinities, in SQLite's own order.
  if (type.includes('INT')) return 'bigint'
  if (/CHAR|CLOB|TEXT/.test(type)) return 'text'
  if (type === '' || type.includes('BLOB')) return type === '' ? 'text' : 'bytea'
  return /REAL|FLOA|DOUB/.test(type) ? 'double' : 'text'
}

/** Condition that every value of a column can be read as what it is declared; null for types that need no look. */
export function holdsSql(name: string, type: string): string | null {
  const text = `typeof(${name}) = 'text'`
  const isDay = (part: string) => `coalesce(date(${part}) = ${part} AND ${part} >= '0001', 0)`
  const fraction = (from: number) =>
    `(substr(${name}, ${from}) = '' OR (substr(${name}, ${from}) GLOB '.[0-9]*' AND substr(${name}, ${from + 1}) NOT GLOB '*[^0-9]*' AND length(${name}) < ${from + 7}))`
  const seconds = `coalesce(datetime(substr(${name}, 1, 19)) = replace(substr(${name}, 1, 19), 'T', ' ') AND ${fraction(20)}, 0)`
  const minutes = `coalesce(length(${name}) = 16 AND datetime(${name}) = replace(${name}, 'T', ' ') || ':00', 0)`
  switch (type) {
    case 'date':
      return `${text} AND ${isDay(name)}`
    case 'timestamp':
      return `${text} AND ${name} >= '0001' AND (${isDay(name)} OR ${seconds} OR ${minutes})`
    case 'time':
      return `${text} AND coalesce(time(substr(${name}, 1, 8)) = substr(${name}, 1, 8) AND ${fraction(9)}, 0)`
    default:
      return null
  }
}

/** A value that is none of its column's type. The reason quotes no datum. */
export class OtherValue extends Error {}

/**
 * The text of a value as its type travels. `of` is SQLite's word for its class; texts come as bytes, which `decode` reads.
 * @throws OtherValue.
 */
export function textOf(of: string, value: Value, type: string, decode: (bytes: Uint8Array) => string): string | null {
  if (of === 'null') return null
  if (of === 'large') throw new OtherValue('a value over the limit of a row')
  const other = () => new OtherValue(`holds ${of} where its type is ${type}`)
  const { name } = parseColumnType(type)
  if (name === 'bytea') {
    if (of !== 'blob') throw other()
    return `\\x${Buffer.from(value as Uint8Array).toString('hex')}`
  }
  if (of === 'blob') throw other()
  const text = of === 'text' ? decode(value as Uint8Array) : numberText(value as bigint | number)
  switch (name) {
    case 'bigint':
      if (of !== 'integer') throw other()
      return text
    case 'double':
      if (of === 'text') throw other()
      return of === 'integer' ? text : doubleText(value as number)
    case 'boolean':
      return truth(text) ?? fail(other())
    case 'numeric':
      return /^-?\d+(?:\.\d+)?$/.test(text) ? text : fail(other())
    default:
      return text
  }
}

function fail(error: Error): never {
  throw error
}

function truth(text: string): string | null {
  if (text === '1' || /^(?:true|t)$/i.test(text)) return 'true'
  return text === '0' || /^(?:false|f)$/i.test(text) ? 'false' : null
}

const doubleText = (value: number) => (Object.is(value, -0) ? '-0' : String(value))

/** Digits without an exponent: the fewest that give the same double. Infinite ones have none. */
function numberText(value: bigint | number): string {
  if (typeof value === 'bigint' || !Number.isFinite(value)) return String(value)
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value))!
  const [, sign, whole = '', part = '', exponent] = match
  const at = whole.length + Number(exponent ?? 0)
  const digits = whole + part
  if (at <= 0) return `${sign}0.${'0'.repeat(-at)}${digits}`
  return at >= digits.length ? `${sign}${digits.padEnd(at, '0')}` : `${sign}${digits.slice(0, at)}.${digits.slice(at)}`
}
