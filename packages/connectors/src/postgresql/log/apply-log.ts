import { quoteIdentifier } from '@huitong/policy'
import { FROM_COLUMN, OPERATION_COLUMN, postgresType, SAME_COLUMN } from '@huitong/segment'
import type { Client } from 'pg'
import type { ChangeCounts, Position } from '../../database.ts'
import type { ConnectorError } from '../../errors.ts'
import {
  appliedOf,
  checkDone,
  checkLogSegment,
  cursorOf,
  isKnown,
  isPart,
  later,
  logFault,
  NOTHING,
  rebased,
  sameColumns,
  sumCounts,
} from '../../log/loading.ts'
import type { LogLoader, LogLoaderOptions, LogSegment } from '../../log/types.ts'
import { merge } from '../apply-changes.ts'
import { connect, hangUp } from '../connect.ts'
import { copyIn } from '../copy-in.ts'
import { toConnectorError } from '../database-error.ts'
import { movePosition, readPosition } from '../position.ts'
import { quoteTable } from '../read-rows.ts'
import type { PostgresqlSettings } from '../settings.ts'

const BESIDE = 'pg_temp._huitong_log'
/** The pieces of one large transaction come over the network while ours is open. */
const IDLE_IN_TRANSACTION_MS = 600_000

/** Loads the log of one table. */
export class PostgresqlLogLoader implements LogLoader {
  readonly #client: Client
  readonly #options: LogLoaderOptions
  /** Null outside of a transaction. */
  #open: { position: Position; counts: ChangeCounts; last: LogSegment | null } | null = null
  #position: Position | null = null

  private constructor(client: Client, options: LogLoaderOptions) {
    this.#client = client
    this.#options = options
  }

  /** Connect to the target. @throws ConnectorError. */
  static async open(settings: PostgresqlSettings, options: LogLoaderOptions): Promise<PostgresqlLogLoader> {
    const client = await connect(settings, 'target')
    try {
      const columns = [OPERATION_COLUMN, SAME_COLUMN, FROM_COLUMN, ...options.table.columns]
      const list = columns.map(({ name, type }) => `${quoteIdentifier(name)} ${postgresType(type)}`).join(', ')
      await client.query(`CREATE TEMP TABLE _huitong_log (${list}) ON COMMIT DELETE ROWS`)
      await client.query(`SET idle_in_transaction_session_timeout = ${IDLE_IN_TRANSACTION_MS}`)
      await rebase(client, options)
      return new PostgresqlLogLoader(client, options)
    } catch (error) {
      hangUp(client)
      throw toConnectorError(error, 'target', { table: options.table.name })
    }
  }

  position(): Promise<Position> {
    const { channel, table, fence } = this.#options
    return this.#guard(async () => (this.#position ??= await readPosition(this.#client, channel, table, fence)))
  }

  async reached(generation: number): Promise<number> {
    const { applied } = await this.position()
    return applied?.stream === this.#options.stream && applied.generation === generation ? applied.sequence : 0
  }

  get isInside(): boolean {
    return isPart(this.#open?.last ?? null)
  }

  get isOpen(): boolean {
    return this.#open !== null
  }

  merge(segment: LogSegment): Promise<void> {
    return this.#guard(async () => {
      const { table } = this.#options
      checkLogSegment(table, segment)
      const position = await this.position()
      const cursor = cursorOf(position, table)
      const taken = later(cursor, this.#open?.last?.to)
      if (segment.from.since > taken.since) {
        throw this.#fault('position_gap', `changes since ${segment.from.since}, applied to ${taken.since}`)
      }
      this.#open ??= await this.#begin(position)
      if (!isKnown(segment, cursor)) await this.#take(segment)
      this.#open.last = segment
    })
  }

