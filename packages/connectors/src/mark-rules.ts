import type { Convention, DiscoveredTable, MarkedColumns, TableName } from './connector.ts'
import type { FrontTableRef } from './database.ts'
import { ConnectorError } from './errors.ts'

/** The columns of the exchange mark must be there, the mark a moment of time, and the key the table's own. @throws ConnectorError. */
export function checkMark(
  table: TableName,
  found: DiscoveredTable | null,
  columns: MarkedColumns & Convention,
): asserts found is DiscoveredTable {
  if (found === null) throw new ConnectorError('table_missing', table.name, { place: { table: table.name } })
  const { mark, batch, key, updatedAt, operation } = columns
  for (const name of [mark, updatedAt, ...key, ...[operation, batch].filter((one) => one !== null)]) {
    if (found.columns.some((column) => column.name === name)) continue
    const place = { table: table.name, column: name }
    throw new ConnectorError('schema_changed', `${table.name}.${name} is gone`, { place })
  }
  const type = found.columns.find(({ name }) => name === mark)!.canonicalType
  if (!type.startsWith('timestamptz')) {
    const place = { table: table.name, column: mark }
    throw new ConnectorError('schema_changed', `the mark is ${type}, not a moment of time`, { place })
  }
  const isKey = key.length > 0 && [...key].sort().join('\0') === [...found.primaryKey].sort().join('\0')
  if (!isKey) throw new ConnectorError('no_key', table.name, { place: { table: table.name } })
}

/** A missing right is named with the statement that gives it. */
export function withRight(error: unknown, { table }: FrontTableRef, right: string): unknown {
  if (!(error instanceof ConnectorError) || error.code !== 'permission_denied') return error
  const place = { table: table.name, setting: right }
  return new ConnectorError('permission_denied', error.detail, { hop: 'source', place, cause: error })
}
