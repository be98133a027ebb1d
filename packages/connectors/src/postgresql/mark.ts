import { quoteIdentifier } from '@huitong/policy'
import type { Client } from 'pg'
import type { ChangeRead, DiscoveredTable, UnmarkedRow } from '../connector.ts'
import type { FrontEnd, FrontTableRef, MarkCounts } from '../database.ts'
import { ConnectorError } from '../errors.ts'
import { checkMark, withRight } from '../mark-rules.ts'
import { windowStartSql } from './changes.ts'
import { inTransaction, withClient } from './connect.ts'
import { describeTable } from './discover.ts'
import { quoteTable } from './read-rows.ts'
import type { PostgresqlSettings } from './settings.ts'

const LISTED_AT_ONCE = 2_000
const SERVER_ZONE = `(SELECT reset_val FROM pg_settings WHERE name = 'TimeZone')`

const knownSql = (operation: string | null) =>
  operation === null ? 'true' : `coalesce(upper(${quoteIdentifier(operation)}::text) IN ('I', 'U', 'D'), false)`

/**
 * Tells the reading of the rows of its snapshot that are not marked: those that it reads, tombstones of a full copy and
 * rows outside of the filter besides, of which nothing needs to travel.
 */
export async function listUnmarked(client: Client, read: ChangeRead, kind: 'timestamp' | 'timestamptz'): Promise<void> {
  const { mark, table, convention, cursor } = read
  if (mark === undefined) return
  const columns = { ...mark.columns, ...convention }
  checkMark(table, await describeTable(client, table), columns)
  const time = quoteIdentifier(convention.updatedAt)
  const texts = [...columns.key, convention.updatedAt, ...(columns.batch === null ? [] : [columns.batch])]
  const since =
    cursor === null || mark.sweep ? '' : ` AND ${time} >= ${windowStartSql(cursor.since, read.lagSeconds, kind)}`
  await client.query(`DECLARE huitong_unmarked NO SCROLL CURSOR FOR
    SELECT ${texts.map((name) => `${quoteIdentifier(name)}::text`).join(', ')} FROM ${quoteTable(table)}
    WHERE ${quoteIdentifier(columns.mark)} IS NULL AND isfinite(${time}) AND ${knownSql(convention.operation)}${since}`)
  for (;;) {
    const { rows } = await client.query<UnmarkedRow[]>({
      text: `FETCH ${LISTED_AT_ONCE} FROM huitong_unmarked`,
      rowMode: 'array',
    })
    if (rows.length === 0) break
    await mark.onUnmarked(rows as unknown as UnmarkedRow[])
  }
  await client.query('CLOSE huitong_unmarked')
}

/** Marks and clean-up in PostgreSQL, as `FrontEnd` says. */
export const postgresqlFront = (settings: PostgresqlSettings): FrontEnd => ({
  mark: (front, lists) =>
    withClient(settings, 'source', async (client) => {
      const table = await described(client, front)
      let marked = 0n
      for await (const rows of lists) marked += await markRows(client, front, table, rows)
      // Without a row too: whether the right is there shows before there is anything to mark.
      if (marked === 0n) await markRows(client, front, table, [])
      return marked
    }).catch((error: unknown) => {
      throw withRight(error, front, `GRANT UPDATE (${front.columns.mark}) ON ${quoteTable(front.table)}`)
    }),
  clean: (front, limits) =>
    withClient(settings, 'source', async (client) => {
      await described(client, front)
      let removed = 0n
      for (;;) {
        const rows = Math.min(limits.batchRows, limits.rowsMax - Number(removed))
        if (rows <= 0) return removed
        const { rowCount } = await client.query(cleanSql(front, limits.before), [
          String(limits.afterDays),
          limits.before,
          rows,
        ])
        removed += BigInt(rowCount ?? 0)
        if ((rowCount ?? 0) < rows) return removed
      }
    }).catch((error: unknown) => {
      throw withRight(error, front, `GRANT DELETE ON ${quoteTable(front.table)}`)
    }),
  count: (front) =>
    withClient(settings, 'source', async (client) => {
      const table = await described(client, front)
      const time = quoteIdentifier(front.convention.updatedAt)
      const isZoned = canonicalOf(table, front.convention.updatedAt).startsWith('timestamptz')
      const mark = quoteIdentifier(front.columns.mark)
      const oldest = `min(${time}) FILTER (WHERE ${mark} IS NULL AND isfinite(${time}))`
      const utc = isZoned ? `${oldest} AT TIME ZONE 'UTC'` : `${oldest} AT TIME ZONE ${SERVER_ZONE} AT TIME ZONE 'UTC'`
      const { rows } = await client.query<MarkCounts>(
        `SELECT count(${mark}) AS marked, count(*) - count(${mark}) AS unmarked,
           to_char(${utc}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS oldest FROM ${quoteTable(front.table)}`,
      )
      return rows[0]!
    }),
})

