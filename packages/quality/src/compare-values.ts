import { dateIn, numberIn } from './literal.ts'
import type { Comparable, Value } from './predicate.ts'

/** Order of two texts by code point, as their UTF-8 bytes have it. */
export const compareTexts = (left: string, right: string): number =>
  Buffer.compare(Buffer.from(left), Buffer.from(right))

/** True when the text is a literal of the kind. */
export function isLiteralOf(as: Comparable, value: string): boolean {
  if (as === 'number') return numberIn(value) !== null
  return as === 'date' ? dateIn(value, ['iso']) !== null : !value.includes('\0') && value.isWellFormed()
}

/** A text value read as what it is compared as. */
export function valueOf(of: Value, as: Comparable): Value {
  if (as === 'number') return { v: 'number', of }
  return as === 'date' ? { v: 'date', of, forms: ['iso', 'basic', 'slash'] } : of
}
