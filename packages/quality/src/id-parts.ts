import { dateIn } from './literal.ts'
import type { Value } from './predicate.ts'

/** The birth date that stands in a citizen number of the right form; NULL where that is no date. */
export const idBirth = (of: Value): Value => ({ v: 'idPart', of, part: 'birth' })

/** The same, slowly. */
export const birthIn = (text: string): string | null =>
  /^[1-9]\d{16}[\dX]$/.test(text) ? dateIn(text.slice(6, 14), ['basic']) : null
