import { Type } from 'typebox'
import { dateOf, numberOf } from './literal.ts'
import { patternFault, type RuleFault } from './fault.ts'
import { patternJs } from './pattern.ts'
import {
  all,
  any,
  column,
  missing,
  not,
  present,
  type Comparable,
  type Comparison,
  type Predicate,
} from './predicate.ts'
import { ColumnName, exact, oneOf } from './schema.ts'
import { isMissing, type Columns, type Row } from './table.ts'
import { compareTexts, isLiteralOf, valueOf } from './compare-values.ts'

/** Which rows a rule speaks of, as it stands in a suite: comparisons of columns, joined by `all`, `any` and `not`. */
export type Condition =
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly not: Condition }
  | { readonly column: string; readonly is: 'present' | 'missing' }
  | { readonly column: string; readonly in: readonly string[] }
  | { readonly column: string; readonly matches: string }
  | { readonly column: string; readonly op: Comparison; readonly as: Comparable; readonly value: string }

export const OPS = ['eq', 'ne', 'lt', 'le', 'gt', 'ge'] as const
const Text = Type.String({ maxLength: 1000 })
const Leaf = Type.Union([
  exact({ column: ColumnName, is: oneOf('present', 'missing') }),
  exact({ column: ColumnName, in: Type.Array(Text, { minItems: 1, maxItems: 500 }) }),
  exact({ column: ColumnName, matches: Type.String({ minLength: 1, maxLength: 500 }) }),
  exact({ column: ColumnName, op: oneOf(...OPS), as: oneOf('text', 'number', 'date'), value: Text }),
])
const level = <T extends typeof Leaf>(inner: T) =>
  Type.Union([
    Leaf,
    exact({ all: Type.Array(inner, { minItems: 1, maxItems: 20 }) }),
    exact({ any: Type.Array(inner, { minItems: 1, maxItems: 20 }) }),
    exact({ not: inner }),
  ])

/** Two levels of `all`, `any`, `not` over comparisons. */
export const ConditionSchema = level(level(Leaf) as unknown as typeof Leaf)

/** What is wrong with a condition beyond its form: columns that are not there, patterns and literals that are none. */
export function conditionFaults(condition: Condition, columns: Columns, path: string): RuleFault[] {
  if ('all' in condition) return condition.all.flatMap((one, at) => conditionFaults(one, columns, `${path}/all/${at}`))
  if ('any' in condition) return condition.any.flatMap((one, at) => conditionFaults(one, columns, `${path}/any/${at}`))
  if ('not' in condition) return conditionFaults(condition.not, columns, `${path}/not`)
  if (!Object.hasOwn(columns, condition.column))
    return [{ path: `${path}/column`, zh: `没有列 ${condition.column}`, en: `there is no column ${condition.column}` }]
  if ('matches' in condition) return patternFault(condition.matches, `${path}/matches`)
  if ('op' in condition && !isLiteralOf(condition.as, condition.value))
    return [{ path: `${path}/value`, zh: '取值与类型不符', en: `not a ${condition.as}` }]
  return []
}

/** The condition as a predicate. A comparison with a value that is not there is not met. */
export function conditionPredicate(condition: Condition): Predicate {
  if ('all' in condition) return all(...condition.all.map(conditionPredicate))
  if ('any' in condition) return any(...condition.any.map(conditionPredicate))
  if ('not' in condition) return not(conditionPredicate(condition.not))
  const of = column(condition.column)
  if ('is' in condition) return condition.is === 'present' ? present(condition.column) : missing(of)
  if ('in' in condition) return { p: 'in', of, values: condition.in }
  if ('matches' in condition) return { p: 'matches', of, pattern: condition.matches }
  const { as, op, value } = condition
  return { p: 'compare', as, op, left: valueOf(of, as), right: { v: 'literal', as, value } }
}

/** The same, slowly, over a row. */
export function meets(condition: Condition, row: Row, columns: Columns): boolean {
  if ('all' in condition) return condition.all.every((one) => meets(one, row, columns))
  if ('any' in condition) return condition.any.some((one) => meets(one, row, columns))
  if ('not' in condition) return !meets(condition.not, row, columns)
  const text = row[condition.column]
  if ('is' in condition) return isMissing(text) === (condition.is === 'missing')
  if (text === null || text === undefined) return false
  if ('in' in condition) return condition.in.includes(text)
  if ('matches' in condition) return patternJs(condition.matches).test(text)
  return holds(condition.as, text, columns[condition.column]!, condition.op, condition.value)
}

function holds(as: Comparable, text: string, kind: Columns[string], op: Comparison, literal: string): boolean {
  if (as === 'number') return decide(numberOf(text, kind!), op, numberOf(literal, 'text'))
  if (as === 'date') return decide(dateOf(text, kind!, ['iso', 'basic', 'slash']), op, literal)
  return text !== '' && decideOrder(compareTexts(text, literal), op)
}

/** Compares two values of one kind; what is not there compares with nothing. */
export function decide<T extends bigint | string>(left: T | null, op: Comparison, right: T | null): boolean {
  if (left === null || right === null) return false
  return decideOrder(left < right ? -1 : left > right ? 1 : 0, op)
}

export function decideOrder(order: number, op: Comparison): boolean {
  switch (op) {
    case 'eq':
      return order === 0
    case 'ne':
      return order !== 0
    case 'lt':
      return order < 0
    case 'le':
      return order <= 0
    case 'gt':
      return order > 0
    case 'ge':
      return order >= 0
  }
}
