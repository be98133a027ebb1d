import { quoteIdentifier } from '@huitong/policy'
import { OPERATION_COLUMN, parseColumnType } from '@huitong/segment'
import type { ChangeRead, ChangeStream, Cursor, Held, ReadOptions, SqlRead } from '../connector.ts'
import { cursorAfter, type Moment } from '../cursor-rules.ts'
import { ConnectorError } from '../errors.ts'
import { Session } from './connect.ts'
import { toConnectorError } from './database-error.ts'
import { describeTable } from './discover.ts'
import { ownLease } from './log/snapshot.ts'
import { listUnmarked } from './mark.ts'
import { beginSnapshot, checkExpected, MysqlRows, selectSql } from './read-rows.ts'
import type { MysqlSettings } from './settings.ts'
import { livingMysql, quoteTable, windowStartMysql } from './sql.ts'

/** Most rows of those held that are named. */
const HELD_LISTED_MAX = 100
/** Transactions that only read have numbers from here on. */
const READERS_FROM = '281474976710656'

type TimeKind = 'timestamp' | 'timestamptz'

/**
 * Reads a table that keeps the convention of front databases, as `Database.readChanges` says. Rows, cursor and held rows
 * are of one snapshot. Writers that are still at work are seen where the account has the PROCESS privilege; without it,
 * only the lag guards what they commit late.
 */
export async function readChanges(
  settings: MysqlSettings,
  read: ChangeRead,
  options: ReadOptions = {},
): Promise<ChangeStream> {
  const { table, cursor: before } = read
  if (before !== null && read.key.length === 0) throw new ConnectorError('no_key', table.name)
  const session = await Session.open(settings, 'source')
  try {
    const kind = await checkConvention(session, read)
    const moment = await lookAtWriters(session, read, kind)
    await beginSnapshot(session)
    await checkExpected(session, table, read.expect ?? [])
    await checkConvention(session, read)
    const cursor = await nextCursor(session, read, moment)
    const held = await heldRows(session, read, before === null ? 'copy' : 'increment')
    await listUnmarked(session, read)
    const columns = read.select.map(({ as, type }) => ({ name: as, type: type ?? 'text' }))
    const sql = before === null ? selectSql(copyRead(read)) : windowSql(read, before)
    const all = before === null ? columns : [OPERATION_COLUMN, ...columns]
    const from = before === null ? null : JSON.stringify(before)
    const at = { from, to: JSON.stringify(cursor), snapshot: null }
    return Object.assign(new MysqlRows(ownLease(session), read, sql, all, at, options), { cursor, held })
  } catch (error) {
    session.close()
    throw toConnectorError(error, 'source', { table: table.name })
  }
}

/** Kind of the update time, after checking that the columns of the convention are there and of a fit type. */
async function checkConvention(session: Session, read: ChangeRead): Promise<TimeKind> {
  const { table, convention } = read
  const now = await describeTable(session, table)
  if (now === null) throw new ConnectorError('table_missing', quoteTable(table), { place: { table: table.name } })
  const typeOf = (field: string) => {
    const column = now.columns.find((candidate) => candidate.name === field)
    const place = { table: table.name, column: field }
    if (column === undefined) throw new ConnectorError('schema_changed', `${table.name}.${field} is gone`, { place })
    return { name: parseColumnType(column.canonicalType).name, place }
  }
  const time = typeOf(convention.updatedAt)
  if (time.name !== 'timestamp' && time.name !== 'timestamptz') {
    throw new ConnectorError('bad_cursor', `the update time is ${time.name}`, { place: time.place })
  }
  if (convention.operation !== null) {
    const letter = typeOf(convention.operation)
    if (!['text', 'varchar', 'char'].includes(letter.name)) {
      throw new ConnectorError('bad_cursor', `the operation is ${letter.name}`, { place: letter.place })
    }
  }
  return time.name
}

const instantSql = (time: string, kind: TimeKind) =>
  `date_format(${time}, '%Y-%m-%dT%H:%i:%s.%f${kind === 'timestamptz' ? 'Z' : ''}')`

