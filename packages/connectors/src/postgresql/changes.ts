import { quoteIdentifier } from '@huitong/policy'
import { type Column, OPERATION_COLUMN, postgresType } from '@huitong/segment'
import type { Client } from 'pg'
import type { ChangeRead, Cursor, Held, SqlRead } from '../connector.ts'
import { cursorAfter, type Moment } from '../cursor-rules.ts'
import { ConnectorError } from '../errors.ts'
import { describeTable } from './discover.ts'
import { quoteTable } from './read-rows.ts'

/** Most rows of those held that are named. */
const HELD_LISTED_MAX = 100
const INSTANT = /^\d{4,6}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z?$/

/** The column of the operation letter inside of the query; no item can have this name. */
const OPERATION = quoteIdentifier('_huitong_op')

type TimeKind = 'timestamp' | 'timestamptz'

/** The types of an update time that can be followed. */
const TIMES: Readonly<Record<string, TimeKind>> = {
  timestamp: 'timestamp',
  timestamptz: 'timestamptz',
}

/** Kind of the update time, after checking that the columns of the convention are there and of a fit type. */
export async function checkConvention(client: Client, read: ChangeRead): Promise<TimeKind> {
  const { table } = read
  const now = await describeTable(client, table)
  if (now === null) throw new ConnectorError('table_missing', quoteTable(table), { place: { table: table.name } })
  const typeOf = (field: string) => {
    const column = now.columns.find((candidate) => candidate.name === field)
    const place = { table: table.name, column: field }
    if (column === undefined) throw new ConnectorError('schema_changed', `${table.name}.${field} is gone`, { place })
    return { name: column.canonicalType.replace(/\(.*$/, ''), place }
  }
  const time = typeOf(read.convention.updatedAt)
  const kind = TIMES[time.name]
  if (kind === undefined)
    throw new ConnectorError('bad_cursor', `the update time is ${time.name}`, { place: time.place })
  if (read.convention.operation !== null) {
    const letter = typeOf(read.convention.operation)
    if (!['text', 'varchar', 'char'].includes(letter.name)) {
      throw new ConnectorError('bad_cursor', `the operation is ${letter.name}`, { place: letter.place })
    }
  }
  return kind
}

/**
 * Looks for transactions that write, outside of any transaction of our own: whoever is not in the later snapshot wrote
 * already now, or began after `at`. Their numbers are in `pg_locks`, which every account may read; a snapshot's own bounds
 * leave out those that began after the last one that ended. Who works in another database of the server cannot write here.
 */
export async function lookAtWriters(client: Client, read: ChangeRead, kind: TimeKind): Promise<Moment> {
  const text = (time: string) =>
    kind === 'timestamptz'
      ? `to_char(${time} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`
      : `to_char(${time} AT TIME ZONE (SELECT reset_val FROM pg_settings WHERE name = 'TimeZone'), 'YYYY-MM-DD"T"HH24:MI:SS.US')`
  const { rows } = await client.query<Moment>(
    `WITH writers AS MATERIALIZED (SELECT transactionid AS xid FROM pg_locks l
       WHERE locktype = 'transactionid' AND mode = 'ExclusiveLock' AND granted
         AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.pid = l.pid AND a.datname <> current_database()))
     SELECT ${text('now()')} AS at,
       ${text('(SELECT min(xact_start) FROM pg_stat_activity WHERE backend_xid IS NOT NULL AND xact_start < now() AND datname = current_database())')} AS oldest,
       (SELECT xid::text FROM writers ORDER BY age(xid) LIMIT 1) AS writer,
       EXISTS (SELECT FROM writers WHERE age(xid) >= age($1::text::xid)) AND $1 <> '0' AS unfinished`,
    [read.cursor?.writer ?? '0'],
  )
  return rows[0]!
}

/**
 * Where the cursor stands after a read that began at `moment`.
 * @throws ConnectorError `clock_moved` when the source's clock went back by more than the lag.
 */
export async function nextCursor(client: Client, read: ChangeRead, moment: Moment): Promise<Cursor> {
  const before = read.cursor
  if (before !== null && (await isBehind(client, moment.at, before.at, read.lagSeconds))) {
    throw new ConnectorError('clock_moved', `${moment.at} after ${before.at}`, { place: { table: read.table.name } })
  }
  return cursorAfter(before, moment)
}

async function isBehind(client: Client, now: string, before: string, lagSeconds: number): Promise<boolean> {
  const { rows } = await client.query<{ behind: boolean }>(
    `SELECT $1::timestamp < $2::timestamp - make_interval(secs => $3) AS behind`,
    [now.replace('Z', ''), before.replace('Z', ''), lagSeconds],
  )
  return rows[0]!.behind
}

/** Rows that are there; tombstones and rows with an unknown letter are not. */
export function livingSql(operation: string | null): string {
  return operation === null ? 'true' : `coalesce(upper(${quoteIdentifier(operation)}::text) IN ('I', 'U'), false)`
}

const timeOf = (read: ChangeRead) => quoteIdentifier(read.convention.updatedAt)

/** The first moment of the window: the cursor less the lag, inclusive. */
export function windowStartSql(since: string, lagSeconds: number, kind: TimeKind): string {
  if (!INSTANT.test(since) || !Number.isSafeInteger(lagSeconds) || lagSeconds < 0) {
    throw new ConnectorError('bad_cursor', 'not a position of this kind of cursor')
  }
  return `('${since}'::${kind} - make_interval(secs => ${lagSeconds}))`
}

/** What a first, full read selects: rows that are there, in the columns of the plan. */
export function copyRead(read: ChangeRead): SqlRead {
  const living = livingSql(read.convention.operation)
  const where = read.where === null ? living : `(${read.where}) AND ${living}`
  return { table: read.table, select: read.select, where }
}

/**
 * The query of an increment: every row whose update time lies in the window, with its operation. Of a row that is gone,
 * or that the filter no longer lets out, only the key is given.
 */
export function windowSql(read: ChangeRead, cursor: Cursor, kind: TimeKind, columns: readonly Column[]): string {
  const time = timeOf(read)
  const letter =
    read.convention.operation === null ? `'U'` : `upper(${quoteIdentifier(read.convention.operation)}::text)`
  const passes = read.where === null ? 'true' : `coalesce((${read.where}), false)`
  const from = windowStartSql(cursor.since, read.lagSeconds, kind)
  const known = read.convention.operation === null ? 'true' : `${letter} IN ('I', 'U', 'D')`
  // Beside the table and not over it: an account may be allowed to read only some of its columns.
  const source = `${quoteTable(read.table)} CROSS JOIN LATERAL
    (SELECT CASE WHEN ${passes} THEN ${letter} ELSE 'D' END::char(1) AS ${OPERATION} OFFSET 0) AS _huitong_operation`
  const swept = read.mark?.sweep === true ? ` OR ${quoteIdentifier(read.mark.columns.mark)} IS NULL` : ''
  const where = `(${time} >= ${from}${swept}) AND isfinite(${time}) AND ${known}`
  const select = read.select.map(({ expression, as }, i) => {
    const value = read.key.includes(as) ? expression : `CASE WHEN ${OPERATION} <> 'D' THEN ${expression} END`
    return `(${value})::${postgresType(columns[i]!.type)} AS ${quoteIdentifier(as)}`
  })
  return `SELECT ${[`${OPERATION} AS ${quoteIdentifier(OPERATION_COLUMN.name)}`, ...select].join(', ')}
    FROM ${source} WHERE ${where}`
}

/**
 * Rows within the filter that cannot be followed: without a usable update time, or with an unknown operation. Counted
 * all, some named by the text of their key.
 */
export async function heldRows(client: Client, read: ChangeRead, purpose: 'copy' | 'increment'): Promise<Held> {
  const { operation } = read.convention
  const time = timeOf(read)
  const untimed = `coalesce(NOT isfinite(${time}), true)`
  const unknown =
    operation === null ? 'false' : `coalesce(upper(${quoteIdentifier(operation)}::text) NOT IN ('I', 'U', 'D'), true)`
  // A full copy carries rows without a time as they are; only later changes of them would pass unseen.
  const faulty = purpose === 'copy' ? unknown : `(${unknown} OR ${untimed})`
  const where = read.where === null ? faulty : `(${read.where}) AND ${faulty}`
  const from = `FROM ${quoteTable(read.table)} WHERE ${where}`
  const { rows } = await client.query<{ rows: string }>(`SELECT count(*) AS rows ${from}`)
  if (rows[0]!.rows === '0') return { rows: '0', listed: [] }
  const key = read.key.map((name) => {
    const column = read.select.find(({ as }) => as === name)
    return `(${column?.expression ?? quoteIdentifier(name)})::text`
  })
  const listed = await client.query<{ key: (string | null)[]; unknown: boolean }>(
    `SELECT ARRAY[${key.join(', ')}]::text[] AS key, ${unknown} AS unknown ${from} LIMIT ${HELD_LISTED_MAX}`,
  )
  return {
    rows: rows[0]!.rows,
    listed: listed.rows.map((row) => ({
      key: row.key.map((text) => text ?? ''),
      reason: row.unknown ? ('operation' as const) : ('time' as const),
    })),
  }
}
