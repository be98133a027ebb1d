import { quoteIdentifier } from '@huitong/policy'
import { type Column, type RowChunk, SEGMENT_PLAIN_BYTES_MAX } from '@huitong/segment'
import type { Client } from 'pg'
import type { ExpectedColumn, ReadOptions, ReadRequest, RowStream, SqlRead, TableName } from '../connector.ts'
import { ConnectorError } from '../errors.ts'
import { connect, hangUp } from './connect.ts'
import { CopyOut } from './copy-out.ts'
import { toConnectorError } from './database-error.ts'
import { describeTable } from './discover.ts'
import type { PostgresqlSettings } from './settings.ts'
import { canonicalTypeOf } from './types.ts'

/** A chunk is a segment as it is: gathering smaller ones would copy each row once more, into memory of its own. */
const CHUNK_BYTES = SEGMENT_PLAIN_BYTES_MAX
const ROW_BYTES_MAX = 32 * 1024 * 1024
const STALL_TIMEOUT_MS = 300_000

/** SQL name of a table. */
export function quoteTable(table: TableName): string {
  return `${quoteIdentifier(table.schema)}.${quoteIdentifier(table.name)}`
}

/**
 * Read rows as CSV chunks in one REPEATABLE READ READ ONLY transaction. The table is locked against DDL before the
 * snapshot is taken: a rewrite or TRUNCATE between the two would make the table look empty.
 */
export async function readRows(
  settings: PostgresqlSettings,
  request: ReadRequest,
  options: ReadOptions = {},
): Promise<RowStream> {
  const sql = toSqlRead(request)
  const client = await connect(settings, 'source')
  try {
    const source = await openSnapshotFor(client, sql.table, sql.snapshot ?? null)
    await checkExpected(client, sql.table, sql.expect ?? [])
    const select = selectSql(sql)
    const columns = await resultColumns(client, select, sql.select)
    return new PostgresqlRows(client, select, columns, source, sql.table, options)
  } catch (error) {
    hangUp(client)
    throw toConnectorError(error, 'source', { table: request.table.name })
  }
}

/** The columns of a request by fields are quoted; masks in JavaScript have no place in the fast path. */
function toSqlRead(request: ReadRequest): SqlRead {
  if ('select' in request) {
    if (request.select.length === 0) throw new ConnectorError('not_supported', 'no column selected')
    return request
  }
  if (request.filter !== undefined || request.fields.some((field) => field.mask !== undefined)) {
    throw new ConnectorError('not_supported', 'masks and filters must be SQL fragments here')
  }
  const select = request.fields.map(({ field, as }) => ({ expression: quoteIdentifier(field), as }))
  return { table: request.table, select, where: null, ...(request.expect ? { expect: request.expect } : {}) }
}

export function selectSql(request: SqlRead): string {
  const columns = request.select.map(({ expression, as }) => `${expression} AS ${quoteIdentifier(as)}`).join(', ')
  return `SELECT ${columns} FROM ${quoteTable(request.table)}${request.where === null ? '' : ` WHERE ${request.where}`}`
}

/** Begin the reading transaction of `client` on `table`, locked before its snapshot. */
export async function openSnapshotFor(
  client: Client,
  table: TableName,
  snapshot: string | null,
): Promise<RowStream['source']> {
  const name = quoteTable(table)
  const found = await client.query<{ kind: string; lockable: boolean }>(
    `SELECT relkind AS kind, has_table_privilege(oid, 'SELECT') AS lockable FROM pg_class WHERE oid = to_regclass($1)`,
    [name],
  )
  const relation = found.rows[0]
  if (relation === undefined) throw new ConnectorError('table_missing', name, { place: { table: table.name } })
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
  // With grants on columns only, or on other kinds, the query's own lock has to do.
  if (relation.lockable && 'rpv'.includes(relation.kind)) await client.query(`LOCK TABLE ${name} IN ACCESS SHARE MODE`)
  if (snapshot !== null) {
    if (!/^[0-9A-F-]+$/i.test(snapshot)) throw new ConnectorError('not_supported', 'not a snapshot id')
    await client.query(`SET TRANSACTION SNAPSHOT '${snapshot}'`)
  }
  const { rows } = await client.query<{ snapshot: string; position: string | null; same: boolean }>(
    `SELECT pg_current_snapshot()::text AS snapshot,
       (CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END)::text AS position,
       (SELECT c.relfilenode = 0 OR c.relfilenode = pg_relation_filenode(c.oid) FROM pg_class c
         WHERE c.oid = to_regclass($1)) AS same`,
    [name],
  )
  const row = rows[0]!
  // Under an older snapshot the catalogue's row is old but the file is new: the table was rewritten or truncated since.
  if (!row.same)
    throw new ConnectorError('schema_changed', 'rewritten after the snapshot', { place: { table: table.name } })
  return { from: null, to: row.position, snapshot: row.snapshot }
}

