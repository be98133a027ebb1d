import type { DuckDbWriter, Piece } from './duckdb.ts'
import type { DateForm } from './literal.ts'

/** A text literal of DuckDB. @throws RangeError for NUL, which no text of a database holds. */
export function text(value: string): string {
  if (value.includes('\0')) throw new RangeError('NUL in a literal')
  return `'${value.replaceAll("'", "''")}'`
}

/** A quoted identifier. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** Numbers as texts are read from these forms only; a cast takes more. */
const [BASIC, SLASH] = ['[0-9]{8}', '[0-9]{4}/[0-9]{2}/[0-9]{2}']

/** The date in a text, by the forms given; NULL where there is none. Year 0000 exists for DuckDB and not for the calendar. */
export function dateIn(writer: DuckDbWriter, of: Piece, forms: readonly DateForm[]): Piece {
  const x = of.sql
  const cast = writer.share({ ...of, sql: `CASE WHEN strlen(${x}) = 10 THEN try_cast(${x} AS DATE) END`, as: 'date' })
  // A date that is written back as it stood was written in this form: cheaper than to ask for the form first.
  const iso = writer.share({ ...cast, sql: `CASE WHEN CAST(${cast.sql} AS VARCHAR) = ${x} THEN ${cast.sql} END` })
  if (forms.every((one) => one === 'iso')) return iso
  const isBasic = writer.share({
    ...of,
    sql: `CASE WHEN strlen(${x}) = 8 THEN regexp_full_match(${x}, '${BASIC}') END`,
    as: 'boolean',
  })
  const slash = `WHEN regexp_full_match(${x}, '${SLASH}') AND ${x} >= '0001' THEN ${cast.sql}`
  const digits = `CASE WHEN ${isBasic.sql} THEN concat('0x', ${x})::UBIGINT END`
  const basic = forms.includes('basic') ? dateOfDigits(writer, { ...isBasic, sql: digits }, isBasic.sql) : null
  const cases = forms.map((form) =>
    form === 'iso'
      ? `WHEN ${iso.sql} IS NOT NULL THEN ${iso.sql}`
      : form === 'slash'
        ? slash
        : `WHEN ${isBasic.sql} THEN ${basic!.sql}`,
  )
  const level = Math.max(iso.level, basic?.level ?? 0)
  return writer.share({ sql: `CASE ${cases.join(' ')} END`, level, as: 'date' })
}

/**
 * The date of eight digits that stand in nibbles, YYYYMMDD, where `isSo` holds; NULL where the calendar has no such day.
 * `digits` is a number of 32 bits (UBIGINT).
 */
export function dateOfDigits(writer: DuckDbWriter, digits: Piece, isSo: string): Piece {
  const nibbles = writer.share({ ...digits, as: 'integer' })
  // Two nibbles become a number below a hundred in each byte: century, year, month, day.
  const n = writer.share({
    ...nibbles,
    sql: `((${nibbles.sql} & 252645135) + 10 * ((${nibbles.sql} >> 4) & 252645135))::BIGINT`,
  })
  const year = writer.share({ ...n, sql: `100 * (${n.sql} >> 24) + ((${n.sql} >> 16) & 255)` })
  const month = writer.share({ ...n, sql: `(${n.sql} >> 8) & 255` })
  const day = writer.share({ ...n, sql: `${n.sql} & 255` })
  const [y, m, d] = [year.sql, month.sql, day.sql]
  const leap = `(${y} % 4 = 0 AND (${y} % 100 <> 0 OR ${y} % 400 = 0))`
  const last = `CASE WHEN ${m} = 2 THEN 28 + ${leap}::BIGINT WHEN ${m} IN (4, 6, 9, 11) THEN 30 ELSE 31 END`
  const exists = `${y} >= 1 AND ${m} BETWEEN 1 AND 12 AND ${d} BETWEEN 1 AND ${last}`
  return writer.share({
    sql: `CASE WHEN ${isSo} AND ${exists} THEN make_date(${y}, ${m}, ${d}) END`,
    level: year.level,
    as: 'date',
  })
}

/** The number in a text, as far as every engine holds it exactly; NULL where there is none. */
export const numberSql = (x: string): string =>
  `CASE WHEN regexp_full_match(${x}, '[+-]?[0-9]{1,28}([.][0-9]{1,10})?') THEN try_cast(ltrim(${x}, '+') AS DECIMAL(38, 10)) END`

/** A number as DuckDB reads it, without plus sign or leading zeros. */
export function numberLiteral(value: string): string {
  const [, sign = '', whole = '0', fraction = ''] = /^([+-]?)0*(\d+?)((?:\.\d+)?)$/.exec(value)!
  return `${sign === '-' ? '-' : ''}${whole}${fraction}`
}
