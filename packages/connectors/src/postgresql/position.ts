import type { Client } from 'pg'
import type { TableName } from '../connector.ts'
import type { AppliedChanges, Position, Staged } from '../database.ts'
import { ConnectorError } from '../errors.ts'
import { toConnectorError } from './database-error.ts'
import { inTransaction, withClient } from './connect.ts'
import { quoteTable } from './read-rows.ts'
import type { PostgresqlSettings } from './settings.ts'
import { positionTable } from './target.ts'

interface PositionRow {
  generation: string
  sequence: string
  rows: string
  complete: boolean
  complete_xid: string | null
  visible: string
  fence: string
  cursor: string | null
  staged: string | null
  applied: string | null
}

const COLUMNS =
  'generation, sequence, rows, complete, complete_xid::text, visible, fence, cursor, staged::text, applied::text'

/**
 * Take over a channel's target: raise its fencing token, so that any earlier holder's next commit fails. The first
 * claim makes the position.
 * @throws ConnectorError `table_in_use` when another channel loads this table.
 */
export async function claimChannel(settings: PostgresqlSettings, channel: string, table: TableName): Promise<Position> {
  const positions = positionTable(table.schema)
  try {
    return await withClient(settings, 'target', (client) =>
      inTransaction(client, 'BEGIN', async () => {
        const { rows } = await client.query<PositionRow>(
          `INSERT INTO ${positions} AS p (channel, table_name, generation, sequence, rows, complete, visible, fence)
           VALUES ($1, $2, 0, 0, 0, false, 0, 1)
           ON CONFLICT (channel) DO UPDATE SET fence = p.fence + 1, updated_at = now() WHERE p.table_name = $2
           RETURNING ${COLUMNS}`,
          [channel, table.name],
        )
        // A channel whose position names another table was not given to this one.
        if (rows[0] === undefined) throw inUse(table)
        return toPosition(rows[0])
      }),
    )
  } catch (error) {
    const known = toConnectorError(error, 'target', { table: table.name })
    throw known.code === 'duplicate_key' ? inUse(table) : known
  }
}

/**
 * Take over the target of whatever channel loads this table: for repairs, which know the table only. Fences as
 * {@link claimChannel} does.
 * @throws ConnectorError `table_missing` when no channel has loaded it.
 */
export function claimTable(
  settings: PostgresqlSettings,
  table: TableName,
): Promise<{ readonly channel: string; readonly position: Position }> {
  return withClient(settings, 'target', (client) =>
    inTransaction(client, 'BEGIN', async () => {
      const { rows } = await client.query<PositionRow & { channel: string }>(
        `UPDATE ${positionTable(table.schema)} SET fence = fence + 1, updated_at = now() WHERE table_name = $1
         RETURNING channel, ${COLUMNS}`,
        [table.name],
      )
      const row = rows[0]
      if (row === undefined) {
        throw new ConnectorError('table_missing', 'no channel has loaded it', {
          hop: 'target',
          place: { table: table.name },
        })
      }
      return { channel: row.channel, position: toPosition(row) }
    }),
  )
}

/** Rows that readers see in a table now, decimal text. @throws ConnectorError. */
export function countRows(settings: PostgresqlSettings, table: TableName): Promise<string> {
  return withClient(settings, 'target', async (client) => {
    const { rows } = await client.query<{ rows: string }>(`SELECT count(*) AS rows FROM ${quoteTable(table)}`)
    return rows[0]!.rows
  })
}

function inUse(table: TableName): ConnectorError {
  return new ConnectorError('table_in_use', table.name, { hop: 'target', place: { table: table.name } })
}

/** The position as this transaction sees it. @throws ConnectorError `fenced` when `fence` is no longer the token. */
export async function readPosition(
  client: Client,
  channel: string,
  table: TableName,
  fence: string,
): Promise<FullPosition> {
  const { rows } = await client.query<PositionRow>(
    `SELECT ${COLUMNS} FROM ${positionTable(table.schema)} WHERE channel = $1`,
    [channel],
  )
  const row = rows[0]
  if (row === undefined || row.fence !== fence) throw fenced(table, fence)
  return toFullPosition(row)
}

/** A position and, of a generation that was completed, the transaction that did it. */
export type FullPosition = Position & { readonly completeXid: string | null }

/** Change the position in the running transaction, guarded by the token; answers it as it is then. @throws ConnectorError `fenced`. */
export async function movePosition(
  client: Client,
  channel: string,
  table: TableName,
  fence: string,
  set: string,
  values: readonly unknown[],
): Promise<FullPosition> {
  const { rows } = await client.query<PositionRow>(
    `UPDATE ${positionTable(table.schema)} SET ${set}, updated_at = now() WHERE channel = $1 AND fence = $2
     RETURNING ${COLUMNS}`,
    [channel, fence, ...values],
  )
  if (rows[0] === undefined) throw fenced(table, fence)
  return toFullPosition(rows[0])
}

const toFullPosition = (row: PositionRow): FullPosition => ({ ...toPosition(row), completeXid: row.complete_xid })

function fenced(table: TableName, fence: string): ConnectorError {
  return new ConnectorError('fenced', `token ${fence}`, { hop: 'target', place: { table: table.name } })
}

function toPosition(row: PositionRow): Position {
  return {
    generation: Number(row.generation),
    sequence: Number(row.sequence),
    rows: row.rows,
    complete: row.complete,
    visible: Number(row.visible),
    fence: row.fence,
    cursor: row.cursor,
    staged: row.staged === null ? null : (JSON.parse(row.staged) as Staged),
    applied: row.applied === null ? null : (JSON.parse(row.applied) as AppliedChanges),
  }
}
