import { quoteText } from './emit-postgres.ts'
import { isLiteral, type Predicate, type Value } from './predicate.ts'

// For MySQL 5.7+ and MariaDB 10.5+ in a session with `ANSI_QUOTES`, `PIPES_AS_CONCAT` and `NO_BACKSLASH_ESCAPES`, whose
// identifiers and texts are then quoted as PostgreSQL's are.

const OPERATORS = { eq: '=', ne: '<>', lt: '<', le: '<=', gt: '>', ge: '>=' } as const
/** MySQL compares decimals of at most 65 digits, 30 of them after the point. */
const INTEGER_DIGITS_MAX = 35
const DECIMALS_MAX = 30
const DECIMAL = `decimal(${INTEGER_DIGITS_MAX + DECIMALS_MAX},${DECIMALS_MAX})`
const NUMBER = quoteText('^ *[-+]?[0-9]+([.][0-9]*)?([eE][-+]?[0-9]+)? *$')
const TRUE = ["'t'", "'true'", "'y'", "'yes'", "'on'", "'1'", "x'01'"].join(', ')
const FALSE = ["'f'", "'false'", "'n'", "'no'", "'off'", "'0'", "x'00'"].join(', ')

const text = (expression: string) => `convert(${expression} using utf8mb4)`
/** By bytes: no collation, and no blank at the end that would not count. */
const bytes = (expression: string) => `cast(${text(expression)} as binary)`

/**
 * MySQL's text of a predicate, as `emitPostgres` gives PostgreSQL's. What is no value of the literal's type compares as
 * unknown, so that its row does not pass. @throws RangeError for what is no literal, or cannot be compared exactly.
 */
export function emitMysql(predicate: Predicate, expressionOf: (field: string) => string): string {
  switch (predicate.op) {
    case 'true':
    case 'false':
      return predicate.op
    case 'and':
    case 'or':
      if (predicate.args.length === 0) throw new RangeError(`${predicate.op} without arguments`)
      return `(${predicate.args.map((one) => emitMysql(one, expressionOf)).join(` ${predicate.op} `)})`
    case 'not':
      return `(not ${emitMysql(predicate.arg, expressionOf)})`
    case 'isNull':
      return `(${expressionOf(predicate.field)} is null)`
    case 'in': {
      const first = predicate.values[0]
      if (!first) return 'false'
      return `(${typed(predicate.field, first.type, expressionOf)} in (${predicate.values.map(literal).join(', ')}))`
    }
    case 'startsWith': {
      const head = literal({ type: 'text', value: predicate.value.value })
      return `(left(${bytes(expressionOf(predicate.field))}, length(${head})) = ${head})`
    }
    default:
      return `(${typed(predicate.field, predicate.value.type, expressionOf)} ${OPERATORS[predicate.op]} ${literal(predicate.value)})`
  }
}

function literal(value: Value): string {
  if (!isLiteral(value)) throw new RangeError(`not a literal of type ${value.type}`)
  switch (value.type) {
    case 'text':
      return `cast(${quoteText(value.value)} as binary)`
    case 'integer':
    case 'decimal': {
      const [whole = '', fraction = ''] = value.value
        .replace('-', '')
        .replace(/^0+(?=\d)/, '')
        .split('.')
      if (whole.length > INTEGER_DIGITS_MAX || fraction.length > DECIMALS_MAX) {
        throw new RangeError('a number of so many digits cannot be compared exactly')
      }
      return `cast(${quoteText(value.value)} as ${DECIMAL})`
    }
    case 'date':
      return `cast(${quoteText(value.value)} as date)`
    case 'timestamp':
      return `cast(${quoteText(value.value.replace('T', ' ').replace('Z', ''))} as datetime(6))`
    case 'boolean':
      return value.value
  }
}

function typed(field: string, type: Value['type'], expressionOf: (field: string) => string): string {
  const expression = expressionOf(field)
  switch (type) {
    case 'text':
      return bytes(expression)
    case 'integer':
    case 'decimal':
      return `(case when ${text(expression)} regexp ${NUMBER} then cast(${expression} as ${DECIMAL}) end)`
    case 'date':
      return `cast(${expression} as date)`
    case 'timestamp':
      return `cast(${expression} as datetime(6))`
    case 'boolean': {
      const lower = `cast(lower(${text(expression)}) as binary)`
      return `(case when ${lower} in (${TRUE}) then true when ${lower} in (${FALSE}) then false end)`
    }
  }
}
