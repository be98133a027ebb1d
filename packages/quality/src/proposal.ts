import type { Rule, Words } from './rule.ts'
import type { ColumnClass } from './table.ts'

/** What a data element says of the values of an item that is bound to it. */
export interface ItemStandard {
  /** What people call it: the identifier of the element, or the code of a code set. */
  readonly called: string
  readonly type: 'text' | 'integer' | 'decimal' | 'date' | 'datetime' | 'boolean'
  readonly minLength?: number | undefined
  readonly maxLength?: number | undefined
  readonly digits?: number | undefined
  readonly scale?: number | undefined
  /** The name of a version of a code set, as rules name it. */
  readonly set?: string | undefined
  readonly check?: 'id_number' | 'credit_code' | 'organisation_code' | undefined
}

/** An item of a landed dataset: what its column holds, what the catalogue says of it, and what it is bound to. */
export interface ItemFacts {
  readonly column: string
  readonly name: { readonly zh: string; readonly en?: string | undefined }
  readonly holds: ColumnClass
  /** Texts of at most so many characters, as the catalogue has it; null: it does not say. */
  readonly length: number | null
  readonly required: boolean
  readonly standard: ItemStandard | null
}

/** What was counted in the values of a column. */
export interface ColumnProfile {
  readonly rows: number
  readonly missing: number
  /** About so many different values. */
  readonly distinct: number
  readonly minLength: number | null
  readonly maxLength: number | null
  /** How many values have the form of … */
  readonly forms: Readonly<
    Record<'id_number' | 'credit_code' | 'mobile' | 'iso' | 'basic' | 'slash' | 'spaced', number>
  >
  /** The values of a column with few, most frequent first; null where there are many. */
  readonly values: readonly { readonly value: string; readonly count: number }[] | null
}

export type Origin = 'standard' | 'catalogue' | 'profile'
/** A rule that a person may take into a suite, and why it is proposed. */
export interface Proposal {
  readonly rule: Rule & { readonly name: { readonly zh: string; readonly en: string } }
  readonly origin: Origin
  readonly why: Words
  /** The code of the rule of the suite that it takes the place of: one made from an earlier version of the standard. */
  readonly replaces: string | null
}

/** A proposal before it has a code. */
export type Draft = Omit<Proposal, 'replaces' | 'rule'> & {
  readonly kind: string
  readonly parameters: Rule['parameters']
  readonly name: Words
}

/** What a rule on an item is called. */
export const called = ({ name, column }: ItemFacts, zh: string, en: string): Words => ({
  zh: `${name.zh}${zh}`,
  en: `${name.en ?? column}: ${en}`,
})
