import { Type, type Static } from 'typebox'
import { dateOf, numberOf, type DateForm } from './literal.ts'
import { column, type Comparable, type Value } from './predicate.ts'
import { birthIn, idBirth } from './id-parts.ts'
import type { Scope } from './rule.ts'
import { ColumnName, exact, oneOf } from './schema.ts'
import type { Row } from './table.ts'

/** One side of a comparison: a column, a part of a citizen number in a column, the day of the check, or a value. */
export const OperandSchema = Type.Union([
  exact({ column: ColumnName, take: Type.Optional(oneOf('id_birth', 'id_sex', 'id_division')) }),
  exact({ today: Type.Literal(true) }),
  exact({ value: Type.String({ minLength: 1, maxLength: 200 }) }),
])
export type Operand = Static<typeof OperandSchema>

export const columnsOfOperand = (operand: Operand): string[] => ('column' in operand ? [operand.column] : [])

const FORMS: readonly DateForm[] = ['iso', 'basic', 'slash']

/** The operand as a value; NULL where it cannot be read as what it is compared as. */
export function operandValue(operand: Operand, as: Comparable, scope: Scope): Value {
  if ('value' in operand) return { v: 'literal', as, value: operand.value }
  if ('today' in operand) return { v: 'literal', as, value: scope.asOf }
  const of = column(operand.column)
  if (operand.take === 'id_birth') return idBirth(of)
  if (operand.take === 'id_sex') return { v: 'idPart', of, part: 'sex' }
  if (operand.take === 'id_division') return { v: 'idPart', of, part: 'division' }
  if (as === 'date') return { v: 'date', of, forms: FORMS }
  return as === 'number' ? { v: 'number', of } : of
}

/** The same, slowly. */
export function operandOf(operand: Operand, as: Comparable, scope: Scope, row: Row): string | bigint | null {
  const read = (text: string, kind: Scope['columns'][string]) =>
    as === 'number' ? numberOf(text, kind) : as === 'date' ? dateOf(text, kind, FORMS) : text === '' ? null : text
  if ('value' in operand) return read(operand.value, 'text')
  if ('today' in operand) return read(scope.asOf, 'text')
  const text = row[operand.column] ?? null
  if (text === null) return null
  if (operand.take === undefined) return read(text, scope.columns[operand.column]!)
  const isId = /^[1-9]\d{16}[\dX]$/.test(text)
  if (!isId) return null
  if (operand.take === 'id_birth') return birthIn(text)
  return operand.take === 'id_sex' ? (Number(text[16]) % 2 === 1 ? '1' : '2') : text.slice(0, 6)
}