export async function checkExpected(
  client: Client,
  table: TableName,
  expect: readonly ExpectedColumn[],
): Promise<void> {
  if (expect.length === 0) return
  const now = await describeTable(client, table)
  for (const { name, canonicalType } of expect) {
    const column = now?.columns.find((candidate) => candidate.name === name)
    // A column that is there but not for us would else look as if it were gone.
    if (column === undefined && (await isHidden(client, table, name))) {
      throw new ConnectorError('permission_denied', `${table.name}.${name} may not be read`, {
        place: { table: table.name, column: name },
      })
    }
    const detail =
      column === undefined
        ? 'is gone'
        : column.canonicalType === canonicalType
          ? null
          : `is now ${column.canonicalType}`
    if (detail !== null) {
      throw new ConnectorError('schema_changed', `${table.name}.${name} ${detail}`, {
        place: { table: table.name, column: name },
      })
    }
  }
}

/** Whether the table has the column, whatever the account may read of it. */
async function isHidden(client: Client, table: TableName, column: string): Promise<boolean> {
  const { rowCount } = await client.query(
    `SELECT FROM pg_attribute WHERE attrelid = to_regclass($1) AND attname = $2 AND attnum > 0 AND NOT attisdropped`,
    [quoteTable(table), column],
  )
  return rowCount === 1
}

export async function resultColumns(client: Client, select: string, names: SqlRead['select']): Promise<Column[]> {
  const { fields } = await client.query(`${select} LIMIT 0`)
  const { rows } = await client.query<{ type: string }>(
    `SELECT format_type(t, m) AS type FROM unnest($1::oid[], $2::int[]) WITH ORDINALITY AS f(t, m, place) ORDER BY place`,
    [fields.map((field) => field.dataTypeID), fields.map((field) => field.dataTypeModifier)],
  )
  return names.map(({ as }, i) => ({ name: as, type: canonicalTypeOf(rows[i]!.type) }))
}

/** Rows of a query of the transaction that `client` is in; it is closed at the end. */
export class PostgresqlRows implements RowStream {
  readonly columns: readonly Column[]
  readonly source: RowStream['source']
  readonly #client: Client
  readonly #copy: CopyOut
  readonly #table: string
  readonly #signal: AbortSignal | undefined
  #rows = 0n
  #taken = false

  constructor(
    client: Client,
    select: string,
    columns: readonly Column[],
    source: RowStream['source'],
    table: TableName,
    options: ReadOptions,
  ) {
    this.#client = client
    this.columns = columns
    this.source = source
    this.#table = table.name
    this.#signal = options.signal
    this.#copy = new CopyOut(`COPY (${select}) TO STDOUT (FORMAT csv)`, {
      chunkBytes: options.chunkBytes ?? CHUNK_BYTES,
      rowBytesMax: options.rowBytesMax ?? ROW_BYTES_MAX,
      stallTimeoutMs: options.stallTimeoutMs ?? STALL_TIMEOUT_MS,
    })
  }

  get rows(): bigint {
    return this.#rows
  }

  async close(): Promise<void> {
    this.#taken = true
    // Ending the socket, not the session: a server in the middle of COPY would not read a polite goodbye.
    this.#client.connection.stream.destroy()
    hangUp(this.#client)
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<RowChunk, void, undefined> {
    if (this.#taken) throw new ConnectorError('not_supported', 'a row stream is read once')
    this.#taken = true
    const abort = () => void this.close()
    this.#signal?.addEventListener('abort', abort)
    try {
      this.#signal?.throwIfAborted()
      this.#client.query(this.#copy)
      for (let chunk = await this.#copy.next(); chunk !== null; chunk = await this.#copy.next()) {
        this.#rows += BigInt(chunk.rows)
        yield chunk
      }
      await this.#client.query('COMMIT')
    } catch (error) {
      throw toConnectorError(error, 'source', { table: this.#table })
    } finally {
      this.#signal?.removeEventListener('abort', abort)
      await this.close()
    }
  }
}
