import { quoteIdentifier } from '@huitong/policy'
import { type Client, DatabaseError } from 'pg'
import type { TableName } from '../../connector.ts'
import { ConnectorError } from '../../errors.ts'
import { padded } from '../../log/padded.ts'
import { logNames, type LogSlot, type LogSnapshot, type SlotRequest } from '../../log/types.ts'
import { connect, hangUp, withClient } from '../connect.ts'
import { toConnectorError } from '../database-error.ts'
import { quoteTable } from '../read-rows.ts'
import type { PostgresqlSettings } from '../settings.ts'
import { parseLsn } from './lsn.ts'

const NAME = /^[a-z0-9_]{1,63}$/
/** How long running transactions of the source are waited for. While an exact position is looked for, nothing flows. */
const SLOT_WAIT_MS = 120_000
const POSITION_WAIT_MS = 15_000

/**
 * Makes the publication of a channel, unless it is there, and a new slot with an exported snapshot at its consistent
 * point; slots of this channel that nobody uses any more are dropped first.
 * @throws ConnectorError `log_off`, `log_rights`, `log_slots_full`, `log_identity`, `log_busy`, …
 */
export async function createLogSlot(settings: PostgresqlSettings, request: SlotRequest): Promise<LogSnapshot> {
  const { channel, table, tag } = request
  const temporary = request.temporary === true
  const { prefix, publication } = logNames(channel)
  const slot = `${prefix}${temporary ? 'at_' : ''}${tag}`
  if (!NAME.test(slot)) throw new ConnectorError('not_supported', 'name of a slot')
  const tableId = await withClient(settings, 'source', async (client) => {
    await requireLogical(client)
    const id = await requireTable(client, table)
    await ensurePublication(client, publication, table)
    if (!temporary) await dropSlots(client, prefix)
    return id
  })
  const client = await connect(settings, 'source', { replication: true }).catch((error: unknown) => {
    throw replicationError(error, slot)
  })
  try {
    const system = (await client.query<{ systemid: string; timeline: string }>('IDENTIFY_SYSTEM')).rows[0]!
    await client.query(`SET statement_timeout = ${temporary ? POSITION_WAIT_MS : SLOT_WAIT_MS}`)
    const kind = `${temporary ? 'TEMPORARY ' : ''}LOGICAL pgoutput EXPORT_SNAPSHOT`
    const made = await client.query<{ consistent_point: string; snapshot_name: string }>(
      `CREATE_REPLICATION_SLOT "${slot}" ${kind}`,
    )
    const { consistent_point, snapshot_name } = made.rows[0]!
    const start = padded(parseLsn(consistent_point))
    return {
      slot: { slot, publication, systemId: system.systemid, timeline: system.timeline, tableId, start },
      snapshot: snapshot_name,
      close: () => hangUp(client),
    }
  } catch (error) {
    hangUp(client)
    throw replicationError(error, slot)
  }
}

/** Drops what a channel left at a source; answers how many slots. A publication that is another's is left alone. */
export function releaseLog(settings: PostgresqlSettings, channel: string): Promise<number> {
  const { prefix, publication } = logNames(channel)
  return withClient(settings, 'source', async (client) => {
    const slots = await dropSlots(client, prefix)
    // Made by an administrator, it is for the administrator to drop; it costs nothing.
    await client.query(`DROP PUBLICATION IF EXISTS ${quoteIdentifier(publication)}`).catch((error: unknown) => {
      if (!(error instanceof DatabaseError) || error.code !== '42501') throw error
    })
    return slots
  })
}

/**
 * Whether the log of a slot can go on: the same system, history and slot, and nothing of it was dropped.
 * @param confirmedMax padded position up to which it was confirmed at most: a slot beyond it was made anew.
 * @throws ConnectorError `log_gap` saying why not, `connection_lost` while another reader still holds the slot.
 */
export async function requireSlot(client: Client, slot: LogSlot, confirmedMax: string): Promise<void> {
  const gap = (detail: string) => new ConnectorError('log_gap', detail)
  const system = (await client.query<{ systemid: string; timeline: string }>('IDENTIFY_SYSTEM')).rows[0]!
  if (system.systemid !== slot.systemId) throw gap(`system ${system.systemid} instead of ${slot.systemId}`)
  if (system.timeline !== slot.timeline) throw gap(`timeline ${system.timeline} instead of ${slot.timeline}`)
  const { rows } = await client.query<{ lsn: string | null; status: string | null; active: string }>(
    `SELECT confirmed_flush_lsn AS lsn, to_jsonb(s) ->> 'wal_status' AS status, active::text AS active
     FROM pg_catalog.pg_replication_slots s WHERE slot_name = '${slot.slot}' AND database = current_database()`,
  )
  const found = rows[0]
  if (found === undefined) throw gap(`slot ${slot.slot} is gone`)
  if (found.status === 'lost' || found.lsn === null) throw gap(`the log of slot ${slot.slot} was removed`)
  if (padded(parseLsn(found.lsn)) > confirmedMax) {
    throw gap(`slot ${slot.slot} begins at ${found.lsn}, confirmed was ${confirmedMax}: it was made anew`)
  }
  if (found.active === 'true' || found.active === 't') {
    throw new ConnectorError('connection_lost', 'the slot is still held by an earlier reader')
  }
}

