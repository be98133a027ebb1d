import type { Columns, Row, RuleFault, Words } from '@huitong/quality'
import type { Static, TObject } from 'typebox'

/** A step of a recipe as it is kept: what it does, and to what. */
export interface Step {
  readonly kind: string
  readonly parameters: Readonly<Record<string, unknown>>
}

/** What a step can see: the columns that the steps before it left, and other tables by the id of their dataset. */
export interface StepScope {
  readonly columns: Columns
  /** Columns that name a row of the source; rows in doubt are taken in their order. */
  readonly key: readonly string[]
  readonly tables: Readonly<Record<string, Columns>>
}

/** Names that people know columns and tables by. */
export interface StepNames {
  readonly item: (column: string, table?: string) => string
  readonly table: (name: string) => string
}

/** Cells that a step sets in each row: an SQL expression for each column, over the columns before the step. */
export interface Cells {
  readonly sets: Readonly<Record<string, string>>
  /** Joined to the rows (aliased `p`) before the cells are set; it must leave each row once. */
  readonly join?: string
}

/** Rows that a step keeps, as a condition over a window. */
export interface Kept {
  readonly qualify: string
}

/** How a column comes from another, as the ColumnLineage facet of OpenLineage calls it; the first three carry values. */
export type Way =
  | 'IDENTITY'
  | 'TRANSFORMATION'
  | 'AGGREGATION'
  | 'JOIN'
  | 'GROUP_BY'
  | 'FILTER'
  | 'SORT'
  | 'WINDOW'
  | 'CONDITIONAL'

/** A column before the step, or of another table, and how it acts. */
export interface StepInput {
  /** Null: the table that is cleaned. */
  readonly table: string | null
  readonly column: string
  readonly way: Way
}

export interface StepInputs {
  /** What each cell that the step sets comes from. */
  readonly cells: readonly StepInput[]
  /** What decides which rows stay. */
  readonly rows: readonly StepInput[]
}

/** A row on its way through the oracle: its cells, and its place in the source. */
export interface Rows {
  readonly rows: readonly Row[]
  readonly tables: Readonly<Record<string, readonly Row[]>>
}

/** An example of a step by itself: `given` becomes `made`. A text or null stands for a row of the one column `a`. */
export interface StepCase {
  readonly parameters: Readonly<Record<string, unknown>>
  readonly rows: readonly (readonly [given: string | null | Row, made: string | null | Row])[]
}

/** A kind of step: its parameters, its writing for DuckDB and its meaning row by row. */
export interface StepType<P = never> {
  readonly kind: string
  readonly words: Words
  readonly parameters: TObject
  /** What is wrong, with places in the parameters. */
  readonly faults: (p: P, scope: StepScope) => RuleFault[]
  /** Columns that the step sets, old or new (all new columns are texts). None: it takes rows away. */
  readonly sets: (p: P) => readonly string[]
  /** Columns that its results are made from. */
  readonly reads: (p: P) => readonly string[]
  /** Columns of other tables that its results are made from. */
  readonly elsewhere?: (p: P) => readonly { table: string; column: string }[]
  /** How each of them acts, where it is not that every cell is made from all of them. */
  readonly inputs?: (p: P) => StepInputs
  readonly sql: (p: P, scope: StepScope, tables: Readonly<Record<string, string>>) => Cells | Kept
  /** The same, slowly: cells to set in a row, or `null` for a row to take away. */
  readonly oracle: (p: P, scope: StepScope, given: Rows) => (row: Row, at: number) => Row | null
  readonly say: (p: P, names: StepNames) => Words
  readonly cases: readonly StepCase[]
}

/** Ties the parameters' schema to the functions that take them. */
export function defineStep<T extends TObject>(
  given: Omit<StepType<Static<T>>, 'parameters'> & { readonly parameters: T },
): StepType {
  return given as unknown as StepType
}
