import type { RuleFault } from '@huitong/quality'
import { Type, type TProperties } from 'typebox'
import type { StepScope } from './step.ts'

/** An object that refuses unknown keys. */
export const exact = <T extends TProperties>(properties: T) => Type.Object(properties, { additionalProperties: false })
/** One of some words. */
export const oneOf = <const T extends string>(...values: readonly T[]) =>
  Type.Unsafe<T>({ type: 'string', enum: [...values] })
export const ColumnName = Type.String({ pattern: '^[a-z][a-z0-9_]{0,62}$' })
export const Columns = Type.Array(ColumnName, { minItems: 1, maxItems: 20, uniqueItems: true })
/** A text of people; NUL is no text of a database. */
export const Plain = (maxLength: number, minLength = 0) =>
  Type.String({ minLength, maxLength, pattern: '^[^\\u0000]*$' })

/** Faults of columns that must be there and hold texts. */
export function textFaults(
  scope: StepScope,
  places: readonly (readonly [path: string, column: string])[],
): RuleFault[] {
  return places.flatMap(([path, column]) => {
    const holds = Object.hasOwn(scope.columns, column) ? scope.columns[column] : undefined
    if (holds === undefined) return [{ path, zh: `没有字段 ${column}`, en: `there is no column ${column}` }]
    if (holds !== 'text') return [{ path, zh: `字段 ${column} 不是文本`, en: `the column ${column} holds no text` }]
    return []
  })
}

/** Faults of a column that the step makes: it may not be there yet. */
export function newFaults(scope: StepScope, places: readonly (readonly [path: string, column: string])[]): RuleFault[] {
  return places.flatMap(([path, column]) =>
    !Object.hasOwn(scope.columns, column)
      ? []
      : [{ path, zh: `字段 ${column} 已经存在`, en: `the column ${column} is there already` }],
  )
}

/** Faults of columns that must be there, whatever they hold. */
export function knownFaults(
  scope: StepScope,
  places: readonly (readonly [path: string, column: string])[],
): RuleFault[] {
  return places.flatMap(([path, column]) =>
    scope.columns[column] === undefined ? [{ path, zh: `没有字段 ${column}`, en: `there is no column ${column}` }] : [],
  )
}
