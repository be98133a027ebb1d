import { isLiteral, type Predicate, type Value } from './predicate.ts'

/** Quotes an identifier for PostgreSQL. Throws on NUL and on empty names. */
export function quoteIdentifier(name: string): string {
  if (name === '' || name.includes('\0')) throw new RangeError('identifier is empty or holds NUL')
  return `"${name.replaceAll('"', '""')}"`
}

/** Quotes a text literal for PostgreSQL with standard_conforming_strings on. Throws on NUL and lone surrogates. */
export function quoteText(text: string): string {
  if (text.includes('\0') || !text.isWellFormed()) throw new RangeError('text holds NUL or a lone surrogate')
  return `'${text.replaceAll("'", "''")}'`
}

const CASTS: Record<Value['type'], string> = {
  text: 'text',
  integer: 'numeric',
  decimal: 'numeric',
  date: 'date',
  timestamp: 'timestamp',
  boolean: 'boolean',
}

const OPERATORS = { eq: '=', ne: '<>', lt: '<', le: '<=', gt: '>', ge: '>=' } as const

function literal(value: Value): string {
  if (!isLiteral(value)) throw new RangeError(`not a literal of type ${value.type}`)
  return `${quoteText(value.value)}::${CASTS[value.type]}`
}

/**
 * PostgreSQL's text of a predicate. Values are typed, quoted literals: COPY takes no parameters, and one emitter
 * serves segments, lists and details alike. `expressionOf` gives the SQL of a field and throws for an unknown one.
 */
export function emitPostgres(predicate: Predicate, expressionOf: (field: string) => string): string {
  switch (predicate.op) {
    case 'true':
    case 'false':
      return predicate.op
    case 'and':
    case 'or':
      if (predicate.args.length === 0) throw new RangeError(`${predicate.op} without arguments`)
      return `(${predicate.args.map((one) => emitPostgres(one, expressionOf)).join(` ${predicate.op} `)})`
    case 'not':
      return `(not ${emitPostgres(predicate.arg, expressionOf)})`
    case 'isNull':
      return `(${expressionOf(predicate.field)} is null)`
    case 'in': {
      const first = predicate.values[0]
      if (!first) return 'false'
      return `(${typed(predicate.field, first.type, expressionOf)} in (${predicate.values.map(literal).join(', ')}))`
    }
    case 'startsWith':
      return `starts_with(${expressionOf(predicate.field)}::text, ${literal({ type: 'text', value: predicate.value.value })})`
    default:
      return `(${typed(predicate.field, predicate.value.type, expressionOf)} ${OPERATORS[predicate.op]} ${literal(predicate.value)})`
  }
}

function typed(field: string, type: Value['type'], expressionOf: (field: string) => string): string {
  const expression = `${expressionOf(field)}::${CASTS[type]}`
  return type === 'text' ? `(${expression}) collate "C"` : expression
}
