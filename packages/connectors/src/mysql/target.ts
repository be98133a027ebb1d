import { quoteIdentifier, quoteText } from '@huitong/policy'
import { mysqlTypes } from '@huitong/segment'
import type { TableName } from '../connector.ts'
import type { TargetTable } from '../database.ts'
import { ConnectorError } from '../errors.ts'
import { checkTable, sameShape, type Shape, shapeOf } from '../target-rules.ts'
import { type Session, withSession } from './connect.ts'
import type { MysqlSettings } from './settings.ts'
import { quoteTable } from './sql.ts'

const LOCK_WAIT_S = 30

/** Names of the position and registry tables in a schema. */
export const positionTable = (schema: string): string => `${quoteIdentifier(schema)}.huitong_position`
const registryTable = (schema: string): string => `${quoteIdentifier(schema)}.huitong_table`

/**
 * Make the receiving table, its position table and the registry of our tables, unless they are there. Each statement of
 * definition commits by itself; the registry is written first, so that a start that was cut is taken up again.
 */
export async function ensureTable(settings: MysqlSettings, table: TargetTable): Promise<'created' | 'exists'> {
  checkTable(table)
  return withSession(settings, 'target', async (session) => {
    // Two agents may start on an empty database at once. The lock ends with the connection.
    const name = quoteText(`huitong_table/${table.schema}`.slice(0, 64))
    const [lock] = await session.rows(`SELECT get_lock(${name}, ${LOCK_WAIT_S}) AS taken`)
    if (lock?.['taken'] !== '1')
      throw new ConnectorError('target_busy', 'another agent makes tables', { hop: 'target' })
    await ensureBookkeeping(session, table.schema)
    const columns = await columnsOf(session, table)
    const registered = await registeredShape(session, table)
    if (columns === null) {
      await createTable(session, table)
      return 'created'
    }
    const isOurs = registered !== null && registered.columns.every(({ name }) => columns.includes(name))
    if (!isOurs) {
      throw new ConnectorError('table_not_ours', quoteTable(table), { hop: 'target', place: { table: table.name } })
    }
    sameShape(table, registered)
    return 'exists'
  })
}

async function ensureBookkeeping(session: Session, schema: string): Promise<void> {
  for (const statement of bookkeepingSql(schema)) await session.run(statement)
}

function bookkeepingSql(schema: string): string[] {
  const engine = 'ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin'
  return [
    `CREATE TABLE IF NOT EXISTS ${positionTable(schema)} (
       channel char(36) NOT NULL PRIMARY KEY, table_name varchar(64) NOT NULL UNIQUE, generation int NOT NULL,
       sequence int NOT NULL, "rows" decimal(38,0) NOT NULL, complete tinyint(1) NOT NULL, visible int NOT NULL,
       fence bigint NOT NULL, staging varchar(64), "cursor" longtext, next_cursor longtext, staged longtext,
       applied longtext, updated_at datetime(6) NOT NULL) ${engine}`,
    `CREATE TABLE IF NOT EXISTS ${registryTable(schema)} (
       name varchar(64) NOT NULL PRIMARY KEY, shape longtext NOT NULL, created_at datetime(6) NOT NULL) ${engine}`,
  ]
}

/** Names of a table's columns, null when no table of this name exists. */
async function columnsOf(session: Session, table: TableName): Promise<string[] | null> {
  const rows = await session.rows(
    `SELECT column_name AS name FROM information_schema.columns
     WHERE table_schema = ${quoteText(table.schema)} AND table_name = ${quoteText(table.name)}`,
  )
  return rows.length === 0 ? null : rows.map((row) => row['name']!)
}

/** The shape with which we made this table. */
async function registeredShape(session: Session, table: TableName): Promise<Shape | null> {
  const [row] = await session.rows(
    `SELECT shape FROM ${registryTable(table.schema)} WHERE name = ${quoteText(table.name)}`,
  )
  return row === undefined ? null : (JSON.parse(row['shape']!) as Shape)
}

async function createTable(session: Session, table: TargetTable): Promise<void> {
  const collation = await exactCollation(session)
  for (const statement of [registerSql(table), tableSql(table, collation)]) await session.run(statement)
}

function registerSql(table: TargetTable): string {
  const [name, shape] = [quoteText(table.name), quoteText(JSON.stringify(shapeOf(table)))]
  return `REPLACE INTO ${registryTable(table.schema)} (name, shape, created_at) VALUES (${name}, ${shape}, utc_timestamp(6))`
}

function tableSql(table: TargetTable, collation: string): string {
  const primary = table.key.length === 0 ? '' : `, PRIMARY KEY (${table.key.map(quoteIdentifier).join(', ')})`
  return (
    `CREATE TABLE ${quoteTable(table)} (${columnsSql(table).join(', ')}${primary}) ENGINE = InnoDB ` +
    `DEFAULT CHARACTER SET utf8mb4 COLLATE ${collation}${commentSql(table.comment)}`
  )
}

/**
 * The script of a receiving table, for an administrator who makes it beforehand: as `ensureTable` would make it. Its
 * collation is the server's own, which only the server knows.
 * @throws SegmentError for a key that MySQL cannot have.
 */
export function receivingTableSql(table: TargetTable, account: string): string {
  checkTable(table)
  const database = quoteIdentifier(table.schema)
  const user = quoteText(account)
  return `-- 前置接收表，MySQL 5.7 及以上或 MariaDB 10.5 及以上。由接收部门的数据库管理员执行，节点账号须已存在。
-- 平台装入整批后以改名换入，所以节点账号在该库中需要建表、改表和删表权限。
set session sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES,STRICT_ALL_TABLES';
create database if not exists ${database} default character set utf8mb4;
${bookkeepingSql(table.schema)
  .map((statement) => `${statement};`)
  .join('\n')}
${registerSql(table)};
set @huitong_collation = (select ${EXACT_SQL});
set @huitong_table = replace(${quoteText(tableSql(table, COLLATION_PLACE))}, '${COLLATION_PLACE}', @huitong_collation);
prepare huitong_statement from @huitong_table;
execute huitong_statement;
deallocate prepare huitong_statement;
grant select, insert, update, delete, create, drop, alter, index, lock tables, create temporary tables on ${database}.* to ${user};

-- 使用方只读：
-- grant select on ${quoteTable(table)} to 使用方账号;
`
}

const COLLATION_PLACE = 'huitong_collation_9d1f'
const EXACT_COLLATIONS = `collation_name IN ('utf8mb4_nopad_bin', 'utf8mb4_0900_bin')`
const EXACT_SQL = `coalesce((select min(collation_name) from information_schema.collations where ${EXACT_COLLATIONS}), 'utf8mb4_bin')`

const commentSql = (comment: string | undefined) =>
  comment === undefined || comment === '' ? '' : ` COMMENT ${quoteText(comment.slice(0, 1024))}`

/** A collation by bytes in which a blank at the end counts, where the server has one: keys may differ by it alone. */
export async function exactCollation(session: Session): Promise<string> {
  const [row] = await session.rows(`SELECT ${EXACT_SQL} AS name`)
  return row!['name']!
}

/** Column definitions; key columns are NOT NULL in any case. */
export function columnsSql(table: TargetTable, everyNull = false): string[] {
  const types = mysqlTypes(table.columns, table.key)
  return table.columns.map(({ name, nullable, comment }, i) => {
    const required = table.key.includes(name) || (!nullable && !everyNull) ? 'NOT NULL' : 'NULL'
    return `${quoteIdentifier(name)} ${types[i]} ${required}${commentSql(comment)}`
  })
}
