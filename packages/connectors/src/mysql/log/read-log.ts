import { ConnectorError } from '../../errors.ts'
import { FoldError } from '../../log/fold.ts'
import { padded } from '../../log/padded.ts'
import { LogPieces } from '../../log/pieces.ts'
import type { LogEvent, LogPlace, LogRead, LogReader, LogReaderOptions } from '../../log/types.ts'
import type { Cursor } from '../../connector.ts'
import { withSession } from '../connect.ts'
import { toConnectorError } from '../database-error.ts'
import type { MysqlSettings } from '../settings.ts'
import { BinlogFormatError } from './bytes.ts'
import { type BinlogEvent, decodeQuery, decodeRows, EVENT, isQuery, rowsForm, tableIdOf } from './event.ts'
import { decodeGtid, GtidOrderError, type GtidPlace, parsePlace } from './gtid.ts'
import { requireLog } from './requirements.ts'
import { BinlogShape } from './shape.ts'
import { boundaryOf, effectOf } from './statement.ts'
import { BinlogStream, type Flavour } from './stream.ts'
import { tableNameOf } from './table-map.ts'
import { LogWatch } from './watch.ts'
import { requirePlace } from './history.ts'

const WAIT_MS = 1_000
/** How long a position may stay where it is while only others write: the source forgets its log by time. */
const MOVE_MS = 300_000

/** A transaction of the source, from its number to its end. */
interface Group {
  readonly before: string
  readonly after: string
  /** One statement, which commits by itself; null as long as nobody knows. */
  isAlone: boolean | null
  /** Rows of ours came. */
  isOurs: boolean
}

/** Reads the row log of one table as a replica does, from a GTID position on. */
export class MysqlLogReader implements LogReader {
  endAt: LogPlace | null = null
  #gate: PromiseWithResolvers<void> | null = null
  readonly #read: LogRead
  readonly #options: LogReaderOptions
  readonly #stream: BinlogStream
  readonly #shape: BinlogShape
  readonly #pieces: LogPieces
  readonly #watch: LogWatch
  readonly #place: GtidPlace
  readonly #moveMs: number
  #group: Group | null = null
  /** Of the tables that the current statement writes, those that are ours. */
  readonly #ours = new Set<number>()
  #moved = performance.now()
  /** Seconds of the source's clock of what came last. */
  #at = 0
  #clockAheadMs = 0
  #isIdle = false
  /** The event before was the number of a transaction. */
  #isNew = false
  readonly keptSeconds: number | null

  private constructor(
    settings: MysqlSettings,
    stream: BinlogStream,
    read: LogRead,
    options: LogReaderOptions,
    server: Server,
  ) {
    this.#read = read
    this.#options = options
    this.#stream = stream
    this.#shape = new BinlogShape(settings, read)
    this.#pieces = new LogPieces(() => this.#shape.fold(), read.table, options)
    this.#watch = new LogWatch(settings)
    this.#place = parsePlace(server.flavour, options.from.place ?? '')
    this.#moveMs = options.moveMs ?? MOVE_MS
    this.keptSeconds = server.keptSeconds
    this.#clockAheadMs = server.clockAheadMs
  }

  /** Connects and checks that the log goes on from here. @throws ConnectorError `log_gap`, `binlog_off`, `unreachable`, … */
  static async open(settings: MysqlSettings, read: LogRead, options: LogReaderOptions): Promise<MysqlLogReader> {
    const { slot, from } = options
    const server = await withSession(settings, 'source', async (session): Promise<Server> => {
      const log = await requireLog(session)
      await requirePlace(session, log.flavour, slot, from)
      const [row] = await session.rows('SELECT cast(unix_timestamp(now(3)) * 1000 as char) AS now')
      return { ...log, clockAheadMs: Number(row!['now']) - Date.now() }
    })
    try {
      const reader = slot.slot.slice(0, slot.slot.lastIndexOf('_'))
      const stream = await BinlogStream.open(settings, { flavour: server.flavour, place: from.place ?? '', reader })
      return new MysqlLogReader(settings, stream, read, options, server)
    } catch (error) {
      throw toConnectorError(error, 'source', { table: read.table.name })
    }
  }

