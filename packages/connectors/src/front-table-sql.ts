import type { FrontTable } from './front-table.ts'
import { frontTableSql as mysql } from './mysql/front-table.ts'
import { frontTableSql as postgresql } from './postgresql/front-table.ts'

/** Kinds of databases for which the script can be written. */
export const FRONT_KINDS = ['postgresql', 'mysql'] as const
export type FrontKind = (typeof FRONT_KINDS)[number]

const WRITERS: Record<FrontKind, (table: FrontTable) => string> = { postgresql, mysql }

/**
 * The script that makes a front table, to be run by the department’s own administrator.
 * @throws RangeError for a name with a control character, which could end a comment of the script, and for a key that the
 * kind of database cannot have.
 */
export function frontTableSql(kind: FrontKind, table: FrontTable): string {
  const names = [table.name, ...table.columns.map((column) => column.name)]
  if (names.some((name) => /\p{Cc}/u.test(name))) throw new RangeError('a name holds a control character')
  return WRITERS[kind](table)
}
