import { oracleFrontTable } from './front-table-oracle.ts'
import { sqlserverFrontTable } from './front-table-sqlserver.ts'
import type { FrontTable } from './front-table.ts'
import { frontTableSql as mysql } from './mysql/front-table.ts'
import { frontTableSql as postgresql } from './postgresql/front-table.ts'

/** Kinds of databases for which the script can be written. The last four could not be run here: their scripts say so. */
export const FRONT_KINDS = ['postgresql', 'mysql', 'oracle', 'sqlserver', 'dameng', 'kingbase'] as const
export type FrontKind = (typeof FRONT_KINDS)[number]

const WRITERS: Record<FrontKind, (table: FrontTable) => string> = {
  postgresql,
  mysql,
  oracle: (table) => oracleFrontTable(table, 'Oracle 12.2 及以上'),
  sqlserver: sqlserverFrontTable,
  dameng: (table) => oracleFrontTable(table, '达梦 DM8'),
  kingbase: (table) => `${KINGBASE}\n${postgresql(table)}`,
}

const KINGBASE =
  '-- 人大金仓 KingbaseES V8R6 及以上，PostgreSQL 兼容模式。未经验证（not verified）：执行前请由数据库管理员核对。'

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
