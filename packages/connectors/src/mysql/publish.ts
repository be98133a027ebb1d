import { setTimeout as sleep } from 'node:timers/promises'
import { quoteText } from '@huitong/policy'
import type { TableName } from '../connector.ts'
import type { PublishOptions } from '../database.ts'
import { ConnectorError } from '../errors.ts'
import type { Session } from './connect.ts'
import { toConnectorError } from './database-error.ts'
import { type FullPosition, type Holder, movePosition, readPosition } from './position.ts'
import { quoteTable } from './sql.ts'

const WAIT_MS_MAX = 600_000
/** Each try for the lock is short, because readers that come later queue behind it. */
const LOCK_TIMEOUT_S = 2
const RETRY_MS = 250

/** Name under which a replaced table waits to be dropped. */
const replacedName = (staging: string): string => `${staging}_old`

/**
 * Make a completely loaded generation visible: its table takes the receiving table's name in one `RENAME TABLE`, which
 * readers see before or after but never between. The statement commits by itself, before the position can say so; whoever
 * comes after a kill knows by the table beside, which is gone, that it was done. Safe to repeat at any point.
 */
export async function publish(
  session: Session,
  target: Holder & { readonly publish?: PublishOptions },
  position: FullPosition,
): Promise<FullPosition> {
  const { table } = target
  const staging = { schema: table.schema, name: position.staging! }
  const replaced = { schema: table.schema, name: replacedName(staging.name) }
  const deadline = performance.now() + (target.publish?.waitMsMax ?? WAIT_MS_MAX)
  while (await exists(session, staging)) {
    await readPosition(session, target)
    try {
      await exchange(session, table, staging, replaced)
    } catch (error) {
      const known = toConnectorError(error, 'target', { table: table.name })
      if (known.code !== 'target_busy' || performance.now() > deadline) throw known
      await sleep(RETRY_MS)
    }
  }
  if (!(await exists(session, table))) {
    throw new ConnectorError('table_missing', 'neither the table nor its next generation is there', {
      hop: 'target',
      place: { table: table.name },
    })
  }
  const visible = await session.transaction(() =>
    movePosition(
      session,
      target,
      `visible = ${position.generation}, "cursor" = next_cursor, staged = NULL, applied = NULL, staging = NULL`,
    ),
  )
  await session.run(`DROP TABLE IF EXISTS ${quoteTable(replaced)}`)
  return visible
}

async function exchange(session: Session, table: TableName, staging: TableName, replaced: TableName): Promise<void> {
  const into = `${quoteTable(staging)} TO ${quoteTable(table)}`
  await session.run(`SET SESSION lock_wait_timeout = ${LOCK_TIMEOUT_S}`)
  // Servers before MySQL 8 and MariaDB 10.6 can be killed between the two halves.
  const isThere = await exists(session, table)
  await session.run(
    isThere ? `RENAME TABLE ${quoteTable(table)} TO ${quoteTable(replaced)}, ${into}` : `RENAME TABLE ${into}`,
  )
}

async function exists(session: Session, table: TableName): Promise<boolean> {
  const rows = await session.rows(
    `SELECT 1 FROM information_schema.tables
     WHERE table_schema = ${quoteText(table.schema)} AND table_name = ${quoteText(table.name)}`,
  )
  return rows.length > 0
}