async function requireLogical(client: Client): Promise<void> {
  const { rows } = await client.query<{ level: string; standby: boolean; version: string }>(
    `SELECT current_setting('wal_level') AS level, pg_is_in_recovery() AS standby, current_setting('server_version_num') AS version`,
  )
  const { level, standby, version } = rows[0]!
  if (level !== 'logical') throw new ConnectorError('log_off', `wal_level is ${level}`)
  if (standby) throw new ConnectorError('log_off', 'the source is a standby')
  if (Number(version) < 140_000) throw new ConnectorError('log_off', `PostgreSQL ${version} is older than 14`)
}

/** Only tables are in the log. Answers the table's number. */
async function requireTable(client: Client, table: TableName): Promise<string> {
  const { rows } = await client.query<{ id: string; kind: string; persistence: string }>(
    'SELECT oid AS id, relkind AS kind, relpersistence AS persistence FROM pg_class WHERE oid = to_regclass($1)',
    [quoteTable(table)],
  )
  const place = { table: table.name }
  const found = rows[0]
  if (found === undefined) throw new ConnectorError('table_missing', quoteTable(table), { place })
  if (!'rp'.includes(found.kind) || found.persistence !== 'p') {
    throw new ConnectorError('not_supported', 'only logged tables can be followed by the log', { place })
  }
  return found.id
}

/** The statement that an administrator may run for us stands in the error. */
async function ensurePublication(client: Client, publication: string, table: TableName): Promise<void> {
  const name = quoteIdentifier(publication)
  const create = `CREATE PUBLICATION ${name} FOR TABLE ${quoteTable(table)} WITH (publish_via_partition_root = true)`
  const known = async () =>
    (
      await client.query<{ holds: boolean }>(
        `SELECT EXISTS (SELECT FROM pg_publication_tables t WHERE t.pubname = p.pubname
           AND t.schemaname = $2 AND t.tablename = $3) AS holds FROM pg_publication p WHERE p.pubname = $1`,
        [publication, table.schema, table.name],
      )
    ).rows[0]
  const found = await known()
  if (found?.holds === true) return
  try {
    if (found !== undefined) await client.query(`DROP PUBLICATION ${name}`)
    await client.query(create)
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error
    if (error.code === '42710' && (await known())?.holds === true) return
    if (error.code === '42501') throw new ConnectorError('log_rights', create, { place: { table: table.name } })
    throw error
  }
}

async function dropSlots(client: Client, prefix: string): Promise<number> {
  const { rows } = await client.query<{ name: string; pid: string | null }>(
    `SELECT slot_name AS name, active_pid AS pid FROM pg_replication_slots
     WHERE starts_with(slot_name, $1) AND database = current_database() AND NOT temporary`,
    [prefix],
  )
  for (const { name, pid } of rows) {
    // A reader of this channel that was left behind; one that we may not end gives an error below.
    if (pid !== null) await client.query('SELECT pg_terminate_backend($1, 5000)', [pid]).catch(() => undefined)
    await client.query('SELECT pg_drop_replication_slot($1)', [name]).catch((error: unknown) => {
      throw replicationError(error, name)
    })
  }
  return rows.length
}

/** What keeps a slot from being made, by name. */
function replicationError(error: unknown, slot: string): Error {
  if (error instanceof ConnectorError && error.cause instanceof DatabaseError && error.code !== 'access_denied') {
    return replicationError(error.cause, slot)
  }
  if (!(error instanceof DatabaseError)) return toConnectorError(error, 'source')
  const rights = error.code === '42501' || (error.code === '28000' && /replication/i.test(error.message))
  if (rights) return new ConnectorError('log_rights', 'ALTER ROLE … REPLICATION')
  if (error.code === '53400' || /all replication slots are in use/.test(error.message)) {
    return new ConnectorError('log_slots_full', 'max_replication_slots')
  }
  if (error.code === '53300') return new ConnectorError('log_slots_full', 'max_wal_senders')
  if (error.code === '57014') return new ConnectorError('log_busy', 'a transaction of the source runs on')
  if (error.code === '55006') return new ConnectorError('log_busy', `slot ${slot} is held by another reader`)
  return toConnectorError(error, 'source')
}
