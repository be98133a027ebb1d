import { quoteIdentifier, quoteText } from '@huitong/policy'
import { parseColumnType } from '@huitong/segment'
import type { ChangeRead, DiscoveredTable, FieldText, UnmarkedRow } from '../connector.ts'
import type { FrontEnd, FrontTableRef } from '../database.ts'
import { ConnectorError } from '../errors.ts'
import { checkMark, withRight } from '../mark-rules.ts'
import { type Session, withSession } from './connect.ts'
import { describeTable } from './discover.ts'
import type { MysqlSettings } from './settings.ts'
import { quoteTable, windowStartMysql } from './sql.ts'

const LISTED_AT_ONCE = 2_000
/** Rows that one statement names: each is a condition of its own. */
const NAMED_AT_ONCE = 200

const knownSql = (operation: string | null) =>
  operation === null ? 'true' : `coalesce(upper(${quoteIdentifier(operation)}) IN ('I', 'U', 'D'), false)`

/** As in PostgreSQL: the rows of the snapshot that are not marked, page by page of the key. */
export async function listUnmarked(session: Session, read: ChangeRead): Promise<void> {
  const { mark, table, convention, cursor } = read
  if (mark === undefined) return
  const found = await describeTable(session, table)
  const { columns } = mark
  checkMark(table, found, { ...columns, ...convention })
  const time = quoteIdentifier(convention.updatedAt)
  const names = namesOf({ table, convention, columns })
  const since =
    cursor === null || mark.sweep ? '' : ` AND ${time} >= ${windowStartMysql(cursor.since, read.lagSeconds)}`
  const where = `${quoteIdentifier(columns.mark)} IS NULL AND year(${time}) > 0 AND ${knownSql(convention.operation)}${since}`
  const keys = columns.key.map(quoteIdentifier)
  let after: UnmarkedRow | null = null
  for (;;) {
    const beyond: string = after === null ? '' : ` AND ${beyondSql(found, columns.key, after)}`
    const rows = await session.rows(
      `SELECT ${names.map((name, i) => `${textSql(found, name)} AS c${i}`).join(', ')} FROM ${quoteTable(table)}
       WHERE ${where}${beyond} ORDER BY ${keys.join(', ')} LIMIT ${LISTED_AT_ONCE}`,
    )
    if (rows.length > 0) await mark.onUnmarked(rows.map((row) => names.map((_name, i) => row[`c${i}`] ?? null)))
    if (rows.length < LISTED_AT_ONCE) return
    const last = rows.at(-1)!
    after = columns.key.map((_name, i) => last[`c${i}`]!)
  }
}

/** Keys behind one, in the order of the index: `a > x or (a = x and b > y)`. */
function beyondSql(found: DiscoveredTable, key: readonly string[], after: UnmarkedRow): string {
  const terms = key.map((name, i) => {
    const same = key.slice(0, i).map((one, j) => `${quoteIdentifier(one)} = ${literalSql(found, one, after[j]!)}`)
    return `(${[...same, `${quoteIdentifier(name)} > ${literalSql(found, name, after[i]!)}`].join(' AND ')})`
  })
  return `(${terms.join(' OR ')})`
}

/** Marks and clean-up in MySQL and MariaDB, as `FrontEnd` says. */
export const mysqlFront = (settings: MysqlSettings): FrontEnd => ({
  mark: (front, lists) =>
    withSession(settings, 'source', async (session) => {
      const found = await described(session, front)
      let marked = 0n
      for await (const rows of lists) {
        for (let at = 0; at < rows.length; at += NAMED_AT_ONCE)
          marked += await markRows(session, front, found, rows.slice(at, at + NAMED_AT_ONCE))
      }
      // Without a row too: whether the right is there shows before there is anything to mark.
      if (marked === 0n) await markRows(session, front, found, [])
      return marked
    }).catch((error: unknown) => {
      throw withRight(error, front, `GRANT UPDATE (${front.columns.mark}) ON ${plainName(front)}`)
    }),
  clean: (front, limits) =>
    withSession(settings, 'source', async (session) => {
      await described(session, front)
      let removed = 0n
      for (;;) {
        const wanted = Math.min(limits.batchRows, limits.rowsMax - Number(removed))
        if (wanted <= 0) return removed
        const { rows } = await session.run(cleanSql(front, limits.afterDays, limits.before, wanted))
        removed += rows
        if (Number(rows) < wanted) return removed
      }
    }).catch((error: unknown) => {
      throw withRight(error, front, `GRANT DELETE ON ${plainName(front)}`)
    }),
  count: (front) =>
    withSession(settings, 'source', async (session) => {
      const found = await described(session, front)
      const mark = quoteIdentifier(front.columns.mark)
      const time = `min(case when ${mark} is null then ${quoteIdentifier(front.convention.updatedAt)} end)`
      const isZoned = typeOf(found, front.convention.updatedAt) === 'timestamptz'
      const utc = isZoned ? time : `convert_tz(${time}, @@global.time_zone, '+00:00')`
      const [row] = await session.rows(
        `SELECT count(${mark}) AS marked, count(*) - count(${mark}) AS unmarked,
           date_format(${utc}, '%Y-%m-%dT%H:%i:%s.%fZ') AS oldest FROM ${quoteTable(front.table)}`,
      )
      // Microseconds are more than an instant of the contract has.
      const oldest = row!['oldest']?.replace(/\d{3}Z$/, 'Z') ?? null
      return { marked: row!['marked']!, unmarked: row!['unmarked']!, oldest }
    }),
})

