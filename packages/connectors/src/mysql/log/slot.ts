import { quoteText } from '@huitong/policy'
import { ConnectorError } from '../../errors.ts'
import { padded } from '../../log/padded.ts'
import { logNames, type LogSnapshot, type SlotRequest } from '../../log/types.ts'
import { Session } from '../connect.ts'
import { toConnectorError } from '../database-error.ts'
import { beginSnapshot } from '../read-rows.ts'
import type { MysqlSettings } from '../settings.ts'
import { quoteTable } from '../sql.ts'
import { parsePlace } from './gtid.ts'
import { endOfLog, requireLog, requireLogged, requireTable, rights } from './requirements.ts'
import { holdSnapshot } from './snapshot.ts'
import { BinlogStream, type Flavour } from './stream.ts'

/** How long running changes of the table are waited for where it must be locked. New ones wait with us. */
const LOCK_WAIT_S = 5
const ANSWER_MS = 15_000

/**
 * The beginning of a channel's log: a snapshot and the place in the log that it stands at. Nothing is made at the source,
 * which keeps its log by its own rules.
 * @throws ConnectorError `binlog_off`, `binlog_rights`, `log_incomplete`, `log_busy`, `not_supported`, …
 */
export async function createLogSlot(settings: MysqlSettings, request: SlotRequest): Promise<LogSnapshot> {
  const { channel, table, tag, temporary = false } = request
  const { prefix, publication } = logNames(channel)
  const session = await Session.open(settings, 'source')
  try {
    const { flavour } = await requireLog(session)
    await requireTable(session, table)
    requireLogged((await endOfLog(session)).row, table.schema)
    const text =
      flavour === 'mariadb' ? await mariadbSnapshot(session) : await mysqlSnapshot(settings, session, request)
    // At an exact position on the way the rights are known.
    if (!temporary) await requireStream(settings, flavour, text, `${prefix}probe`)
    const place = parsePlace(flavour, text)
    const slot = `${prefix}${temporary ? 'at_' : ''}${tag}`
    const start = padded(place.count)
    const held = holdSnapshot(session)
    return {
      slot: {
        slot,
        publication,
        systemId: flavour,
        timeline: '1',
        tableId: '0',
        start,
        ...(place.text === '' ? {} : { place: place.text }),
      },
      ...held,
    }
  } catch (error) {
    session.close()
    throw toConnectorError(error, 'source', { table: table.name })
  }
}

/** Without a lock: the server says where its log stood at the moment of the snapshot. */
async function mariadbSnapshot(session: Session): Promise<string> {
  await beginSnapshot(session)
  const rows = await session.rows(
    `SHOW STATUS WHERE variable_name IN ('binlog_snapshot_file', 'binlog_snapshot_position')`,
  )
  const values = new Map(rows.map((row) => [row['Variable_name']!.toLowerCase(), row['Value'] ?? '']))
  const file = values.get('binlog_snapshot_file') ?? ''
  const position = Number(values.get('binlog_snapshot_position') ?? 0)
  const [row] = await session.rows(`SELECT binlog_gtid_pos(${quoteText(file)}, ${position}) AS place`)
  if (row?.['place'] == null) throw new ConnectorError('log_busy', `the log had no place for ${file} ${position}`)
  return row['place']
}

/**
 * MySQL does not say it. While nobody writes the table, which a second connection sees to for a moment, every transaction
 * that is in the log is in the snapshot as far as the table goes.
 */
async function mysqlSnapshot(settings: MysqlSettings, session: Session, { table }: SlotRequest): Promise<string> {
  const locking = await Session.open(settings, 'source')
  try {
    await locking.run(`SET SESSION lock_wait_timeout = ${LOCK_WAIT_S}`)
    await locking.run(`LOCK TABLES ${quoteTable(table)} READ`).catch((error: unknown) => {
      const { errno } = error as { errno?: number }
      if (errno === 1205) throw new ConnectorError('log_busy', 'a transaction writes the table')
      if (errno === 1044 || errno === 1142) {
        throw new ConnectorError('binlog_rights', 'LOCK TABLES', { place: { setting: 'GRANT LOCK TABLES' } })
      }
      throw error
    })
    await beginSnapshot(session)
    const [row] = await session.rows('SELECT @@global.gtid_executed AS place')
    return row!['place']!.replace(/\s/g, '')
  } finally {
    await locking.run('UNLOCK TABLES').catch(() => undefined)
    locking.close()
  }
}

/** Whether this account may read the log from here. @throws ConnectorError `binlog_rights`, `log_gap`. */
async function requireStream(settings: MysqlSettings, flavour: Flavour, place: string, reader: string): Promise<void> {
  const stream = await BinlogStream.open(settings, { flavour, place, reader })
  try {
    if ((await stream.take(ANSWER_MS)).length === 0) throw new ConnectorError('stalled', 'the log says nothing')
  } catch (error) {
    const { errno } = error as { errno?: number }
    throw errno === 1227 || errno === 1045 ? rights() : error
  } finally {
    stream.close()
  }
}
