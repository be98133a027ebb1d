import { quoteIdentifier } from '@huitong/policy'
import { type Column, FROM_COLUMN, OPERATION_COLUMN, postgresType, SAME_COLUMN, sha256Hex } from '@huitong/segment'
import type { Client } from 'pg'
import type { Cursor } from '../../connector.ts'
import { ConnectorError } from '../../errors.ts'
import { merge } from '../apply-changes.ts'
import { connect, hangUp } from '../connect.ts'
import { copyIn } from '../copy-in.ts'
import { toConnectorError } from '../database-error.ts'
import type { ChangeCounts, ChangeOptions, Position, TargetTable } from '../../database.ts'
import { movePosition, readPosition } from '../position.ts'
import { quoteTable } from '../read-rows.ts'
import type { PostgresqlSettings } from '../settings.ts'

/** An opened segment of the log: its verified manifest's figures and its plain CSV text. */
export interface LogSegment {
  readonly generation: number
  readonly sequence: number
  readonly columns: readonly Column[]
  /** Lines by the manifest, decimal text. */
  readonly rows: string
  readonly plainDigest: string
  readonly plain: Uint8Array
  /** Position before and after; while a transaction goes on in the next segment they are one, `to.within` names its commit. */
  readonly from: Cursor
  readonly to: Cursor
  readonly truncates: boolean
  readonly final: boolean
}

/** What a loader of the log works on. `fence` comes from `claimTable`. */
export interface LogLoaderOptions extends ChangeOptions {
  /** A comparison has shown that the table stands here, whatever its position says. */
  readonly rebase: Cursor | null
}

const BESIDE = 'pg_temp._huitong_log'
const NOTHING: ChangeCounts = { inserted: '0', updated: '0', deleted: '0', unchanged: '0', absent: '0' }
/** The pieces of one large transaction come over the network while ours is open. */
const IDLE_IN_TRANSACTION_MS = 600_000

/**
 * Brings the log of one table into the receiving table. {@link merge} takes segments in order into one transaction,
 * {@link commit} ends it with the position under the fencing token: only whole transactions of the source become
 * visible, each once. Calls must not overlap; after an error the loader is of no more use.
 */
export class LogLoader {
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
  static async open(settings: PostgresqlSettings, options: LogLoaderOptions): Promise<LogLoader> {
    const client = await connect(settings, 'target')
    try {
      const columns = [OPERATION_COLUMN, SAME_COLUMN, FROM_COLUMN, ...options.table.columns]
      const list = columns.map(({ name, type }) => `${quoteIdentifier(name)} ${postgresType(type)}`).join(', ')
      await client.query(`CREATE TEMP TABLE _huitong_log (${list}) ON COMMIT DELETE ROWS`)
      await client.query(`SET idle_in_transaction_session_timeout = ${IDLE_IN_TRANSACTION_MS}`)
      await rebase(client, options)
      return new LogLoader(client, options)
    } catch (error) {
      hangUp(client)
      throw toConnectorError(error, 'target', { table: options.table.name })
    }
  }

  /** Where the channel stands, committed. @throws ConnectorError `fenced`. */
  position(): Promise<Position> {
    const { channel, table, fence } = this.#options
    return this.#guard(async () => (this.#position ??= await readPosition(this.#client, channel, table, fence)))
  }

  /** Last segment of a generation of this stream whose transactions are committed; 0 for none. */
  async reached(generation: number): Promise<number> {
    const { applied } = await this.position()
    return applied?.stream === this.#options.stream && applied.generation === generation ? applied.sequence : 0
  }

  /** Whether a transaction of the source is here in part: committing has to wait. */
  get isInside(): boolean {
    const last = this.#open?.last ?? null
    return last !== null && last.to.since === last.from.since && !last.final
  }

  /** Whether something waits for {@link commit}. */
  get isOpen(): boolean {
    return this.#open !== null
  }

