import type { DateForm } from './literal.ts'

/** A value computed from a row; NULL when it is not there or is not what it should be. */
export type Value =
  | { readonly v: 'column'; readonly column: string }
  | { readonly v: 'literal'; readonly as: Comparable; readonly value: string }
  | { readonly v: 'date'; readonly of: Value; readonly forms: readonly DateForm[] }
  | { readonly v: 'number'; readonly of: Value }
  /** A part of a citizen number of the right form: its birth date, `1` or `2` for the sex, the division of six digits. */
  | { readonly v: 'idPart'; readonly of: Value; readonly part: 'birth' | 'sex' | 'division' }

export type Comparable = 'text' | 'number' | 'date'
export type Comparison = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge'

/** A question about a row whose answer is yes or no, never NULL: a comparison with what is not there is no. */
export type Predicate =
  | { readonly p: 'and' | 'or'; readonly args: readonly Predicate[] }
  | { readonly p: 'not'; readonly arg: Predicate }
  | { readonly p: 'missing' | 'blank' | 'unknown'; readonly of: Value }
  /** The whole text has the form, or (`at`) its start, its end, or any part of it. */
  | { readonly p: 'matches'; readonly of: Value; readonly pattern: string; readonly at?: 'start' | 'end' | 'any' }
  | { readonly p: 'length'; readonly of: Value; readonly min: number | null; readonly max: number | null }
  | { readonly p: 'in'; readonly of: Value; readonly values: readonly string[] }
  | {
      readonly p: 'compare'
      readonly as: Comparable
      readonly left: Value
      readonly op: Comparison
      readonly right: Value
    }
  /** 18 characters of a citizen number whose check character is right (GB 11643); says nothing of its date. */
  | { readonly p: 'idCheck'; readonly of: Value }
  /** 18 characters of a credit code whose check characters are right (GB 32100, and GB 11714 inside it). */
  | { readonly p: 'creditCheck'; readonly of: Value }
  /** 9 characters of an organisation code, or 10 with its hyphen, whose check character is right (GB 11714). */
  | { readonly p: 'organisationCheck'; readonly of: Value }
  /** The values stand in a keyed set: a named code list, or columns of another table. */
  | { readonly p: 'exists'; readonly of: readonly Value[]; readonly within: Within }
  /** Another row of the same table has the same values in these columns. */
  | { readonly p: 'repeated'; readonly columns: readonly string[] }
  /** Another row is the same in all these columns; what is missing is the same as missing. */
  | { readonly p: 'duplicated'; readonly columns: readonly string[] }
  /** Of the rows with the same values in `columns`, all that have values in `of` too, some differ there. */
  | { readonly p: 'varies'; readonly columns: readonly string[]; readonly of: readonly string[] }

export type Within =
  | { readonly set: string }
  | {
      readonly table: string
      readonly columns: readonly string[]
      /** Over the other table's columns; null: any of its rows. */
      readonly where: Predicate | null
    }

export const column = (name: string): Value => ({ v: 'column', column: name })
export const all = (...args: readonly Predicate[]): Predicate => (args.length === 1 ? args[0]! : { p: 'and', args })
export const any = (...args: readonly Predicate[]): Predicate => (args.length === 1 ? args[0]! : { p: 'or', args })
export const not = (arg: Predicate): Predicate => ({ p: 'not', arg })
export const missing = (of: Value): Predicate => ({ p: 'missing', of })
/** The column's value is there. */
export const present = (name: string): Predicate => not(missing(column(name)))
