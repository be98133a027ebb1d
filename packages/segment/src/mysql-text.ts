import { parseColumnType } from './column-type.ts'

/**
 * Session settings of MySQL under which the text of a value depends on the value alone. `ANSI_QUOTES`, `PIPES_AS_CONCAT`
 * and `NO_BACKSLASH_ESCAPES` let identifiers, texts and masks be written as for PostgreSQL.
 */
export const MYSQL_SESSION_SETTINGS: readonly string[] = [
  'NAMES utf8mb4 COLLATE utf8mb4_bin',
  `SESSION sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES,STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,NO_ENGINE_SUBSTITUTION'`,
  `SESSION time_zone = '+00:00'`,
]

/**
 * MySQL expression that gives a column as it stands in a segment: text that PostgreSQL's COPY takes for the canonical
 * type. What has the same text in both is left to the protocol.
 * @throws SegmentError `bad_column_type`.
 */
export function segmentTextMysql(column: string, type: string): string {
  const { name, arguments: args } = parseColumnType(type)
  switch (name) {
    case 'boolean':
      return `(case when ${column} then 't' when not ${column} then 'f' end)`
    case 'smallint':
    case 'integer':
    case 'bigint':
      // Without the zeros of ZEROFILL.
      return `(${column} + 0)`
    case 'numeric':
      // BIT and BIGINT UNSIGNED travel so.
      return args[0] === 20 && (args[1] ?? 0) === 0 ? `(${column} + 0)` : column
    case 'real':
      return `(${column} * 1e0)`
    case 'double':
      // FLOAT would be shown with six digits.
      return doubleText(`(${column} * 1e0)`)
    case 'timestamptz':
      return `concat(${column}, '+00')`
    case 'uuid':
      return `lower(${wholeTextMysql(column)})`
    case 'bytea':
      return `concat('\\x', lower(hex(${column})))`
    case 'date':
    case 'time':
    case 'timestamp':
      return column
    case 'interval':
      return args.length === 0 ? wholeTextMysql(column) : column
    default:
      return wholeTextMysql(column)
  }
}

/** Begins the text of a value that has bytes which are no character: no text of a segment may hold it, so none is sent. */
const NO_TEXT = 'char(0 using utf8mb4)'

/**
 * A text of any character set as UTF-8. The server writes `?` for bytes that are no character of the column's set, or
 * one that Unicode has not: whoever has more of them afterwards than before gets {@link NO_TEXT} instead of `shown`.
 */
export function wholeTextMysql(column: string, shown = `convert(${column} using utf8mb4)`): string {
  const converted = `convert(${column} using utf8mb4)`
  const marks = (text: string) => `char_length(${text}) - char_length(replace(${text}, '?', ''))`
  return (
    `(case when locate('?', cast(${converted} as binary)) > 0 and ${marks(column)} <> ${marks(converted)} ` +
    `then ${NO_TEXT} else ${shown} end)`
  )
}

/**
 * MySQL expression that gives the canonical text of what {@link segmentTextMysql} gave: the same text as
 * `canonicalTextSql` gives in PostgreSQL for the same value, NULL for NULL.
 * @throws SegmentError `bad_column_type`.
 */
export function canonicalTextMysql(text: string, type: string): string {
  const { name, arguments: args } = parseColumnType(type)
  const characters = `cast(${text} as char)`
  switch (name) {
    case 'boolean':
    case 'bytea':
    case 'uuid':
      return text
    case 'numeric':
    case 'timestamp':
    case 'time':
      return withoutZeros(characters)
    case 'interval':
      return args.length === 0 ? characters : withoutZeros(characters)
    case 'timestamptz':
      return `(${withoutZeros(`left(${text}, char_length(${text}) - 3)`)} || '+00')`
    case 'real':
      return floatText(text, 6)
    case 'char':
      return `rtrim(${text})`
    default:
      return characters
  }
}

/** A text of digits without the zeros at the end of its fraction. */
function withoutZeros(text: string): string {
  return `(case when locate('.', ${text}) > 0 then trim(trailing '.' from trim(trailing '0' from ${text})) else ${text} end)`
}

/**
 * PostgreSQL's text of a double. MySQL also takes a text that lies halfway between two doubles and is read as this one
 * because it is even; PostgreSQL takes the shortest that lies nearer to this one than to any other. Such texts, of at
 * most 16 digits, exist from 2^54 on, and there is none in practice from 2^124 on.
 */
function doubleText(number: string): string {
  const size = `abs(${number})`
  const low = `mod(${size}, ${2n ** 62n}e0)`
  const integer = (value: string) => `cast(cast(${value} as signed) as decimal(65,0))`
  const exact = `(${integer(low)} + ${integer(`(${size} - ${low}) / ${2n ** 62n}e0`)} * ${2n ** 62n})`
  const given = `cast(${size} as decimal(65,0))`
  const rounded = (digits: number) => `round(${exact}, ${digits} - char_length(${exact}))`
  const isNearest = (text: string) => `(${text} + 0.5 * sign(${text} - ${exact})) * 1e0 = ${size}`
  const digits = `cast(case when ${isNearest(rounded(16))} then ${rounded(16)} else ${rounded(17)} end as char)`
  const isHalfway = `${size} >= ${2n ** 54n}e0 and ${size} < ${2n ** 124n}e0 and not (${isNearest(given)})`
  const halfway =
    `concat(case when ${number} < 0 then '-' else '' end, left(${digits}, 1), '.', ` +
    `trim(trailing '0' from substring(${digits}, 2)), 'e+', char_length(${exact}) - 1)`
  return `(case when ${isHalfway} then ${halfway} else ${floatText(number, 15)} end)`
}

/**
 * PostgreSQL's shortest text of a float: plain from 1e-4 to below 10^`digits`, else one digit before the point and an
 * exponent with sign and at least two digits. MySQL has the same digits in another notation.
 */
function floatText(number: string, digits: number): string {
  const text = `cast(${number} as char)`
  const size = `cast(abs(${number}) as char)`
  const mantissa = `substring_index(${size}, 'e', 1)`
  const whole = `substring_index(${mantissa}, '.', 1)`
  const fraction = `(case when locate('.', ${mantissa}) > 0 then substring_index(${mantissa}, '.', -1) else '' end)`
  const given = `(case when locate('e', ${size}) > 0 then cast(substring_index(${size}, 'e', -1) as signed) else 0 end)`
  const all = `(${whole} || ${fraction})`
  const shown = `trim(leading '0' from ${all})`
  const significant = `trim(trailing '0' from ${shown})`
  const exponent = `(${given} + char_length(${whole}) - 1 - (char_length(${all}) - char_length(${shown})))`
  const rest = `(case when char_length(${significant}) > 1 then '.' || substring(${significant}, 2) else '' end)`
  const power = `lpad(abs(${exponent}), greatest(2, char_length(abs(${exponent}))), '0')`
  const scientific =
    `((case when ${number} < 0 then '-' else '' end) || left(${significant}, 1) || ${rest} || 'e' || ` +
    `(case when ${exponent} < 0 then '-' else '+' end) || ${power})`
  const plain = `${number} = 0 or (abs(${number}) >= 1e-4 and abs(${number}) < 1e${digits})`
  return `(case when ${number} is null then null when ${plain} then ${text} else ${scientific} end)`
}
