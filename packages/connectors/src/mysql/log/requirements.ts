import { quoteText } from '@huitong/policy'
import type { TableName } from '../../connector.ts'
import { ConnectorError } from '../../errors.ts'
import type { Session, TextRow } from '../connect.ts'
import { quoteTable } from '../sql.ts'
import type { Flavour } from './stream.ts'

/** MariaDB 10.5 and MySQL 8.0.1 are the first whose log tells the names of columns. */
const OLDEST = { mariadb: 10_05_00, mysql: 8_00_01 } as const
/** Changes that a foreign key makes by itself are in no log. */
const CASCADES = /^\s*CONSTRAINT .*\bFOREIGN KEY .*\bON (DELETE|UPDATE) (CASCADE|SET NULL|SET DEFAULT)/m

/** What of a server's log is needed, as it is now. */
export interface LogServer {
  readonly flavour: Flavour
  /** How long it keeps its log, null where that has no limit. */
  readonly keptSeconds: number | null
}

/** Which kind of server it is. */
export async function flavourOf(session: Session): Promise<Flavour> {
  const [row] = await session.rows('SELECT version() AS version')
  return /mariadb/i.test(row!['version']!) ? 'mariadb' : 'mysql'
}

/** The log holds everything that is needed to follow a table. @throws ConnectorError `binlog_off` naming the setting. */
export async function requireLog(session: Session): Promise<LogServer> {
  const [row] = await session.rows('SELECT version() AS version')
  const version = row!['version']!
  const flavour = /mariadb/i.test(version) ? 'mariadb' : 'mysql'
  const [, major, minor, patch] = /^(\d+)\.(\d+)\.(\d+)/.exec(version) ?? []
  if (Number(major) * 10_000 + Number(minor) * 100 + Number(patch) < OLDEST[flavour]) {
    throw off(flavour === 'mariadb' ? 'MariaDB ≥ 10.5' : 'MySQL ≥ 8.0.1', version)
  }
  const settings = await settingsOf(session)
  const wanted: readonly (readonly [string, RegExp, string])[] = [
    ['log_bin', /^(ON|1)$/i, 'ON'],
    ['binlog_format', /^ROW$/i, 'ROW'],
    ['binlog_row_image', /^FULL(_NODUP)?$/i, 'FULL'],
    ['binlog_row_metadata', /^FULL$/i, 'FULL'],
    ...(flavour === 'mysql' ? MYSQL_ONLY : []),
  ]
  for (const [name, pattern, value] of wanted) {
    const found = settings.get(name)
    // Newer servers leave out what is no longer to be set.
    if (found === undefined && name === 'binlog_format') continue
    if (!pattern.test(found ?? ''))
      throw off(`${name} = ${value === '' ? "''" : value}`, `${name} is ${found ?? 'unknown'}`)
  }
  const seconds = Number(settings.get('binlog_expire_logs_seconds') ?? 0)
  const days = Number(settings.get('expire_logs_days') ?? 0)
  const kept = seconds > 0 ? seconds : days * 86_400
  return { flavour, keptSeconds: kept > 0 ? Math.round(kept) : null }
}

const MYSQL_ONLY: readonly (readonly [string, RegExp, string])[] = [
  ['gtid_mode', /^ON$/i, 'ON'],
  ['binlog_transaction_compression', /^(OFF|0|)$/i, 'OFF'],
  ['binlog_row_value_options', /^$/, ''],
]

async function settingsOf(session: Session): Promise<ReadonlyMap<string, string>> {
  const names = [
    'log_bin',
    'binlog_format',
    'binlog_row_image',
    'binlog_row_metadata',
    'binlog_expire_logs_seconds',
    'expire_logs_days',
    ...MYSQL_ONLY.map(([name]) => name),
  ]
  const list = names.map(quoteText).join(', ')
  const rows = await session.rows(`SHOW GLOBAL VARIABLES WHERE variable_name IN (${list})`)
  return new Map(rows.map((row) => [row['Variable_name']!.toLowerCase(), row['Value'] ?? '']))
}

const off = (setting: string, detail: string) => new ConnectorError('binlog_off', detail, { place: { setting } })

/**
 * Only tables whose changes are all in the log, and whose copy stands at a place of it, can be followed.
 * @throws ConnectorError `table_missing`, `not_supported`, `log_incomplete`, `binlog_off`.
 */
export async function requireTable(session: Session, table: TableName): Promise<void> {
  const place = { table: table.name }
  const [found] = await session.rows(
    `SELECT table_type AS kind, engine FROM information_schema.tables
     WHERE table_schema = ${quoteText(table.schema)} AND table_name = ${quoteText(table.name)}`,
  )
  if (found === undefined) throw new ConnectorError('table_missing', quoteTable(table), { place })
  if (found['kind'] !== 'BASE TABLE' || found['engine']?.toLowerCase() !== 'innodb') {
    const detail = `${found['kind']} ${found['engine']}: only tables of InnoDB can be followed`
    throw new ConnectorError('not_supported', detail, { place })
  }
  const [shown] = await session.rows(`SHOW CREATE TABLE ${quoteTable(table)}`)
  const cascade = CASCADES.exec(shown?.['Create Table'] ?? '')
  if (cascade !== null) throw new ConnectorError('log_incomplete', cascade[0].trim(), { place })
}

/** Where the log ends now. @throws ConnectorError `binlog_rights`. */
export async function endOfLog(
  session: Session,
): Promise<{ readonly file: string; readonly bytes: bigint; readonly row: TextRow }> {
  const rows = await session
    .rows('SHOW MASTER STATUS')
    .catch((error: unknown) => {
      // As newer MySQL calls it.
      if ((error as { errno?: number }).errno === 1064) return session.rows('SHOW BINARY LOG STATUS')
      throw error
    })
    .catch((error: unknown) => {
      if ((error as { errno?: number }).errno === 1227) throw rights()
      throw error
    })
  const [row] = rows
  if (row === undefined) throw off('log_bin = ON', 'the server keeps no log')
  return { file: row['File']!, bytes: BigInt(row['Position']!), row }
}

/** What an administrator grants. */
export const rights = (): ConnectorError =>
  new ConnectorError('binlog_rights', 'REPLICATION SLAVE and REPLICATION CLIENT (MariaDB: BINLOG MONITOR)', {
    place: { setting: 'GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.*' },
  })

/** A server may be told to log some databases only. @throws ConnectorError `binlog_off`. */
export function requireLogged(row: TextRow, schema: string): void {
  const listed = (name: string) => (row[name] ?? '').split(',').filter((one) => one !== '')
  const only = listed('Binlog_Do_DB')
  if (only.length > 0 && !only.includes(schema)) throw off('binlog_do_db', `only ${only.join(', ')} are logged`)
  if (listed('Binlog_Ignore_DB').includes(schema)) throw off('binlog_ignore_db', `${schema} is not logged`)
}
