import { Type } from 'typebox'
import { conditionFaults, conditionPredicate, ConditionSchema, meets, type Condition } from './condition.ts'
import type { RuleFault } from './fault.ts'
import { all, column, present, type Predicate } from './predicate.ts'
import { columnFaults, type Scope, type World } from './rule.ts'
import { ColumnNames, TableName } from './schema.ts'
import { isMissing, type Row } from './table.ts'

/** How a rule points to rows of another table: values of `columns` here stand in columns `to` there, in rows that meet `where`. */
export const OTHER_TABLE = {
  columns: ColumnNames,
  table: TableName,
  to: ColumnNames,
  where: Type.Optional(ConditionSchema),
}
export interface OtherTable {
  readonly columns: readonly string[]
  readonly table: string
  readonly to: readonly string[]
  readonly where?: unknown
}

export function otherTableFaults(p: OtherTable, scope: Scope): RuleFault[] {
  const own = columnFaults(
    scope,
    p.columns.map((name, at) => [`/columns/${at}`, name] as const),
  )
  const other = scope.tables[p.table]
  if (other === undefined)
    return [
      ...own,
      { path: '/table', zh: `没有可引用的数据 ${p.table}`, en: `there is no table ${p.table} to refer to` },
    ]
  const far = columnFaults(
    { ...scope, columns: other },
    p.to.map((name, at) => [`/to/${at}`, name] as const),
  )
  const counts =
    p.to.length === p.columns.length
      ? []
      : [{ path: '/to', zh: '两侧字段数不一致', en: 'both sides need as many columns' }]
  return [
    ...own,
    ...far,
    ...counts,
    ...(p.where === undefined ? [] : conditionFaults(p.where as Condition, other, '/where')),
  ]
}

/** All columns hold a value: only then there is something to look up. */
export const allPresent = (columns: readonly string[]): Predicate => all(...columns.map(present))

export const standsThere = (p: OtherTable): Predicate => ({
  p: 'exists',
  of: p.columns.map(column),
  within: {
    table: p.table,
    columns: p.to,
    where: p.where === undefined ? null : conditionPredicate(p.where as Condition),
  },
})

const tupleOf = (row: Row, columns: readonly string[]): string | null =>
  columns.some((name) => isMissing(row[name])) ? null : JSON.stringify(columns.map((name) => row[name]))

/** The same, slowly: whether a row's values stand there; null when they are not all present. */
export function lookUp(p: OtherTable, world: World): (row: Row) => boolean | null {
  const other = world.tables[p.table]!
  const known = new Set(
    other.rows
      .filter((row) => p.where === undefined || meets(p.where as Condition, row, other.columns))
      .map((row) => tupleOf(row, p.to)),
  )
  return (row) => {
    const tuple = tupleOf(row, p.columns)
    return tuple === null ? null : known.has(tuple)
  }
}
