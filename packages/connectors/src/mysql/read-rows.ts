import type { Duplex } from 'node:stream'
import { quoteIdentifier } from '@huitong/policy'
import { type Column, type RowChunk, SEGMENT_PLAIN_BYTES_MAX } from '@huitong/segment'
import type { ExpectedColumn, ReadOptions, ReadRequest, RowStream, SqlRead, TableName } from '../connector.ts'
import { ConnectorError, inTable } from '../errors.ts'
import { Session } from './connect.ts'
import { CsvWriter } from './csv-rows.ts'
import { toConnectorError } from './database-error.ts'
import { describeTable } from './discover.ts'
import { type Lease, leaseSnapshot, ownLease } from './log/snapshot.ts'
import type { MysqlSettings } from './settings.ts'
import { hasDay, mysqlForms, quoteTable } from './sql.ts'

const CHUNK_BYTES = SEGMENT_PLAIN_BYTES_MAX
const ROW_BYTES_MAX = 32 * 1024 * 1024
const STALL_TIMEOUT_MS = 300_000
/** Chunks that may wait for the reader before the socket is paused. */
const QUEUE_MAX = 1

/** Read rows as CSV chunks of one consistent snapshot, every value as text that the query made. */
export async function readRows(
  settings: MysqlSettings,
  request: ReadRequest,
  options: ReadOptions = {},
): Promise<RowStream> {
  const snapshot = 'select' in request ? request.snapshot : undefined
  const lease = snapshot === undefined ? await begin(settings) : leaseSnapshot(snapshot)
  const { session } = lease
  try {
    const { read, columns } = await toSqlRead(session, settings, request)
    await checkExpected(session, read.table, read.expect ?? [])
    return new MysqlRows(lease, read, selectSql(read), columns, await positionOf(session), options)
  } catch (error) {
    lease.close()
    throw toConnectorError(error, 'source', { table: request.table.name })
  }
}

/** A session of its own, in a reading transaction. */
async function begin(settings: MysqlSettings): Promise<Lease> {
  const session = await Session.open(settings, 'source')
  try {
    await beginSnapshot(session)
    return ownLease(session)
  } catch (error) {
    session.close()
    throw error
  }
}

/** Begin the reading transaction: all of it sees the moment of its begin. A table that is rebuilt meanwhile is an error. */
export async function beginSnapshot(session: Session): Promise<void> {
  await session.run('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ')
  await session.run('START TRANSACTION WITH CONSISTENT SNAPSHOT')
}

/** Where the server's log stood, in its own words, when it keeps one. */
export async function positionOf(session: Session): Promise<RowStream['source']> {
  const [row] = await session
    .rows('SELECT @@gtid_current_pos AS position')
    .catch(() => session.rows('SELECT @@gtid_executed AS position'))
    .catch(() => [])
  const position = row?.['position'] ?? ''
  return { from: null, to: position === '' ? null : position, snapshot: null }
}

/** The columns as they travel: by the request, or by what the table has. */
async function toSqlRead(session: Session, settings: MysqlSettings, request: ReadRequest) {
  if ('select' in request) {
    if (request.select.length === 0) throw new ConnectorError('not_supported', 'no column selected')
    return { read: request, columns: request.select.map(({ as, type }) => ({ name: as, type: type ?? 'text' })) }
  }
  if (request.filter !== undefined || request.fields.some((field) => field.mask !== undefined)) {
    throw new ConnectorError('not_supported', 'masks and filters must be SQL fragments here')
  }
  const table = await describeTable(session, request.table)
  const { column: columnSql } = mysqlForms(settings.zeroDates ?? 'refuse')
  const select = request.fields.map(({ field, as, type }) => {
    const found = table?.columns.find((column) => column.name === field)
    const own = type ?? found?.canonicalType ?? 'text'
    return { expression: columnSql(field, own, null), as, type: own }
  })
  const read: SqlRead = {
    table: request.table,
    select,
    where: null,
    ...(request.expect ? { expect: request.expect } : {}),
  }
  return { read, columns: select.map(({ as, type }) => ({ name: as, type })) }
}

export function selectSql(request: SqlRead): string {
  const columns = request.select.map(({ expression, as }) => `${expression} AS ${quoteIdentifier(as)}`).join(', ')
  return `SELECT ${columns} FROM ${quoteTable(request.table)}${request.where === null ? '' : ` WHERE ${request.where}`}`
}

export async function checkExpected(
  session: Session,
  table: TableName,
  expect: readonly ExpectedColumn[],
): Promise<void> {
  const now = await describeTable(session, table)
  if (now === null) throw new ConnectorError('table_missing', quoteTable(table), { place: { table: table.name } })
  for (const { name, canonicalType } of expect) {
    const column = now.columns.find((candidate) => candidate.name === name)
    if (column?.canonicalType === canonicalType) continue
    const detail = column === undefined ? 'is gone' : `is now ${column.canonicalType}`
    throw new ConnectorError('schema_changed', `${table.name}.${name} ${detail}`, {
      place: { table: table.name, column: name },
    })
  }
}

