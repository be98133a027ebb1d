import { OPERATION_COLUMN } from '@huitong/segment'
import type { ChangeRead, ChangeStream, ReadOptions } from '../connector.ts'
import { ConnectorError } from '../errors.ts'
import { checkConvention, copyRead, heldRows, lookAtWriters, nextCursor, windowSql } from './changes.ts'
import { connect, hangUp } from './connect.ts'
import { toConnectorError } from './database-error.ts'
import { listUnmarked } from './mark.ts'
import { checkExpected, openSnapshotFor, PostgresqlRows, resultColumns, selectSql } from './read-rows.ts'
import type { PostgresqlSettings } from './settings.ts'

/**
 * Reads a table that keeps the convention of front databases: without a cursor all rows that are there, with one what
 * changed since, the operation first. Rows, cursor and held rows are of one snapshot.
 * @throws ConnectorError `bad_cursor`, `clock_moved`, `no_key` besides those of `readRows`.
 */
export async function readChanges(
  settings: PostgresqlSettings,
  read: ChangeRead,
  options: ReadOptions = {},
): Promise<ChangeStream> {
  const { table, cursor: before } = read
  if (before !== null && read.key.length === 0) throw new ConnectorError('no_key', table.name)
  const client = await connect(settings, 'source')
  try {
    const kind = await checkConvention(client, read)
    const moment = await lookAtWriters(client, read, kind)
    const source = await openSnapshotFor(client, table, null)
    await checkExpected(client, table, read.expect ?? [])
    await checkConvention(client, read)
    const cursor = await nextCursor(client, read, moment)
    const held = await heldRows(client, read, before === null ? 'copy' : 'increment')
    await listUnmarked(client, read, kind)
    const copy = copyRead(read)
    const columns = await resultColumns(client, selectSql(copy), read.select)
    const select = before === null ? selectSql(copy) : windowSql(read, before, kind, columns)
    const all = before === null ? columns : [OPERATION_COLUMN, ...columns]
    const from = before === null ? null : JSON.stringify(before)
    const at = { from, to: JSON.stringify(cursor), snapshot: source.snapshot }
    return Object.assign(new PostgresqlRows(client, select, all, at, table, options), { cursor, held })
  } catch (error) {
    hangUp(client)
    throw toConnectorError(error, 'source', { table: table.name })
  }
}
