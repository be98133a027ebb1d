import { quoteText } from '@huitong/policy'
import type { TableName } from '../connector.ts'
import type { AppliedChanges, Position, Staged } from '../database.ts'
import { ConnectorError } from '../errors.ts'
import { type Session, type TextRow, withSession } from './connect.ts'
import { toConnectorError } from './database-error.ts'
import type { MysqlSettings } from './settings.ts'
import { quoteTable } from './sql.ts'
import { positionTable } from './target.ts'

const COLUMNS = 'channel, generation, sequence, "rows", complete, visible, fence, staging, "cursor", staged, applied'

/** A position, and the table into which its generation is loaded. */
export type FullPosition = Position & { readonly staging: string | null }

/** Take over a channel's target, as `Database.claimChannel` says. */
export async function claimChannel(settings: MysqlSettings, channel: string, table: TableName): Promise<Position> {
  const positions = positionTable(table.schema)
  const is = `channel = ${quoteText(channel)} AND table_name = ${quoteText(table.name)}`
  return withSession(settings, 'target', (session) =>
    session.transaction(async () => {
      const raise = () =>
        session.run(`UPDATE ${positions} SET fence = fence + 1, updated_at = utc_timestamp(6) WHERE ${is}`)
      if ((await raise()).rows === 0n) {
        // Not `ON DUPLICATE KEY`: it would take any unique key for this one.
        await session
          .run(
            `INSERT INTO ${positions} (channel, table_name, generation, sequence, "rows", complete, visible, fence, updated_at)
             VALUES (${quoteText(channel)}, ${quoteText(table.name)}, 0, 0, 0, 0, 0, 1, utc_timestamp(6))`,
          )
          .catch(async (error: unknown) => {
            if (toConnectorError(error, 'target').code !== 'duplicate_key') throw error
            // Another claim came between, or another channel or table stands there.
            if ((await raise()).rows === 0n) throw inUse(table)
          })
      }
      const [row] = await session.rows(`SELECT ${COLUMNS} FROM ${positions} WHERE ${is}`)
      return toPosition(row!)
    }),
  )
}

/** Take over the target of whatever channel loads this table. */
export function claimTable(
  settings: MysqlSettings,
  table: TableName,
): Promise<{ readonly channel: string; readonly position: Position }> {
  const positions = positionTable(table.schema)
  const is = `table_name = ${quoteText(table.name)}`
  return withSession(settings, 'target', (session) =>
    session.transaction(async () => {
      const { rows } = await session.run(
        `UPDATE ${positions} SET fence = fence + 1, updated_at = utc_timestamp(6) WHERE ${is}`,
      )
      const [row] = rows === 0n ? [] : await session.rows(`SELECT ${COLUMNS} FROM ${positions} WHERE ${is}`)
      if (row === undefined) {
        const place = { table: table.name }
        throw new ConnectorError('table_missing', 'no channel has loaded it', { hop: 'target', place })
      }
      return { channel: row['channel']!, position: toPosition(row) }
    }),
  )
}

/** Rows that readers see in a table now, decimal text. @throws ConnectorError. */
export function countRows(settings: MysqlSettings, table: TableName): Promise<string> {
  return withSession(settings, 'target', async (session) => {
    const [row] = await session.rows(`SELECT count(*) AS n FROM ${quoteTable(table)}`)
    return row!['n']!
  })
}

function inUse(table: TableName): ConnectorError {
  return new ConnectorError('table_in_use', table.name, { hop: 'target', place: { table: table.name } })
}

/** What a writer works under: its channel, its table and its token. */
export interface Holder {
  readonly channel: string
  readonly table: TableName
  readonly fence: string
}

/**
 * The position. Inside of a transaction `lock` keeps everybody else from moving it until the end.
 * @throws ConnectorError `fenced` when `fence` is no longer the token.
 */
export async function readPosition(session: Session, holder: Holder, lock = false): Promise<FullPosition> {
  const { channel, table, fence } = holder
  const [row] = await session.rows(
    `SELECT ${COLUMNS} FROM ${positionTable(table.schema)} WHERE channel = ${quoteText(channel)}${lock ? ' FOR UPDATE' : ''}`,
  )
  if (row === undefined || row['fence'] !== fence) throw fenced(holder)
  return toPosition(row)
}

/** Change the position in the running transaction, guarded by the token; answers it as it is then. @throws ConnectorError `fenced`. */
export async function movePosition(session: Session, holder: Holder, set: string): Promise<FullPosition> {
  const { channel, table, fence } = holder
  const { rows } = await session.run(
    `UPDATE ${positionTable(table.schema)} SET ${set}, updated_at = utc_timestamp(6)
     WHERE channel = ${quoteText(channel)} AND fence = ${BigInt(fence)}`,
  )
  if (rows !== 1n) throw fenced(holder)
  return readPosition(session, holder)
}

function fenced({ table, fence }: Holder): ConnectorError {
  return new ConnectorError('fenced', `token ${fence}`, { hop: 'target', place: { table: table.name } })
}

function toPosition(row: TextRow): FullPosition {
  const { staged, applied } = row
  return {
    generation: Number(row['generation']),
    sequence: Number(row['sequence']),
    rows: row['rows']!,
    complete: row['complete'] === '1',
    visible: Number(row['visible']),
    fence: row['fence']!,
    staging: row['staging'] ?? null,
    cursor: row['cursor'] ?? null,
    staged: staged == null ? null : (JSON.parse(staged) as Staged),
    applied: applied == null ? null : (JSON.parse(applied) as AppliedChanges),
  }
}