/** Rows of a query of the transaction that a lease's session is in; it is given back at the end. */
export class MysqlRows implements RowStream {
  readonly columns: readonly Column[]
  readonly source: RowStream['source']
  readonly #lease: Lease
  readonly #session: Session
  readonly #sql: string
  readonly #table: string
  readonly #options: ReadOptions
  readonly #queue: RowChunk[] = []
  readonly #writer: CsvWriter
  #rows = 0n
  #taken = false
  #ended = false
  #error: unknown = null
  #wake: (() => void) | null = null
  #stall: NodeJS.Timeout | undefined

  constructor(
    lease: Lease,
    { table, key = [] }: Pick<SqlRead, 'table' | 'key'>,
    sql: string,
    columns: readonly Column[],
    source: RowStream['source'],
    options: ReadOptions,
  ) {
    this.#lease = lease
    this.#session = lease.session
    this.#sql = sql
    this.columns = columns
    this.source = source
    this.#table = table.name
    this.#options = options
    this.#writer = new CsvWriter(
      columns.map(({ name }) => name),
      columns.map(({ type }) => hasDay(type)),
      key,
      options.chunkBytes ?? CHUNK_BYTES,
      options.rowBytesMax ?? ROW_BYTES_MAX,
    )
  }

  get rows(): bigint {
    return this.#rows
  }

  async close(): Promise<void> {
    this.#taken = true
    this.#lease.close()
    this.#fail(new ConnectorError('connection_lost', 'closed while reading'))
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<RowChunk, void, undefined> {
    if (this.#taken) throw new ConnectorError('not_supported', 'a row stream is read once')
    this.#taken = true
    const { signal } = this.#options
    const abort = () => {
      this.#fail(signal!.reason)
      this.#session.close()
    }
    signal?.addEventListener('abort', abort)
    try {
      signal?.throwIfAborted()
      this.#start()
      for (let chunk = await this.#next(); chunk !== null; chunk = await this.#next()) {
        this.#rows += BigInt(chunk.rows)
        yield chunk
      }
      await this.#lease.done()
    } catch (error) {
      throw toConnectorError(inTable(error, this.#table), 'source', { table: this.#table })
    } finally {
      signal?.removeEventListener('abort', abort)
      clearTimeout(this.#stall)
      this.#lease.close()
    }
  }

  #start(): void {
    const { connection } = this.#session
    // A slow source is not a dead one: a chunk may take as long as it likes while bytes come.
    ;(connection as unknown as { readonly stream: Duplex }).stream.on('data', () => this.#stall?.refresh())
    connection.on('error', (error: Error) => this.#fail(error))
    const query = connection.query({ sql: this.#sql, rowsAsArray: true, typeCast: false })
    query.on('result', (row: unknown) => this.#onRow(row as (Buffer | null)[]))
    query.on('error', (error: Error) => this.#fail(error))
    query.on('end', () => {
      this.#take()
      this.#ended = true
      this.#signal()
    })
  }

  #onRow(row: (Buffer | null)[]): void {
    if (this.#error !== null) return
    try {
      this.#writer.push(row)
      if (!this.#writer.isFull) return
    } catch (error) {
      this.#fail(error)
      this.#session.close()
      return
    }
    this.#take()
    if (this.#queue.length >= QUEUE_MAX) this.#session.connection.pause()
    this.#signal()
  }

  #take(): void {
    try {
      const chunk = this.#writer.take()
      if (chunk !== null) this.#queue.push(chunk)
    } catch (error) {
      this.#fail(error)
      this.#session.close()
    }
  }

  async #next(): Promise<RowChunk | null> {
    for (;;) {
      if (this.#error !== null) throw this.#error
      const chunk = this.#queue.shift()
      if (chunk !== undefined) {
        if (this.#queue.length < QUEUE_MAX) this.#session.connection.resume()
        return chunk
      }
      if (this.#ended) return null
      await this.#wait()
    }
  }

  async #wait(): Promise<void> {
    const stallTimeoutMs = this.#options.stallTimeoutMs ?? STALL_TIMEOUT_MS
    await new Promise<void>((resolve) => {
      this.#wake = resolve
      this.#stall = setTimeout(() => {
        this.#fail(new ConnectorError('stalled', `no data for ${stallTimeoutMs} ms`))
        this.#session.close()
      }, stallTimeoutMs)
    })
    clearTimeout(this.#stall)
    this.#stall = undefined
  }

  #signal(): void {
    const wake = this.#wake
    this.#wake = null
    wake?.()
  }

  #fail(error: unknown): void {
    this.#error ??= error
    this.#signal()
  }
}
