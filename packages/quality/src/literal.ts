import { isIsoDate } from '@huitong/codes'
import type { ColumnClass } from './table.ts'

/** Forms in which a text may hold a date: 2024-02-29, 20240229, 2024/02/29. */
export const DATE_FORMS = ['iso', 'basic', 'slash'] as const
export type DateForm = (typeof DATE_FORMS)[number]

const FORMS: Readonly<Record<DateForm, RegExp>> = {
  iso: /^(\d{4})-(\d{2})-(\d{2})$/,
  basic: /^(\d{4})(\d{2})(\d{2})$/,
  slash: /^(\d{4})\/(\d{2})\/(\d{2})$/,
}

/** The date `YYYY-MM-DD` that a text holds in one of the forms, or null: 30 February is none. */
export function dateIn(text: string, forms: readonly DateForm[]): string | null {
  for (const form of forms) {
    const match = FORMS[form].exec(text)
    const date = match ? `${match[1]}-${match[2]}-${match[3]}` : ''
    if (match && isIsoDate(date)) return date
  }
  return null
}

/** A number as texts hold it: at most 28 digits before the point and 10 after, so that every engine holds it exactly. */
export const NUMBER_TEXT = /^[+-]?\d{1,28}(\.\d{1,10})?$/
const SCALE = 10

/** The number that a text holds, as an integer of 10⁻¹⁰ths, or null. */
export function numberIn(text: string): bigint | null {
  if (!NUMBER_TEXT.test(text)) return null
  const [, sign, whole, fraction] = /^([+-]?)(\d+)(?:\.(\d+))?$/.exec(text)!
  const value = BigInt(whole! + (fraction ?? '').padEnd(SCALE, '0'))
  return sign === '-' ? -value : value
}

/** The number in a value of a column; floats are taken at their shortest decimal text. */
export function numberOf(text: string, column: ColumnClass): bigint | null {
  if (column !== 'float') return numberIn(text)
  const value = Number(text)
  if (!Number.isFinite(value)) return null
  return Math.abs(value) < 1e15 ? numberIn(value.toFixed(SCALE)) : BigInt(value) * 10n ** BigInt(SCALE)
}

/** The date in a value of a column: typed dates are ISO, timestamps are cut at the day. */
export function dateOf(text: string, column: ColumnClass, forms: readonly DateForm[]): string | null {
  if (column === 'date') return dateIn(text, ['iso'])
  return column === 'timestamp' ? dateIn(text.slice(0, 10), ['iso']) : dateIn(text, forms)
}