/** As an administrator would write it, whose session has other quotes than ours. */
const plainName = ({ table }: FrontTableRef) =>
  [table.schema, table.name].map((name) => `\`${name.replaceAll('`', '``')}\``).join('.')

async function described(session: Session, front: FrontTableRef): Promise<DiscoveredTable> {
  const found = await describeTable(session, front.table)
  checkMark(front.table, found, { ...front.columns, ...front.convention })
  return found
}

const namesOf = ({ convention, columns }: FrontTableRef) => [
  ...columns.key,
  convention.updatedAt,
  ...(columns.batch === null ? [] : [columns.batch]),
]

const typeOf = (found: DiscoveredTable, name: string) =>
  parseColumnType(found.columns.find((column) => column.name === name)!.canonicalType).name

const NUMBERS: ReadonlySet<string> = new Set(['smallint', 'integer', 'bigint', 'numeric'])
const NUMBER = /^-?\d+(\.\d+)?$/

function textSql(found: DiscoveredTable, name: string): string {
  const column = quoteIdentifier(name)
  const type = typeOf(found, name)
  if (type === 'bytea') return `hex(${column})`
  return type === 'boolean' ? `(${column} + 0)` : column
}

/** A text of a row as a literal of its column's own kind: a number in quotes would be compared as a double. */
function literalSql(found: DiscoveredTable, name: string, text: FieldText): string {
  if (text === null) return 'NULL'
  const type = typeOf(found, name)
  if (type === 'bytea') return `x'${text}'`
  return (NUMBERS.has(type) || type === 'boolean') && NUMBER.test(text) ? text : quoteText(text)
}

async function markRows(
  session: Session,
  front: FrontTableRef,
  found: DiscoveredTable,
  rows: readonly UnmarkedRow[],
): Promise<bigint> {
  const { table, convention, columns } = front
  const names = namesOf(front)
  const mark = quoteIdentifier(columns.mark)
  const terms = rows.map(
    (row) =>
      `(${names.map((name, i) => `${quoteIdentifier(name)} <=> ${literalSql(found, name, row[i] ?? null)}`).join(' AND ')})`,
  )
  const same = terms.length === 0 ? 'false' : `(${terms.join(' OR ')})`
  return session.transaction(async () => {
    const { rows: marked } = await session.run(
      `UPDATE ${quoteTable(table)} SET ${mark} = now(6) WHERE ${mark} IS NULL AND ${same}`,
    )
    if (marked === 0n) return marked
    const [seen] = await session.rows(
      `SELECT count(*) AS n FROM ${quoteTable(table)} WHERE ${mark} IS NOT NULL AND ${same}`,
    )
    if (BigInt(seen!['n']!) < marked) {
      const place = { table: table.name, column: convention.updatedAt }
      throw new ConnectorError('mark_touches', 'the update time moved with the mark', { place })
    }
    return marked
  })
}

function cleanSql({ table, convention, columns }: FrontTableRef, days: number, before: string, rows: number): string {
  if (convention.operation === null)
    throw new ConnectorError('not_supported', 'no operation tells which rows are deleted', {
      place: { table: table.name },
    })
  const mark = quoteIdentifier(columns.mark)
  const at = windowStartMysql(before, 0)
  // Without a zone it is a time of the server's own.
  const until = before.endsWith('Z') ? at : `convert_tz(${at}, @@global.time_zone, '+00:00')`
  return `DELETE FROM ${quoteTable(table)}
    WHERE ${mark} <= least(now(6) - interval ${Math.trunc(days)} day, ${until})
      AND upper(${quoteIdentifier(convention.operation)}) = 'D' ORDER BY ${mark} LIMIT ${Math.trunc(rows)}`
}
