import type { FieldText } from '../connector.ts'
import type { FieldRecord } from '../field-rows.ts'

/** A file, or one sheet of a workbook, as a table: its header, and its records as often as they are asked for. */
export interface TabularFile {
  readonly header: readonly string[]
  /** What opening it has found out already. */
  readonly scan?: TableScan
  records(): AsyncIterable<FieldRecord>
}

/** Most columns of a file: what a segment takes. */
export const FILE_COLUMNS_MAX = 1600

/** Column names from a header row: trimmed, blanks numbered, repeats told apart. Positions never change. */
export function columnNames(header: readonly FieldText[]): string[] {
  const used = new Set<string>()
  return header.map((text, i) => {
    const base = text?.normalize('NFC').trim().replaceAll(/\s+/g, ' ') || `column_${i + 1}`
    let name = base
    for (let n = 2; used.has(name); n++) name = `${base}_${n}`
    used.add(name)
    return name
  })
}

/** Types and row count of a table, from all its records. */
export interface TableScan {
  readonly types: readonly string[]
  readonly nullable: readonly boolean[]
  readonly rows: bigint
}