/** Looks for transactions that write, outside of any transaction of our own. */
async function lookAtWriters(session: Session, read: ChangeRead, kind: TimeKind): Promise<Moment> {
  const seen = await session
    .rows(
      `SELECT cast(max(cast(trx_id as unsigned)) as char) AS writer,
         coalesce(max(cast(trx_id as unsigned) <= ${BigInt(read.cursor?.writer ?? '0')}), 0) AS unfinished,
         coalesce(max(unix_timestamp() - unix_timestamp(convert_tz(trx_started, 'SYSTEM', '+00:00'))), 0) + 1 AS age
       FROM information_schema.innodb_trx
       WHERE cast(trx_id as unsigned) BETWEEN 1 AND ${READERS_FROM} - 1 AND trx_mysql_thread_id <> connection_id()`,
    )
    .catch(() => [])
  const age = BigInt(seen[0]?.['age'] ?? '1')
  // A time without zone is written by the server's own clock and zone.
  await session.run(`SET SESSION time_zone = ${kind === 'timestamptz' ? `'+00:00'` : '@@global.time_zone'}`)
  const [now] = await session.rows(
    `SELECT ${instantSql('now(6)', kind)} AS at, ${instantSql(`now(6) - interval ${age} second`, kind)} AS oldest`,
  )
  await session.run(`SET SESSION time_zone = '+00:00'`)
  const writer = seen[0]?.['writer'] ?? null
  return {
    at: now!['at']!,
    oldest: writer === null ? null : now!['oldest']!,
    writer,
    unfinished: seen[0]?.['unfinished'] === '1' && read.cursor !== null && read.cursor.writer !== '0',
  }
}

/** @throws ConnectorError `clock_moved` when the source's clock went back by more than the lag. */
async function nextCursor(session: Session, read: ChangeRead, moment: Moment): Promise<Cursor> {
  const before = read.cursor
  if (before !== null) {
    const start = windowStartMysql(before.at, read.lagSeconds)
    const now = windowStartMysql(moment.at, 0)
    const [row] = await session.rows(`SELECT ${now} < ${start} AS behind`)
    if (row!['behind'] === '1') {
      throw new ConnectorError('clock_moved', `${moment.at} after ${before.at}`, { place: { table: read.table.name } })
    }
  }
  return cursorAfter(before, moment)
}

/** What a first, full read selects: rows that are there, in the columns of the plan. */
function copyRead(read: ChangeRead): SqlRead {
  const living = livingMysql(read.convention.operation)
  const where = read.where === null ? living : `(${read.where}) AND ${living}`
  return { table: read.table, select: read.select, where }
}

const letterOf = (read: ChangeRead) =>
  read.convention.operation === null ? `'U'` : `upper(${quoteIdentifier(read.convention.operation)})`

/**
 * The query of an increment: every row whose update time lies in the window, with its operation. Of a row that is gone,
 * or that the filter no longer lets out, only the key is given.
 */
function windowSql(read: ChangeRead, cursor: Cursor): string {
  const time = quoteIdentifier(read.convention.updatedAt)
  const letter = letterOf(read)
  const passes = read.where === null ? 'true' : `coalesce((${read.where}), false)`
  const operation = `(case when ${passes} then ${letter} else 'D' end)`
  const known = read.convention.operation === null ? 'true' : `${letter} IN ('I', 'U', 'D')`
  const select = read.select.map(({ expression, as }) => ({
    expression: read.key.includes(as) ? expression : `(case when ${operation} <> 'D' then ${expression} end)`,
    as,
  }))
  const swept =
    read.mark?.sweep === true ? ` OR (${quoteIdentifier(read.mark.columns.mark)} IS NULL AND year(${time}) > 0)` : ''
  return selectSql({
    table: read.table,
    select: [{ expression: operation, as: OPERATION_COLUMN.name }, ...select],
    where: `(${time} >= ${windowStartMysql(cursor.since, read.lagSeconds)}${swept}) AND ${known}`,
  })
}

/**
 * Rows within the filter that cannot be followed: without a usable update time, or with an unknown operation. Counted
 * all, some named by the text of their key.
 */
async function heldRows(session: Session, read: ChangeRead, purpose: 'copy' | 'increment'): Promise<Held> {
  const { operation } = read.convention
  const untimed = `coalesce(year(${quoteIdentifier(read.convention.updatedAt)}), 0) = 0`
  const unknown = operation === null ? 'false' : `coalesce(${letterOf(read)} NOT IN ('I', 'U', 'D'), true)`
  // A full copy carries rows without a time as they are; only later changes of them would pass unseen.
  const faulty = purpose === 'copy' ? unknown : `(${unknown} OR ${untimed})`
  const where = read.where === null ? faulty : `(${read.where}) AND ${faulty}`
  const from = `FROM ${quoteTable(read.table)} WHERE ${where}`
  const [counted] = await session.rows(`SELECT count(*) AS n ${from}`)
  if (counted!['n'] === '0') return { rows: '0', listed: [] }
  const key = read.key.map((name, i) => {
    const column = read.select.find(({ as }) => as === name)
    return `${column?.expression ?? quoteIdentifier(name)} AS k${i}`
  })
  const listed = await session.rows(
    `SELECT ${[...key, `(${unknown}) AS is_unknown`].join(', ')} ${from} LIMIT ${HELD_LISTED_MAX}`,
  )
  return {
    rows: counted!['n']!,
    listed: listed.map((row) => ({
      key: read.key.map((_name, i) => row[`k${i}`] ?? ''),
      reason: row['is_unknown'] === '1' ? ('operation' as const) : ('time' as const),
    })),
  }
}
