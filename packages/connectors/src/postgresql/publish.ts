import { setTimeout as sleep } from 'node:timers/promises'
import { quoteIdentifier } from '@huitong/policy'
import type { Client } from 'pg'
import type { PublishOptions, TargetTable } from '../database.ts'
import { ConnectorError } from '../errors.ts'
import { stagingName } from '../target-rules.ts'
import { inTransaction } from './connect.ts'
import { toConnectorError } from './database-error.ts'
import { type FullPosition, movePosition } from './position.ts'
import { quoteTable } from './read-rows.ts'

const WAIT_MS_MAX = 600_000
/** Each try for the lock is short, because readers that come later queue behind it. */
const LOCK_TIMEOUT_MS = 2_000
const RETRY_MS = 250

interface PublishTarget {
  readonly channel: string
  readonly table: TargetTable
  readonly fence: string
  readonly publish?: PublishOptions
}

/**
 * Make a completely loaded generation visible: build its key, wait for readers whose snapshot is older than the load
 * (they would find the new partition empty, because attaching is not versioned as rows are), then exchange the
 * partitions in one transaction. Safe to repeat at any point.
 */
export async function publish(client: Client, target: PublishTarget, position: FullPosition): Promise<void> {
  const deadline = performance.now() + (target.publish?.waitMsMax ?? WAIT_MS_MAX)
  await buildKey(client, target.table, position.generation)
  await waitForOldSnapshots(client, target.table, position.completeXid, deadline)
  for (;;) {
    try {
      await exchange(client, target, position.generation)
      return
    } catch (error) {
      const known = toConnectorError(error, 'target', { table: target.table.name })
      if (known.code !== 'target_busy' || performance.now() > deadline) throw known
      await sleep(RETRY_MS)
    }
  }
}

async function buildKey(client: Client, table: TargetTable, generation: number): Promise<void> {
  const staging = quoteTable({ schema: table.schema, name: stagingName(table.name, generation) })
  await inTransaction(client, 'BEGIN', async () => {
    const { rows } = await client.query<{ built: boolean }>(
      'SELECT EXISTS (SELECT FROM pg_index WHERE indrelid = to_regclass($1) AND indisprimary) AS built',
      [staging],
    )
    if (table.key.length > 0 && !rows[0]!.built) {
      await client.query(`SET LOCAL maintenance_work_mem = '128MB'`)
      await client.query(`ALTER TABLE ${staging} ADD PRIMARY KEY (${table.key.map(quoteIdentifier).join(', ')})`)
    }
    // A new partition without statistics would give the consumer's first queries bad plans.
    await client.query(`ANALYZE ${staging}`)
  })
}

async function waitForOldSnapshots(
  client: Client,
  table: TargetTable,
  completeXid: string | null,
  deadline: number,
): Promise<void> {
  if (completeXid === null) return
  for (;;) {
    const { rows } = await client.query<{ pids: string | null }>(
      `SELECT string_agg(pid::text, ',') AS pids FROM pg_stat_activity
       WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
         AND backend_xmin IS NOT NULL AND age(backend_xmin) >= age($1::xid8::xid)`,
      [completeXid],
    )
    const pids = rows[0]!.pids
    if (pids === null) return
    if (performance.now() > deadline) {
      throw new ConnectorError('target_busy', `long transactions of backends ${pids}`, {
        hop: 'target',
        place: { table: table.name },
      })
    }
    await sleep(RETRY_MS)
  }
}

async function exchange(client: Client, target: PublishTarget, generation: number): Promise<void> {
  const { table, channel, fence } = target
  const parent = quoteTable(table)
  const staging = quoteTable({ schema: table.schema, name: stagingName(table.name, generation) })
  await inTransaction(client, 'BEGIN', async () => {
    await client.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`)
    await client.query(`LOCK TABLE ${parent} IN ACCESS EXCLUSIVE MODE`)
    const { rows } = await client.query<{ schema: string; name: string }>(
      `SELECT n.nspname AS schema, c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
       JOIN pg_namespace n ON n.oid = c.relnamespace WHERE i.inhparent = to_regclass($1)`,
      [parent],
    )
    for (const old of rows) {
      if (!old.name.startsWith('_huitong_')) {
        throw new ConnectorError('table_not_ours', `partition ${old.name}`, {
          hop: 'target',
          place: { table: table.name },
        })
      }
      await client.query(`ALTER TABLE ${parent} DETACH PARTITION ${quoteTable(old)}`)
    }
    await client.query(`ALTER TABLE ${parent} ATTACH PARTITION ${staging} DEFAULT`)
    for (const old of rows) await client.query(`DROP TABLE ${quoteTable(old)}`)
    const set = 'visible = $3, cursor = next_cursor, staged = null, applied = null'
    await movePosition(client, channel, table, fence, set, [generation])
  })
}
