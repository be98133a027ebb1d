import { dateIn } from './literal.ts'
import type { Value } from './predicate.ts'

/** Eighteen characters that could be a citizen number. */
export const ID_FORM = '[1-9]\\d{16}[\\dX]'

/** The birth date that stands in a citizen number of the right form; NULL where that is no date. */
export const idBirth = (of: Value): Value => ({
  v: 'date',
  of: { v: 'when', if: { p: 'matches', of, pattern: ID_FORM }, value: { v: 'slice', of, from: 7, length: 8 } },
  forms: ['basic'],
})

/** The same, slowly. */
export const birthIn = (text: string): string | null =>
  /^[1-9]\d{16}[\dX]$/.test(text) ? dateIn(text.slice(6, 14), ['basic']) : null
