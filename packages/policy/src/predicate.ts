/** A typed literal; `value` is its canonical text, never a JavaScript number or date. */
export interface Value {
  readonly type: 'text' | 'integer' | 'decimal' | 'date' | 'timestamp' | 'boolean'
  readonly value: string
}

/** A typed row filter. Comparison with NULL is unknown, as in SQL; a row passes only when the whole is true. */
export type Predicate =
  | { readonly op: 'true' }
  | { readonly op: 'false' }
  | { readonly op: 'and'; readonly args: readonly Predicate[] }
  | { readonly op: 'or'; readonly args: readonly Predicate[] }
  | { readonly op: 'not'; readonly arg: Predicate }
  | {
      readonly op: 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge' | 'startsWith'
      readonly field: string
      readonly value: Value
    }
  | { readonly op: 'in'; readonly field: string; readonly values: readonly Value[] }
  | { readonly op: 'isNull'; readonly field: string }

export const TRUE: Predicate = { op: 'true' }
export const FALSE: Predicate = { op: 'false' }

export const textValue = (value: string): Value => ({ type: 'text', value })
export const eq = (field: string, value: Value): Predicate => ({ op: 'eq', field, value })

/** Conjunction with the trivial cases folded away. */
export function and(...args: readonly Predicate[]): Predicate {
  const kept = args.filter((one) => one.op !== 'true')
  if (kept.some((one) => one.op === 'false')) return FALSE
  return kept.length === 0 ? TRUE : kept.length === 1 ? kept[0]! : { op: 'and', args: kept }
}

/** Disjunction with the trivial cases folded away. */
export function or(...args: readonly Predicate[]): Predicate {
  const kept = args.filter((one) => one.op !== 'false')
  if (kept.some((one) => one.op === 'true')) return TRUE
  return kept.length === 0 ? FALSE : kept.length === 1 ? kept[0]! : { op: 'or', args: kept }
}

/** Every field that the predicate reads. */
export function fieldsOf(predicate: Predicate): Set<string> {
  if (predicate.op === 'true' || predicate.op === 'false') return new Set()
  if (predicate.op === 'and' || predicate.op === 'or')
    return new Set(predicate.args.flatMap((one) => [...fieldsOf(one)]))
  return predicate.op === 'not' ? fieldsOf(predicate.arg) : new Set([predicate.field])
}

const PATTERNS: Record<Value['type'], RegExp> = {
  // oxlint-disable-next-line no-control-regex -- a NUL cannot stand in a PostgreSQL text, so it is refused here
  text: /^[^\u0000]*$/su,
  integer: /^-?\d{1,38}$/,
  decimal: /^-?\d{1,38}(\.\d{1,38})?$/,
  date: /^\d{4}-\d{2}-\d{2}$/,
  timestamp: /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d{1,6})?Z?$/,
  boolean: /^(true|false)$/,
}

/** True when the text is a literal of the type. */
export function isLiteral(value: Value): boolean {
  if (!PATTERNS[value.type].test(value.value) || !value.value.isWellFormed()) return false
  return value.type === 'date' || value.type === 'timestamp' ? exists(value.value) : true
}

/** A day that its month has, and a time that its day has. */
function exists(text: string): boolean {
  const [day = '', time = '00:00:00'] = text.split(/[T ]/)
  const whole = `${day}T${time.slice(0, 8)}.000Z`
  const instant = new Date(whole)
  return !day.startsWith('0000') && !Number.isNaN(instant.getTime()) && instant.toISOString() === whole
}

/** Every place of a predicate that is wrong: literal not of its type, or a field that is not offered. */
export function faultsOf(
  predicate: Predicate,
  offered: ReadonlySet<string>,
  path = '',
): { path: string; problem: string }[] {
  if (predicate.op === 'true' || predicate.op === 'false') return []
  if (predicate.op === 'and' || predicate.op === 'or')
    return predicate.args.flatMap((one, index) => faultsOf(one, offered, `${path}/args/${index}`))
  if (predicate.op === 'not') return faultsOf(predicate.arg, offered, `${path}/arg`)
  const unknown = offered.has(predicate.field) ? [] : [{ path: `${path}/field`, problem: 'unknown field' }]
  if (predicate.op === 'isNull') return unknown
  const values = predicate.op === 'in' ? predicate.values : [predicate.value]
  const bad = values.flatMap((value, index) =>
    isLiteral(value)
      ? []
      : [{ path: `${path}/${predicate.op === 'in' ? `values/${index}` : 'value'}`, problem: `not a ${value.type}` }],
  )
  return [...unknown, ...bad]
}