  /**
   * Takes a segment into the open transaction; what the position has passed already is left out.
   * @throws ConnectorError `fenced`, `position_gap`, `schema_changed`, `digest_mismatch`, `row_count_mismatch`, `log_value`,
   *   `bad_value`, `null_value`, …
   */
  merge(segment: LogSegment): Promise<void> {
    return this.#guard(async () => {
      const { table } = this.#options
      checkSegment(table, segment)
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

  /** Commits what was taken, with the position. @throws ConnectorError `fenced`, … */
  commit(): Promise<Position> {
    return this.#guard(async () => {
      const { channel, table, fence, stream } = this.#options
      const { position, counts, last } = this.#open!
      const { generation, sequence, to } = last!
      const reached = later(cursorOf(position, table), to)
      // Of the whole stream, so that a restart of the loader forgets none.
      const before = position.applied?.stream === stream ? position.applied.counts : NOTHING
      const rebased = position.applied?.rebased ?? null
      const applied = { stream, generation, sequence, counts: sum(before, counts), rebased }
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

  /** Leaves what was taken and not committed: it comes again otherwise. */
  drop(): Promise<void> {
    return this.#guard(async () => {
      if (this.#open !== null) await this.#client.query('ROLLBACK')
      this.#open = null
    })
  }

  /** Close the connection; what is not committed is gone. */
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
      open.counts = sum(open.counts, { ...NOTHING, deleted: String(rowCount ?? 0) })
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
    const done = Object.values(counts).reduce((total: bigint, count: string) => total + BigInt(count), 0n)
    if (done !== rows) throw this.#fault('row_count_mismatch', `${done} rows applied of ${rows}`)
    open.counts = sum(open.counts, counts)
  }

  /** Fields that the log left out because they did not change are those of the row that is here. */
  async #fill(): Promise<void> {
    const { table } = this.#options
    const client = this.#client
    const { rows } = await client.query<{ same: string }>(
      `SELECT DISTINCT ${SAME} AS same FROM ${BESIDE} WHERE ${SAME} IS NOT NULL`,
    )
    for (const { same } of rows) {
      const places = same.split(',').map(Number)
      const columns = places.map((place) => table.columns[place - 1])
      if (columns.some((column) => column === undefined)) throw this.#fault('log_value', 'an unknown field is left out')
      const set = columns.map((column) => `${quoteIdentifier(column!.name)} = t.${quoteIdentifier(column!.name)}`)
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
    return new ConnectorError(code, detail, { hop: 'target', place: { table: this.#options.table.name } })
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

function cursorOf({ cursor }: Position, table: TargetTable): Cursor {
  if (cursor !== null) return JSON.parse(cursor) as Cursor
  throw new ConnectorError('position_gap', 'no full copy has set a position', {
    hop: 'target',
    place: { table: table.name },
  })
}

/**
 * Whether all of it was applied before: it comes again when an acknowledgement got lost. Parts of a transaction must not be
 * taken a second time either, even to be given up at its end: rows that it changed may be gone since.
 */
function isKnown({ from, to }: LogSegment, { since }: Cursor): boolean {
  return to.within === undefined ? to.since > from.since && to.since <= since : to.within < since
}

/** A segment that comes again does not move the position back. */
const later = (cursor: Cursor, to: Cursor = cursor): Cursor => (to.since > cursor.since ? to : cursor)

/**
 * Once for each comparison: what was applied since stands further. Where it stood before says nothing, for a source that was
 * replaced by its standby or restored counts its log anew from an earlier place.
 */
async function rebase(client: Client, { channel, table, fence, stream, rebase: to }: LogLoaderOptions): Promise<void> {
  if (to === null) return
  const { applied } = await readPosition(client, channel, table, fence)
  const rebased = `${to.since} ${to.at}`
  if (applied?.stream === stream || applied?.rebased === rebased) return
  const begun = { stream, generation: 1, sequence: 0, counts: NOTHING, rebased }
  const values = [JSON.stringify(to), JSON.stringify(begun)]
  await movePosition(client, channel, table, fence, 'cursor = $3, applied = $4::json', values)
}

function sum(left: ChangeCounts, right: ChangeCounts): ChangeCounts {
  const add = (name: keyof ChangeCounts) => (BigInt(left[name]) + BigInt(right[name])).toString()
  return {
    inserted: add('inserted'),
    updated: add('updated'),
    deleted: add('deleted'),
    unchanged: add('unchanged'),
    absent: add('absent'),
  }
}

function checkSegment(table: TargetTable, segment: LogSegment): void {
  const wanted = [OPERATION_COLUMN, SAME_COLUMN, FROM_COLUMN, ...table.columns]
  const at = wanted.findIndex(({ name, type }, i) => {
    const column = segment.columns[i]
    return column?.name !== name || column.type !== type
  })
  if (at >= 0 || segment.columns.length !== wanted.length) {
    const column = wanted[Math.max(0, at)]!.name
    throw new ConnectorError('schema_changed', `${table.name}.${column} is not so in the segment`, {
      place: { table: table.name, column },
    })
  }
  if (sha256Hex(segment.plain) !== segment.plainDigest) {
    throw new ConnectorError('digest_mismatch', `sequence ${segment.sequence}`, { hop: 'target' })
  }
}
