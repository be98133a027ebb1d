import type { Static, TSchema } from 'typebox'
import type { RuleFault } from './fault.ts'
import type { IndicatorCode } from './indicators.ts'
import type { Predicate } from './predicate.ts'
import type { Columns, Row, TableRows } from './table.ts'

export interface Words {
  readonly zh: string
  readonly en: string
}

/** What the rules of a table may refer to. */
export interface Scope {
  readonly columns: Columns
  /** Columns that name a row. */
  readonly key: readonly string[]
  /** Other tables by the names under which rules refer to them. */
  readonly tables: Readonly<Record<string, Columns>>
  /** Code lists by name. */
  readonly sets: Readonly<Record<string, readonly string[]>>
  /** The day of the check, `YYYY-MM-DD`: what "today" means in rules. */
  readonly asOf: string
}

/** The names by which people know what rules speak of. */
export interface RuleNames {
  /** An item of the checked table, or of the other table named. */
  readonly item: (column: string, table?: string) => string
  readonly table: (name: string) => string
}

/** The rows that the oracle judges. */
export interface World {
  readonly scope: Scope
  readonly rows: readonly Row[]
  readonly tables: Readonly<Record<string, TableRows>>
}

/** A rule as it stands in a suite. */
export interface Rule {
  /** Names the rule within its suite. */
  readonly code: string
  readonly kind: string
  readonly parameters: Readonly<Record<string, unknown>>
}

/** What the oracle says of one row: the rule does not apply to it, it keeps the rule, or it breaks it. */
export type Verdict = 'free' | 'kept' | 'broken'

/** Rows that keep and rows that break a rule. A text or null stands for a row of the one column `a`. */
export interface RuleCase {
  readonly parameters: Readonly<Record<string, unknown>>
  readonly columns?: Columns
  readonly kept: readonly (string | null | Row)[]
  readonly broken: readonly (string | Row | null)[]
  readonly tables?: Readonly<Record<string, TableRows>>
  readonly sets?: Readonly<Record<string, readonly string[]>>
  readonly asOf?: string
}

/** A kind of rule: one file in `rules/` with its cases, one line in `rules/index.ts`. */
export interface RuleType<P = never> {
  readonly kind: string
  readonly words: Words
  readonly indicator: IndicatorCode
  readonly parameters: TSchema
  /** What is wrong with parameters of the right form: columns that are not there, patterns that are none. */
  readonly faults: (parameters: P, scope: Scope) => readonly RuleFault[]
  /** The columns of the checked table that it reads. */
  readonly columns: (parameters: P) => readonly string[]
  /** The rows that it judges: B of the standard counts these. */
  readonly applies: (parameters: P, scope: Scope) => Predicate
  /** Of the rows that it judges, those that break it. */
  readonly breaks: (parameters: P, scope: Scope) => Predicate
  /** The same, slowly and written for itself. */
  readonly oracle: (parameters: P, world: World) => (row: Row) => Verdict
  /** What is wrong with a row that breaks it, in words for the one who must mend it. */
  readonly say: (parameters: P, nameOf: (column: string) => string) => Words
  /** What it asks of the data, in a sentence. */
  readonly asks: (parameters: P, names: RuleNames) => Words
  readonly cases: readonly RuleCase[]
}

/** Gives a kind of rule its types; what it is held as is checked against its schema before use. */
export function defineRule<T extends TSchema>(given: { readonly parameters: T } & RuleType<Static<T>>): RuleType {
  return given as unknown as RuleType
}

/** A verdict from two questions. */
export const verdict = (applies: boolean, broken: boolean): Verdict => (applies ? (broken ? 'broken' : 'kept') : 'free')

/** Faults of columns that the table does not have. */
export const columnFaults = (scope: Scope, names: readonly (readonly [path: string, column: string])[]): RuleFault[] =>
  names
    .filter(([, name]) => !Object.hasOwn(scope.columns, name))
    .map(([path, name]) => ({ path, zh: `没有列 ${name}`, en: `there is no column ${name}` }))