  commit(): Promise<Position> {
    return this.#guard(async () => {
      const { channel, table, fence, stream } = this.#options
      const { position, counts, last } = this.#open!
      const reached = later(cursorOf(position, table), last!.to)
      const applied = appliedOf(position, stream, last!, counts)
      const moved = await movePosition(
        this.#client,
        channel,
        table,
        fence,
        'cursor = $3, rows = rows + $4::numeric - $5::numeric, staged = null, applied = $6::json',
        [JSON.stringify(reached), counts.inserted, counts.deleted, JSON.stringify(applied)],
      )
      await this.#client.query('COMMIT')
      this.#open = null
      this.#position = moved
      return moved
    })
  }

  drop(): Promise<void> {
    return this.#guard(async () => {
      if (this.#open !== null) await this.#client.query('ROLLBACK')
      this.#open = null
    })
  }

  async close(): Promise<void> {
    hangUp(this.#client)
  }

  async #begin(position: Position) {
    const client = this.#client
    await client.query('BEGIN')
    // Few keys against a large table: each is looked up. The planner knows nothing of a table that was filled just now.
    await client.query(
      'SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL jit = off; SET LOCAL max_parallel_workers_per_gather = 0',
    )
    return { position, counts: NOTHING, last: null }
  }

  async #take(segment: LogSegment): Promise<void> {
    const { table } = this.#options
    const open = this.#open!
    const client = this.#client
    if (segment.truncates) {
      const { rowCount } = await client.query(`DELETE FROM ${quoteTable(table)}`)
      open.counts = sumCounts(open.counts, { ...NOTHING, deleted: String(rowCount ?? 0) })
    }
    if (segment.rows === '0') return
    if (open.last !== null) await client.query(`TRUNCATE ${BESIDE}`)
    const names = segment.columns.map(({ name }) => quoteIdentifier(name)).join(', ')
    const rows = await copyIn(client, `COPY ${BESIDE} (${names}) FROM STDIN (FORMAT csv)`, segment.plain)
    if (rows !== BigInt(segment.rows)) {
      throw this.#fault('row_count_mismatch', `${rows} rows taken, the manifest says ${segment.rows}`)
    }
    await this.#fill()
    const counts = await merge(client, table, BESIDE)
    checkDone(table, counts, segment.rows)
    open.counts = sumCounts(open.counts, counts)
  }

  /** Fields that the log left out because they did not change are those of the row that is here. */
  async #fill(): Promise<void> {
    const { table } = this.#options
    const client = this.#client
    const { rows } = await client.query<{ same: string }>(
      `SELECT DISTINCT ${SAME} AS same FROM ${BESIDE} WHERE ${SAME} IS NOT NULL`,
    )
    for (const { same } of rows) {
      const set = sameColumns(table, same).map(({ name }) => `${quoteIdentifier(name)} = t.${quoteIdentifier(name)}`)
      const sameKey = table.key.map((name, i) => {
        const { type } = table.columns.find((column) => column.name === name)!
        const from = `(c.${FROM}::jsonb ->> ${i})::${postgresType(type)}`
        const key = quoteIdentifier(name)
        return `t.${key} = CASE WHEN c.${FROM} IS NULL THEN c.${key} ELSE ${from} END`
      })
      await client.query(
        `UPDATE ${BESIDE} c SET ${set.join(', ')}, ${SAME} = NULL FROM ${quoteTable(table)} t
         WHERE c.${SAME} = $1 AND ${sameKey.join(' AND ')}`,
        [same],
      )
    }
    if (rows.length === 0) return
    const left = await client.query(`SELECT FROM ${BESIDE} WHERE ${SAME} IS NOT NULL LIMIT 1`)
    if (left.rowCount !== 0) throw this.#fault('log_value', 'a row that was changed in part is not there')
  }

  #fault(code: 'position_gap' | 'row_count_mismatch' | 'log_value', detail: string): ConnectorError {
    return logFault(this.#options.table, code, detail)
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw toConnectorError(error, 'target', { table: this.#options.table.name })
    }
  }
}

const SAME = quoteIdentifier(SAME_COLUMN.name)
const FROM = quoteIdentifier(FROM_COLUMN.name)

/** Once for each comparison. */
async function rebase(client: Client, options: LogLoaderOptions): Promise<void> {
  const { channel, table, fence } = options
  const word = rebased(await readPosition(client, channel, table, fence), options)
  if (word === null) return
  const values = [word.cursor, word.applied]
  await movePosition(client, channel, table, fence, 'cursor = $3, applied = $4::json', values)
}
