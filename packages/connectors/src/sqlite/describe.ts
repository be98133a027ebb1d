import { quoteIdentifier } from '@huitong/policy'
import type { DiscoveredColumn, DiscoveredTable, DiscoverLimits, Discovery } from '../connector.ts'
import { ConnectorError, inTable } from '../errors.ts'
import { suggestName } from '../suggest-name.ts'
import type { Value } from './child.ts'
import { SqliteSession } from './session.ts'
import type { SqliteSettings } from './settings.ts'
import { canonicalTypeOf, holdsSql } from './types.ts'

/** All tables and views of the file, in order of name. One that cannot be read is listed with its problem. */
export async function discover(settings: SqliteSettings, limits: DiscoverLimits): Promise<Discovery> {
  const session = await SqliteSession.open(settings)
  try {
    const tables: DiscoveredTable[] = []
    let columns = 0
    const names = await tableNames(session)
    for (const name of names) {
      if (tables.length >= limits.tablesMax) return { tables, truncated: true }
      const table = await describe(session, name)
      columns += table.columns.length
      if (columns > limits.columnsMax) return { tables, truncated: true }
      tables.push(table)
    }
    return { tables, truncated: false }
  } finally {
    await session.close()
  }
}

/** One table as it is now; its `problem` says why it cannot be read. */
export async function describeTable(settings: SqliteSettings, name: string): Promise<DiscoveredTable> {
  const session = await SqliteSession.open(settings)
  try {
    return await describe(session, name)
  } finally {
    await session.close()
  }
}

// Virtual tables are programs of their own, and shadow tables are their insides.
const TABLES = `SELECT name, type FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'view') AND name NOT LIKE 'sqlite@_%' ESCAPE '@'`

async function tableNames(session: SqliteSession): Promise<string[]> {
  const names: string[] = []
  for await (const [name] of session.query(`${TABLES} ORDER BY name`)) names.push(String(name))
  return names
}

/** The table in the moment of the session. */
export async function describe(session: SqliteSession, name: string): Promise<DiscoveredTable> {
  let kind: DiscoveredTable['kind'] = 'table'
  const bare = { schema: '', name, comment: null, suggestedName: suggestName(name, null) }
  try {
    const [found] = await all(session, `${TABLES} AND name = ?`, [name])
    if (found === undefined) throw new ConnectorError('table_missing', 'no such table')
    if (found[1] === 'view') kind = 'view'
    const rows = await all(
      session,
      `SELECT name, type, "notnull", pk FROM pragma_table_xinfo(?) WHERE hidden <> 1 ORDER BY cid`,
      [name],
    )
    const declared = rows.map(([column, type]) => ({ name: String(column), type: canonicalTypeOf(String(type)) }))
    const scan = await scanTable(session, name, declared)
    const columns = rows.map(([column, type, notNull, pk], i): DiscoveredColumn => ({
      name: String(column),
      type: String(type),
      canonicalType: scan.types[i]!,
      nullable: notNull === 0n && pk === 0n,
      length: null,
      precision: null,
      scale: null,
      position: i + 1,
      comment: null,
      suggestedName: suggestName(String(column), null),
    }))
    const key = rows.filter((row) => row[3] !== 0n).sort((a, b) => Number(a[3]) - Number(b[3]))
    return {
      ...bare,
      kind,
      columns,
      primaryKey: key.map(([column]) => String(column)),
      rowEstimate: scan.rows,
      problem: null,
    }
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error
    const problem = inTable(error, name) as ConnectorError
    return { ...bare, kind, columns: [], primaryKey: [], rowEstimate: null, problem }
  }
}

/** Counts, and looks whether what is declared as a day or time is kept as one; if not, the column travels as text. */
async function scanTable(
  session: SqliteSession,
  table: string,
  columns: readonly { readonly name: string; readonly type: string }[],
): Promise<{ rows: string; types: string[] }> {
  const looks = columns.map(({ name, type }) => {
    const holds = holdsSql(quoteIdentifier(name), type)
    return holds === null ? null : `coalesce(min(${quoteIdentifier(name)} IS NULL OR (${holds})), 1)`
  })
  const wanted = looks.filter((look) => look !== null)
  const [row] = await all(
    session,
    `SELECT count(*) ${wanted.map((look) => `, ${look}`).join(' ')} FROM ${quoteIdentifier(table)}`,
  )
  let at = 1
  const types = columns.map(({ type }, i) => (looks[i] === null || row![at++] === 1n ? type : 'text'))
  return { rows: String(row![0]), types }
}

async function all(session: SqliteSession, sql: string, values: readonly string[] = []): Promise<(readonly Value[])[]> {
  const rows: (readonly Value[])[] = []
  for await (const row of session.query(sql, values)) rows.push(row)
  return rows
}