  pause(): void {
    this.#gate ??= Promise.withResolvers()
  }

  proceed(): void {
    this.#gate?.resolve()
    this.#gate = null
  }

  /** The server keeps its log by its own rules. */
  confirm(): void {}

  lagBytes(since: string): bigint {
    return this.#watch.lag(since)
  }

  get serverNow(): number {
    return Date.now() + this.#clockAheadMs
  }

  get isInside(): boolean {
    return this.#pieces.isInside
  }

  close(): void {
    this.proceed()
    this.#stream.close()
    this.#watch.close()
  }

  async *events(): AsyncGenerator<LogEvent, void, undefined> {
    const abort = () => this.close()
    this.#options.signal.addEventListener('abort', abort, { once: true })
    try {
      this.#options.signal.throwIfAborted()
      for (;;) {
        await this.#watch.look()
        for (const event of await this.#stream.take(this.#waitMs())) {
          if (this.#gate !== null) await this.#gate.promise
          yield* this.#event(event)
          if (this.#isOver()) return yield* this.#end()
        }
        this.#stream.goOn()
        // Between two transactions everything up to here was given.
        if (this.#group === null && this.#isReached(padded(this.#place.count))) return yield* this.#end()
        yield* this.#pause()
      }
    } catch (error) {
      this.#options.signal.throwIfAborted()
      throw toConnectorError(told(error), 'source', { table: this.#read.table.name })
    } finally {
      this.#options.signal.removeEventListener('abort', abort)
      this.close()
    }
  }

  #waitMs(): number {
    if (this.#pieces.isWaiting && this.#group === null) return this.#pieces.restMs
    return this.endAt === null ? WAIT_MS : 50
  }

  #isReached(since: string): boolean {
    return this.endAt !== null && since >= this.endAt.since
  }

  /** A transaction has begun that lies after the end. */
  #isOver(): boolean {
    return this.#group !== null && this.#isNew && this.#isReached(this.#group.before)
  }

  async *#end(): AsyncGenerator<LogEvent, void, undefined> {
    yield* this.#pieces.flush()
    const { since, place } = this.endAt!
    yield { kind: 'end', at: { ...this.#pieces.cursor, since, ...(place === undefined ? {} : { place }) } }
  }

  async *#pause(): AsyncGenerator<LogEvent, void, undefined> {
    if (this.#group !== null) return
    if (this.#pieces.isWaiting) return yield* this.#pieces.linger()
    if (!this.#isIdle) return
    this.#isIdle = false
    yield { kind: 'idle', lsn: padded(this.#place.count) }
    yield* this.#move()
  }

  /** The receiving table's position goes along, though nothing of ours came. */
  async *#move(): AsyncGenerator<LogEvent, void, undefined> {
    if (performance.now() - this.#moved < this.#moveMs) return
    this.#moved = performance.now()
    if (padded(this.#place.count) > this.#pieces.cursor.since) yield this.#pieces.move(this.#cursor())
  }

  #cursor(): Cursor {
    const { text, count } = this.#place
    const at = new Date(this.#at * 1000).toISOString().replace('Z', '000Z')
    return { since: padded(count), at, writer: '0', place: text }
  }

  async *#event(event: BinlogEvent): AsyncGenerator<LogEvent, void, undefined> {
    const { type, body } = event
    if (event.at > 0) this.#at = event.at
    const gtid = decodeGtid(event)
    this.#isNew = gtid !== null
    if (gtid !== null) {
      if (this.#group !== null) throw new BinlogFormatError('a transaction begins within another')
      const before = padded(this.#place.count)
      this.#place.add(gtid)
      const after = padded(this.#place.count)
      this.#group = { before, after, isAlone: gtid.isAlone, isOurs: false }
      this.#ours.clear()
      return
    }
    if (isQuery(type)) return yield* this.#query(event)
    if (type === EVENT.rotate) return this.#watch.turn(body.subarray(8).toString())
    if (type === EVENT.xid) return yield* this.#commit(event)
    if (type === EVENT.xaPrepare) return yield* this.#prepared(event)
    if (type === EVENT.tableMap) return yield* this.#table(body)
    const form = rowsForm(type)
    if (form === null) return this.#refuseUnknown(type)
    if (!this.#ours.has(tableIdOf(body))) return
    this.#begin().isOurs = true
    // A transaction may be larger than what fits into memory: part by part it is given away.
    for (const _one of this.#shape.take(decodeRows(form, body), () => this.#pieces.open!)) yield* this.#pieces.grown()
  }

  /** Events that may hold rows of ours in a form that is not read. */
  #refuseUnknown(type: number): void {
    const setting = REFUSED_EVENTS[type]
    if (setting === undefined) return
    throw new ConnectorError('binlog_off', `event ${type}`, { place: { table: this.#read.table.name, setting } })
  }

  #begin(): Group {
    const group = this.#group
    if (group === null) {
      const place = { table: this.#read.table.name, setting: 'gtid_mode = ON' }
      throw new ConnectorError('binlog_off', 'rows without a number of their transaction', { place })
    }
    if (this.#pieces.open === null) this.#pieces.begin(group.before)
    return group
  }

  async *#table(body: Buffer): AsyncGenerator<LogEvent, void, undefined> {
    const { schema, name } = tableNameOf(body)
    const { table } = this.#read
    const id = tableIdOf(body)
    if (schema !== table.schema || name !== table.name) return void this.#ours.delete(id)
    this.#begin()
    this.#ours.add(id)
    try {
      const columns = await this.#shape.describe(body)
      if (columns !== null) await this.#options.onShape(columns)
    } catch (error) {
      // What was committed before the change is delivered in any case.
      this.#shape.forget()
      yield* this.#pieces.flush()
      throw error
    }
  }

  async *#query(event: BinlogEvent): AsyncGenerator<LogEvent, void, undefined> {
    const query = decodeQuery(event)
    const boundary = boundaryOf(query)
    if (boundary === 'end') return yield* this.#commit(event)
    if (boundary !== null) {
      if (this.#group !== null) this.#group.isAlone ??= false
      return
    }
    const group = this.#group
    const effect = effectOf(query, this.#read.table)
    const isAlone = group !== null && (group.isAlone ?? true)
    if (effect === 'truncated') {
      this.#begin().isOurs = true
      yield* this.#pieces.truncate(group!.after)
    } else if (effect !== 'none') {
      yield* this.#pieces.flush()
      const code = effect === 'replaced' ? 'log_gap' : 'log_incomplete'
      throw new ConnectorError(code, `by a statement at ${group?.after ?? 'no number'}`, {
        place: { table: this.#read.table.name },
      })
    }
    if (isAlone) yield* this.#commit(event)
  }

  async *#prepared(event: BinlogEvent): AsyncGenerator<LogEvent, void, undefined> {
    if (this.#group?.isOurs === true) {
      // Whether it will be committed only a later statement says.
      yield* this.#pieces.flush()
      throw new ConnectorError('log_incomplete', 'an XA transaction', { place: { table: this.#read.table.name } })
    }
    yield* this.#commit(event)
  }

  async *#commit(event: BinlogEvent): AsyncGenerator<LogEvent, void, undefined> {
    const group = this.#group
    if (group === null) return
    this.#group = null
    this.#isIdle = false
    this.#watch.reached(group.after, event.next)
    const isLetOut = this.#pieces.open === null ? false : yield* this.#pieces.commit(this.#cursor())
    if (isLetOut) this.#moved = performance.now()
    else if (!this.#pieces.isWaiting) this.#isIdle = true
  }
}

interface Server {
  readonly flavour: Flavour
  readonly keptSeconds: number | null
  readonly clockAheadMs: number
}

const REFUSED_EVENTS: Readonly<Record<number, string>> = {
  [EVENT.anonymousGtid]: 'gtid_mode = ON',
  [EVENT.partialUpdate]: "binlog_row_value_options = ''",
  [EVENT.payload]: 'binlog_transaction_compression = OFF',
  [EVENT.gtidTagged]: 'gtid_next',
}

/** What the log itself says against being followed, in a connector's words. */
function told(error: unknown): unknown {
  if (error instanceof FoldError) return new ConnectorError('log_value', error.message)
  if (error instanceof GtidOrderError) return new ConnectorError('log_gap', error.message)
  return error
}
