/** What a column holds, as far as rules care. Whatever is not in this list is `text`. */
export type ColumnClass = 'text' | 'integer' | 'decimal' | 'float' | 'date' | 'timestamp' | 'boolean'

/** Columns of a table with their classes. */
export type Columns = Readonly<Record<string, ColumnClass>>

/** A row as the oracle and the test box see it: each value as text, NULL as null. */
export type Row = Readonly<Record<string, string | null>>

/** Rows of a table with their columns, for the oracle. */
export interface TableRows {
  readonly columns: Columns
  readonly rows: readonly Row[]
}

/** A value that is not there: NULL or the empty text. */
export const isMissing = (value: string | null | undefined): value is null | undefined | '' =>
  value === null || value === undefined || value === ''

/** White space and invisible characters as code point ranges: those of Unicode, the zero-width space and the byte order mark. */
export const SPACE_RANGES: readonly (readonly [number, number])[] = [
  [0x09, 0x0d],
  [0x20, 0x20],
  [0x85, 0x85],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200b],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
]

/** True for white space or an invisible character. */
export const isSpace = (character: string): boolean => {
  const point = character.codePointAt(0)!
  return SPACE_RANGES.some(([low, high]) => point >= low && point <= high)
}

/** A value that says nothing: missing, or white space only. */
export const isBlank = (value: string | null | undefined): boolean => isMissing(value) || [...value].every(isSpace)
