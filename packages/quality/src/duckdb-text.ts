import type { DateForm } from './literal.ts'

/** A text literal of DuckDB. @throws RangeError for NUL, which no text of a database holds. */
export function text(value: string): string {
  if (value.includes('\0')) throw new RangeError('NUL in a literal')
  return `'${value.replaceAll("'", "''")}'`
}

/** A quoted identifier. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

const DATE_SHAPES: Readonly<Record<DateForm, string>> = {
  iso: '[0-9]{4}-[0-9]{2}-[0-9]{2}',
  basic: '[0-9]{8}',
  slash: '[0-9]{4}/[0-9]{2}/[0-9]{2}',
}

/** The date in a text, by the forms given; NULL where there is none. Year 0000 exists for DuckDB and not for the calendar. */
export function dateSql(x: string, forms: readonly DateForm[]): string {
  const cases = forms.map((form) => {
    const iso =
      form === 'basic' ? `substring(${x}, 1, 4) || '-' || substring(${x}, 5, 2) || '-' || substring(${x}, 7, 2)` : x
    return `WHEN regexp_full_match(${x}, '${DATE_SHAPES[form]}') AND ${x} >= '0001' THEN try_cast(${iso} AS DATE)`
  })
  return `CASE ${cases.join(' ')} END`
}

/** The number in a text, as far as every engine holds it exactly; NULL where there is none. */
export const numberSql = (x: string): string =>
  `CASE WHEN regexp_full_match(${x}, '[+-]?[0-9]{1,28}([.][0-9]{1,10})?') THEN try_cast(ltrim(${x}, '+') AS DECIMAL(38, 10)) END`

/** A number as DuckDB reads it, without plus sign or leading zeros. */
export function numberLiteral(value: string): string {
  const [, sign = '', whole = '0', fraction = ''] = /^([+-]?)0*(\d+?)((?:\.\d+)?)$/.exec(value)!
  return `${sign === '-' ? '-' : ''}${whole}${fraction}`
}
