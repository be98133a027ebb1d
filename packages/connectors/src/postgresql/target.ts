import { quoteIdentifier, quoteText } from '@huitong/policy'
import { postgresType } from '@huitong/segment'
import type { Client } from 'pg'
import type { TableName } from '../connector.ts'
import type { TargetTable } from '../database.ts'
import { ConnectorError } from '../errors.ts'
import { checkTable, sameShape, type Shape, shapeOf, stagingName } from '../target-rules.ts'
import { inTransaction, withClient } from './connect.ts'
import { quoteTable } from './read-rows.ts'
import type { PostgresqlSettings } from './settings.ts'

/**
 * Make the receiving table, its position table and the registry of our tables, unless they are there. The receiving
 * table is partitioned with one DEFAULT partition, so that a whole generation can be exchanged in one transaction while
 * views and grants on the parent stay.
 * @throws ConnectorError `table_not_ours` when a table of this name was not made here, `schema_changed` naming the
 *   column when it was made with other columns.
 */
export async function ensureTable(settings: PostgresqlSettings, table: TargetTable): Promise<'created' | 'exists'> {
  checkTable(table)
  return withClient(settings, 'target', (client) =>
    inTransaction(client, 'BEGIN', async () => {
      // Two agents may start on an empty database at once; CREATE IF NOT EXISTS alone can collide in the catalogue.
      await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('huitong_table', 0))`)
      await ensureBookkeeping(client, table.schema)
      const registered = await registeredShape(client, table)
      if (registered !== null) {
        sameShape(table, registered)
        return 'exists'
      }
      await createTable(client, table)
      return 'created'
    }),
  )
}

/** Names of the position and registry tables in a schema. */
export function positionTable(schema: string): string {
  return `${quoteIdentifier(schema)}.huitong_position`
}

function registryTable(schema: string): string {
  return `${quoteIdentifier(schema)}.huitong_table`
}

async function ensureBookkeeping(client: Client, schema: string): Promise<void> {
  await client.query(bookkeepingSql(schema))
  await ensurePositionColumns(client, schema)
}

const bookkeepingSql = (schema: string) =>
  `CREATE TABLE IF NOT EXISTS ${positionTable(schema)} (
       channel uuid PRIMARY KEY, table_name text NOT NULL UNIQUE, generation int NOT NULL, sequence int NOT NULL,
       rows numeric NOT NULL, complete bool NOT NULL, complete_xid xid8, visible int NOT NULL, fence bigint NOT NULL,
       updated_at timestamptz NOT NULL DEFAULT now());
     CREATE TABLE IF NOT EXISTS ${registryTable(schema)} (
       name text PRIMARY KEY, shape json NOT NULL, created_at timestamptz NOT NULL DEFAULT now())`

const POSITION_COLUMNS =
  'ADD COLUMN IF NOT EXISTS cursor text, ADD COLUMN IF NOT EXISTS next_cursor text, ADD COLUMN IF NOT EXISTS staged json, ADD COLUMN IF NOT EXISTS applied json'

/** Where changes stand; a position table of an earlier version lacks these columns. ALTER would lock even when it does nothing. */
async function ensurePositionColumns(client: Client, schema: string): Promise<void> {
  const { rows } = await client.query<{ known: boolean }>(
    `SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass($1) AND attname = 'applied') AS known`,
    [positionTable(schema)],
  )
  if (rows[0]!.known) return
  await client.query(`ALTER TABLE ${positionTable(schema)} ${POSITION_COLUMNS}`)
}

/** The shape with which we made this table, null when no table of this name exists. */
async function registeredShape(client: Client, table: TableName): Promise<Shape | null> {
  const { rows } = await client.query<{ kind: string; shape: string | null }>(
    `SELECT c.relkind AS kind, r.shape::text AS shape FROM pg_class c
     LEFT JOIN ${registryTable(table.schema)} r ON r.name = c.relname WHERE c.oid = to_regclass($1)`,
    [quoteTable(table)],
  )
  const found = rows[0]
  if (found === undefined) return null
  if (found.kind !== 'p' || found.shape === null) {
    throw new ConnectorError('table_not_ours', quoteTable(table), { hop: 'target', place: { table: table.name } })
  }
  return JSON.parse(found.shape) as Shape
}

async function createTable(client: Client, table: TargetTable): Promise<void> {
  for (const statement of tableSql(table)) await client.query(statement)
}

/** The statements that make a receiving table, once the bookkeeping is there. */
function tableSql(table: TargetTable): string[] {
  const name = quoteTable(table)
  const key = table.key.map(quoteIdentifier).join(', ')
  // Without a key any column would do, but json and some others cannot be compared; being NULL always can.
  const by =
    table.key.length > 0 ? quoteIdentifier(table.key[0]!) : `((${quoteIdentifier(table.columns[0]!.name)} IS NULL))`
  const primary = table.key.length > 0 ? `, PRIMARY KEY (${key})` : ''
  const comment = (object: string, text: string | undefined) =>
    text === undefined || text === '' ? [] : [`COMMENT ON ${object} IS ${quoteText(text)}`]
  return [
    `CREATE TABLE ${name} (${columnsSql(table)}${primary}) PARTITION BY LIST (${by})`,
    `CREATE TABLE ${firstPartition(table)} PARTITION OF ${name} DEFAULT`,
    `INSERT INTO ${registryTable(table.schema)} (name, shape) VALUES (${quoteText(table.name)}, ${quoteText(JSON.stringify(shapeOf(table)))})`,
    ...comment(`TABLE ${name}`, table.comment),
    ...table.columns.flatMap((column) => comment(`COLUMN ${name}.${quoteIdentifier(column.name)}`, column.comment)),
  ]
}

const firstPartition = (table: TargetTable) => quoteTable({ schema: table.schema, name: stagingName(table.name, 0) })

/**
 * The script of a receiving table, for an administrator who makes it beforehand: as `ensureTable` would make it, owned by the
 * node's account, which exchanges its partitions.
 */
export function receivingTableSql(table: TargetTable, account: string): string {
  checkTable(table)
  const owned = [quoteTable(table), firstPartition(table), positionTable(table.schema), registryTable(table.schema)]
  const statements = [
    `CREATE SCHEMA IF NOT EXISTS ${quoteIdentifier(table.schema)}`,
    bookkeepingSql(table.schema),
    `ALTER TABLE ${positionTable(table.schema)} ${POSITION_COLUMNS}`,
    ...tableSql(table),
    `GRANT USAGE, CREATE ON SCHEMA ${quoteIdentifier(table.schema)} TO ${quoteIdentifier(account)}`,
    ...owned.map((name) => `ALTER TABLE ${name} OWNER TO ${quoteIdentifier(account)}`),
  ]
  return `-- 前置接收表，PostgreSQL 13 及以上。由接收部门的数据库管理员执行，节点账号须已存在。
-- 平台整批换入分区，所以表归节点账号所有；使用方的视图和查询权限建在主表上，不受影响。
begin;
${statements.map((statement) => `${statement};`).join('\n')}
commit;

-- 使用方只读：
-- grant select on ${quoteTable(table)} to 使用方账号;
`
}

/** Column definitions; key columns are NOT NULL in any case. */
export function columnsSql(table: TargetTable): string {
  return table.columns
    .map(({ name, type, nullable }) => {
      const required = !nullable || table.key.includes(name) ? ' NOT NULL' : ''
      return `${quoteIdentifier(name)} ${postgresType(type)}${required}`
    })
    .join(', ')
}
