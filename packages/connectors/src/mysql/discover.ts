import { quoteText } from '@huitong/policy'
import type { DiscoveredColumn, DiscoveredTable, DiscoverLimits, Discovery, TableName } from '../connector.ts'
import { suggestName } from '../suggest-name.ts'
import { type Session, type TextRow, withSession } from './connect.ts'
import type { MysqlSettings } from './settings.ts'
import { canonicalTypeOf } from './types.ts'

const DESCRIBE_LIMITS: DiscoverLimits = { tablesMax: 1, columnsMax: 4096 }

/** All tables and views of the database that this account may read, in order of name. @throws ConnectorError. */
export function discover(settings: MysqlSettings, limits: DiscoverLimits): Promise<Discovery> {
  return withSession(settings, 'source', (session) => describeTables(session, settings.database, null, limits))
}

/** One table as the source has it now, or null; on a connection of its own. @throws ConnectorError. */
export function describe(settings: MysqlSettings, table: TableName): Promise<DiscoveredTable | null> {
  return withSession(settings, 'source', (session) => describeTable(session, table))
}

/** One table as the source has it now, or null. */
export async function describeTable(session: Session, table: TableName): Promise<DiscoveredTable | null> {
  const { tables } = await describeTables(session, table.schema, table.name, DESCRIBE_LIMITS)
  return tables[0] ?? null
}

// Names are compared by bytes: the information schema's own collation takes capitals and small letters for the same.
const binary = (column: string) => `cast(${column} as char character set utf8mb4) collate utf8mb4_bin`

async function describeTables(
  session: Session,
  schema: string,
  only: string | null,
  limits: DiscoverLimits,
): Promise<Discovery> {
  const inSchema = `table_schema = ${quoteText(schema)} AND ${binary('table_schema')} = ${quoteText(schema)}`
  // The platform's own tables are not offered.
  const named =
    only === null
      ? `${binary('table_name')} NOT IN ('huitong_position', 'huitong_table') AND table_name NOT LIKE '|_huitong|_%' ESCAPE '|'`
      : `table_name = ${quoteText(only)} AND ${binary('table_name')} = ${quoteText(only)}`
  const rows = await session.rows(
    `SELECT table_name AS name, table_type AS kind, cast(table_rows as char) AS "rows", table_comment AS comment
     FROM information_schema.tables WHERE ${inSchema} AND ${named}
       AND table_type IN ('BASE TABLE', 'VIEW', 'SYSTEM VERSIONED')
     ORDER BY ${binary('table_name')} LIMIT ${limits.tablesMax + 1}`,
  )
  const tables = rows.slice(0, limits.tablesMax)
  const inTables =
    only === null && tables.length > 0 ? `${binary('table_name')} <= ${quoteText(tables.at(-1)!['name']!)}` : named
  const columns = await session.rows(
    `SELECT table_name AS "table", column_name AS name, cast(ordinal_position as char) AS position, data_type AS type,
       column_type AS whole, is_nullable AS nullable, cast(character_maximum_length as char) AS length,
       cast(numeric_precision as char) AS "precision", cast(numeric_scale as char) AS scale,
       cast(datetime_precision as char) AS fraction, column_comment AS comment
     FROM information_schema.columns WHERE ${inSchema} AND ${inTables}
     ORDER BY ${binary('table_name')}, ordinal_position LIMIT ${limits.columnsMax + 1}`,
  )
  const keys = await session.rows(
    `SELECT table_name AS "table", column_name AS name FROM information_schema.key_column_usage
     WHERE ${inSchema} AND ${inTables} AND constraint_name = 'PRIMARY' ORDER BY ${binary('table_name')}, ordinal_position`,
  )
  return gather(schema, rows.length > limits.tablesMax, tables, columns, keys, limits)
}

function gather(
  schema: string,
  more: boolean,
  tables: readonly TextRow[],
  columns: readonly TextRow[],
  keys: readonly TextRow[],
  limits: DiscoverLimits,
): Discovery {
  const byTable = Map.groupBy(columns.slice(0, limits.columnsMax), (column) => column['table']!)
  const keyOf = Map.groupBy(keys, (column) => column['table']!)
  // A table whose columns were cut is left out whole: half a table would be read as a changed one.
  const cut = columns.length > limits.columnsMax ? columns[limits.columnsMax]!['table']! : null
  const whole = tables.filter((table) => byTable.has(table['name']!) && table['name'] !== cut)
  return {
    tables: whole.map((table) => toTable(schema, table, byTable.get(table['name']!)!, keyOf.get(table['name']!) ?? [])),
    truncated: more || cut !== null,
  }
}

function toTable(
  schema: string,
  table: TextRow,
  columns: readonly TextRow[],
  key: readonly TextRow[],
): DiscoveredTable {
  const isView = table['kind'] === 'VIEW'
  // Of a view the server says VIEW here.
  const comment = isView || table['comment'] === '' ? null : table['comment']!
  return {
    schema,
    name: table['name']!,
    kind: isView ? 'view' : 'table',
    columns: columns.map(toColumn),
    primaryKey: key.map((column) => column['name']!),
    rowEstimate: isView ? null : table['rows']!,
    comment,
    suggestedName: suggestName(table['name']!, comment),
    problem: null,
  }
}

const numberOf = (text: string | null | undefined) => (text == null ? null : Number(text))

function toColumn(column: TextRow): DiscoveredColumn {
  const type = {
    name: column['type']!.toLowerCase(),
    whole: column['whole']!.toLowerCase(),
    precision: numberOf(column['precision']),
    scale: numberOf(column['scale']),
    fraction: numberOf(column['fraction']),
    length: numberOf(column['length']),
  }
  const comment = column['comment'] === '' ? null : column['comment']!
  return {
    name: column['name']!,
    type: column['whole']!,
    canonicalType: canonicalTypeOf(type),
    nullable: column['nullable'] === 'YES',
    length:
      type.length !== null && type.length <= Number.MAX_SAFE_INTEGER ? Math.min(type.length, 2_147_483_647) : null,
    precision: type.precision,
    scale: type.scale,
    position: Number(column['position']),
    comment,
    suggestedName: suggestName(column['name']!, comment),
  }
}
