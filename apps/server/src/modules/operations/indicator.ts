import type { Words } from '@huitong/contract'
import type { Reader } from '../../kernel/db.ts'

/** The period of a report; nothing at or after the cut-off is counted. */
export interface Counting {
  readonly db: Reader
  readonly from: Date
  readonly cutOff: Date
}

/** What one department has: a whole number as text, or part and whole of a ratio. */
export type Counted =
  | { readonly departmentId: string; readonly value: string }
  | { readonly departmentId: string; readonly part: string; readonly whole: string }

/** One column of the report: one file, one line in `indicators/index.ts`. */
export interface Indicator {
  readonly name: string
  readonly words: Words
  readonly unit: Words
  /** 口径: what is counted, whose it is, and what is left out. */
  readonly definition: Words
  /** stock: at the cut-off; flow: within the period; ratio: part of whole within the period, shown in percent. */
  readonly kind: 'stock' | 'flow' | 'ratio'
  count(counting: Counting): Promise<readonly Counted[]>
}

export const indicator = (given: Indicator): Indicator => given