async function described(client: Client, front: FrontTableRef): Promise<DiscoveredTable> {
  const table = await describeTable(client, front.table)
  checkMark(front.table, table, { ...front.columns, ...front.convention })
  return table!
}

const canonicalOf = (table: DiscoveredTable, name: string) =>
  table.columns.find((column) => column.name === name)!.canonicalType

async function markRows(
  client: Client,
  { table, convention, columns }: FrontTableRef,
  found: DiscoveredTable,
  rows: readonly UnmarkedRow[],
): Promise<bigint> {
  const names = [...columns.key, convention.updatedAt, ...(columns.batch === null ? [] : [columns.batch])]
  const typeOf = (name: string) => found.columns.find((column) => column.name === name)!.type
  const same = names.map((name, i) => `t.${quoteIdentifier(name)} IS NOT DISTINCT FROM v.c${i}::${typeOf(name)}`)
  // The key finds the row by its index; what may be empty is compared besides.
  columns.key.forEach((name, i) => (same[i] = `t.${quoteIdentifier(name)} = v.c${i}::${typeOf(name)}`))
  const at = columns.key.length
  const mark = quoteIdentifier(columns.mark)
  const lists = names.map((_name, i) => `$${i + 1}::text[]`).join(', ')
  const values = names.map((_name, i) => rows.map((row) => row[i] ?? null))
  return inTransaction(client, 'BEGIN ISOLATION LEVEL READ COMMITTED', async () => {
    // A row that is being changed is waited for, and looked at again as it is then.
    const { rows: answers } = await client.query<{ same: boolean }>(
      `UPDATE ${quoteTable(table)} AS t SET ${mark} = clock_timestamp()
       FROM unnest(${lists}) AS v(${names.map((_name, i) => `c${i}`).join(', ')})
       WHERE t.${mark} IS NULL AND ${same.join(' AND ')}
       RETURNING t.${quoteIdentifier(convention.updatedAt)} IS NOT DISTINCT FROM v.c${at}::${typeOf(convention.updatedAt)}
         AND t.${mark} IS NOT NULL AS same`,
      values,
    )
    if (answers.some((answer) => !answer.same)) {
      const place = { table: table.name, column: convention.updatedAt }
      throw new ConnectorError('mark_touches', 'the update time moved with the mark', { place })
    }
    return BigInt(answers.length)
  })
}

function cleanSql({ table, convention, columns }: FrontTableRef, until: string): string {
  if (convention.operation === null)
    throw new ConnectorError('not_supported', 'no operation tells which rows are deleted', {
      place: { table: table.name },
    })
  const mark = quoteIdentifier(columns.mark)
  // Without a zone it is a time of the server's own.
  const before = until.endsWith('Z') ? '$2::timestamptz' : `$2::timestamp AT TIME ZONE ${SERVER_ZONE}`
  return `DELETE FROM ${quoteTable(table)} WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM ${quoteTable(table)}
    WHERE ${mark} <= least(now() - make_interval(days => $1::integer), ${before})
      AND upper(${quoteIdentifier(convention.operation)}::text) = 'D'
    ORDER BY ${mark} LIMIT $3::integer FOR UPDATE SKIP LOCKED))`
}
