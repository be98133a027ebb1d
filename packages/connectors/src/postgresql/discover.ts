import type { Client } from 'pg'
import type { DiscoveredColumn, DiscoveredTable, DiscoverLimits, Discovery, TableName } from '../connector.ts'
import { suggestName } from '../suggest-name.ts'
import { inTransaction, withClient } from './connect.ts'
import type { PostgresqlSettings } from './settings.ts'
import { canonicalTypeOf } from './types.ts'

interface TableRow {
  oid: string
  schema: string
  name: string
  kind: string
  rows: string | null
  comment: string | null
  key: string[] | null
}

interface ColumnRow {
  oid: string
  name: string
  position: string
  type: string
  base: string
  nullable: boolean
  comment: string | null
}

// Tables of the system, of other sessions, of the platform itself, and single partitions are not offered.
const TABLES = `
SELECT c.oid::text, n.nspname AS schema, c.relname AS name, c.relkind AS kind,
  CASE WHEN c.reltuples >= 0 THEN c.reltuples::numeric::text END AS rows,
  obj_description(c.oid, 'pg_class') AS comment,
  (SELECT array_agg(a.attname::text ORDER BY k.place)
     FROM pg_index i
     CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, place)
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
    WHERE i.indrelid = c.oid AND i.indisprimary AND k.place <= i.indnkeyatts) AS key
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition AND c.relpersistence <> 't'
  AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
  AND c.relname NOT IN ('huitong_position', 'huitong_table') AND c.relname NOT LIKE '\\_huitong\\_%'
  AND ($1::text IS NULL OR (n.nspname = $1 AND c.relname = $2))
  AND has_schema_privilege(n.oid, 'USAGE') AND has_any_column_privilege(c.oid, 'SELECT')
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C" LIMIT $3`

const COLUMNS = `
SELECT a.attrelid::text AS oid, a.attname AS name, a.attnum::text AS position,
  format_type(a.atttypid, a.atttypmod) AS type,
  format_type(CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE a.atttypid END,
    CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END) AS base,
  NOT a.attnotnull AS nullable, col_description(a.attrelid, a.attnum) AS comment
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
WHERE a.attrelid = ANY($1::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
  AND has_column_privilege(a.attrelid, a.attnum, 'SELECT')
ORDER BY array_position($1::oid[], a.attrelid), a.attnum LIMIT $2`

/** All tables and views that this account may read, in order of name. @throws ConnectorError. */
export function discover(settings: PostgresqlSettings, limits: DiscoverLimits): Promise<Discovery> {
  return withClient(settings, 'source', (client) =>
    inTransaction(client, 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', async () => {
      const found = await describeTables(client, null, limits)
      return { tables: found.tables, truncated: found.truncated }
    }),
  )
}

/** One table as the source has it now, or null; on a connection of its own. @throws ConnectorError. */
export function describe(settings: PostgresqlSettings, table: TableName): Promise<DiscoveredTable | null> {
  return withClient(settings, 'source', (client) => describeTable(client, table))
}

/** One table as the source has it now, or null. */
export async function describeTable(client: Client, table: TableName): Promise<DiscoveredTable | null> {
  const { tables } = await describeTables(client, table, { tablesMax: 1, columnsMax: 2000 })
  return tables[0] ?? null
}

async function describeTables(client: Client, only: TableName | null, limits: DiscoverLimits): Promise<Discovery> {
  const parameters = [only?.schema ?? null, only?.name ?? null, limits.tablesMax + 1]
  const { rows } = await client.query<TableRow>(TABLES, parameters)
  const tables = rows.slice(0, limits.tablesMax)
  const columns = await client.query<ColumnRow>(COLUMNS, [tables.map((table) => table.oid), limits.columnsMax + 1])
  const byTable = Map.groupBy(columns.rows.slice(0, limits.columnsMax), (column) => column.oid)
  // A table whose columns were cut is left out whole: half a table would be read as a changed one.
  const cut = columns.rows.length > limits.columnsMax ? columns.rows[limits.columnsMax]!.oid : null
  const whole = cut === null ? tables : tables.filter((table) => byTable.has(table.oid) && table.oid !== cut)
  return {
    tables: whole.map((table) => toTable(table, byTable.get(table.oid) ?? [])),
    truncated: rows.length > limits.tablesMax || cut !== null,
  }
}

function toTable(table: TableRow, columns: readonly ColumnRow[]): DiscoveredTable {
  return {
    schema: table.schema,
    name: table.name,
    kind: table.kind === 'v' || table.kind === 'm' ? 'view' : 'table',
    columns: columns.map(toColumn),
    primaryKey: table.key ?? [],
    rowEstimate: table.rows,
    comment: table.comment,
    suggestedName: suggestName(table.name, table.comment),
    problem: null,
  }
}

function toColumn(column: ColumnRow): DiscoveredColumn {
  const size = /\((\d+)(?:,(-?\d+))?\)/.exec(column.base)
  const number = size === null ? null : Number(size[1])
  const isText = column.base.startsWith('character') || column.base.startsWith('bit')
  return {
    name: column.name,
    type: column.type,
    canonicalType: canonicalTypeOf(column.base),
    nullable: column.nullable,
    length: isText ? number : null,
    precision: isText ? null : number,
    scale: size?.[2] === undefined ? null : Number(size[2]),
    position: Number(column.position),
    comment: column.comment,
    suggestedName: suggestName(column.name, column.comment),
  }
}
