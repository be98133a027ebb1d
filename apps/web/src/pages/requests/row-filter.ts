import type { RequestContent } from '@huitong/contract/catalogue'
import type { Speaker } from '../../words/index.ts'

export type Predicate = NonNullable<RequestContent['rowFilter']>
export type ValueType = 'text' | 'integer' | 'decimal' | 'date' | 'timestamp' | 'boolean'
export const OPERATORS = ['eq', 'ne', 'lt', 'le', 'gt', 'ge', 'startsWith', 'in', 'isNull', 'notNull'] as const
export type Operator = (typeof OPERATORS)[number]

/** One condition as a person builds it. `in` takes many values, `isNull` and `notNull` none, all others one. */
export interface Condition {
  readonly field: string
  readonly op: Operator
  readonly values: readonly string[]
}
export interface RowFilter {
  /** true: every condition must hold; false: one is enough. */
  readonly all: boolean
  readonly conditions: readonly Condition[]
}

const VALUE_TYPES: Readonly<Record<string, ValueType>> = {
  integer: 'integer',
  decimal: 'decimal',
  money: 'decimal',
  date: 'date',
  datetime: 'timestamp',
  boolean: 'boolean',
}

/** The type in which values of an item are compared. */
export const valueTypeOf = (itemType: string | undefined): ValueType => VALUE_TYPES[itemType ?? ''] ?? 'text'

/** The operators that make sense for a type. */
export function operatorsOf(type: ValueType): readonly Operator[] {
  if (type === 'boolean') return ['eq', 'isNull', 'notNull']
  return type === 'text' ? OPERATORS : OPERATORS.filter((op) => op !== 'startsWith')
}

const FORMS: Readonly<Record<ValueType, RegExp>> = {
  text: /^[\s\S]{1,1000}$/,
  integer: /^-?\d{1,19}$/,
  decimal: /^-?\d{1,30}(\.\d{1,30})?$/,
  date: /^\d{4}-\d{2}-\d{2}$/,
  timestamp: /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?)?$/,
  boolean: /^(true|false)$/,
}

/** Is a condition complete, and are its values of its item's type? */
export function conditionFault(condition: Condition, type: ValueType): 'field' | 'value' | null {
  if (condition.field === '') return 'field'
  if (condition.op === 'isNull' || condition.op === 'notNull') return null
  if (condition.values.length === 0) return 'value'
  return condition.values.every((value) => FORMS[type].test(value)) ? null : 'value'
}

/** The predicate of a filter; undefined when there is none, that is, all rows. */
export function toPredicate(filter: RowFilter | undefined, typeOf: (item: string) => ValueType): Predicate | undefined {
  if (!filter || filter.conditions.length === 0) return undefined
  const leaves = filter.conditions.map((condition) => leafOf(condition, typeOf(condition.field)))
  return leaves.length === 1 ? leaves[0]! : ({ op: filter.all ? 'and' : 'or', args: leaves } as Predicate)
}

function leafOf({ field, op, values }: Condition, type: ValueType): Predicate {
  if (op === 'isNull') return { op, field }
  if (op === 'notNull') return { op: 'not', arg: { op: 'isNull', field } }
  const typed = values.map((value) => ({ type, value }))
  if (op === 'in') return { op, field, values: typed }
  return { op, field, value: typed[0]! }
}

/** The filter that a predicate was built from; null when it has a form that the builder does not make. */
export function fromPredicate(predicate: Predicate | undefined): RowFilter | null {
  if (!predicate) return { all: true, conditions: [] }
  const parts = predicate.op === 'and' || predicate.op === 'or' ? predicate.args : [predicate]
  const conditions: Condition[] = []
  for (const part of parts) {
    if (part.op === 'isNull') conditions.push({ field: part.field, op: 'isNull', values: [] })
    else if (part.op === 'not' && part.arg.op === 'isNull')
      conditions.push({ field: part.arg.field, op: 'notNull', values: [] })
    else if (part.op === 'in')
      conditions.push({ field: part.field, op: 'in', values: part.values.map(({ value }) => value) })
    else if ('field' in part && 'value' in part)
      conditions.push({ field: part.field, op: part.op, values: [part.value.value] })
    else return null
  }
  return { all: predicate.op !== 'or', conditions }
}

type Names = ReadonlyMap<string, string>

/** A predicate in words: `登记机关 等于 “西城区” 并且 成立日期 不早于 2020-01-01`. */
export function describe(predicate: unknown, names: Names, speaker: Speaker): string {
  if (predicate === null || predicate === undefined) return speaker.t('filterRows.all')
  return sentence(predicate as Predicate, names, speaker, false)
}

function sentence(part: Predicate, names: Names, speaker: Speaker, inner: boolean): string {
  const { t, choice, listed } = speaker
  const name = (field: string) => names.get(field) ?? field
  const told = ({ type, value }: { type: ValueType; value: string }) =>
    type === 'boolean' ? t(value === 'true' ? 'word.yes' : 'word.no') : value
  switch (part.op) {
    case 'true':
      return t('filterRows.all')
    case 'false':
      return t('filterRows.none')
    case 'and':
    case 'or': {
      const text = part.args
        .map((arg) => sentence(arg as Predicate, names, speaker, true))
        .join(t(part.op === 'and' ? 'filterRows.and' : 'filterRows.or'))
      return inner && part.args.length > 1 ? `(${text})` : text
    }
    case 'not':
      return part.arg.op === 'isNull'
        ? `${name(part.arg.field)} ${choice('operator', 'notNull')}`
        : `${t('filterRows.not')} (${sentence(part.arg as Predicate, names, speaker, false)})`
    case 'isNull':
      return `${name(part.field)} ${choice('operator', 'isNull')}`
    case 'in':
      return `${name(part.field)} ${choice('operator', 'in')} ${listed(part.values.map(({ value }) => value))}`
    default:
      return `${name(part.field)} ${choice('operator', part.op)} ${told(part.value)}`
  }
}
