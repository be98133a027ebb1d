import type { Client } from 'pg'
import type { Cursor, FieldRead, TableName } from '../../connector.ts'
import { ConnectorError } from '../../errors.ts'
import { connect, hangUp } from '../connect.ts'
import { toConnectorError } from '../database-error.ts'
import type { PostgresqlSettings } from '../settings.ts'
import { Fold, FoldError } from './fold.ts'
import { Heartbeat } from './heartbeat.ts'
import { instantOf, paddedLsn, parseLsn } from './lsn.ts'
import type { LogMessage } from './pgoutput.ts'
import { LogShape } from './shape.ts'
import { type LogSlot, requireSlot } from './slot.ts'
import { LogStream } from './stream.ts'

/** What is read of a table's log: the fields that travel with their masks, and which rows. */
export interface LogRead {
  readonly table: TableName
  readonly fields: FieldRead['fields']
  /** Names (`as`) of the key columns. */
  readonly key: readonly string[]
  readonly filter?: NonNullable<FieldRead['filter']>
  /** Fields that the filter looks at. */
  readonly filterFields: readonly string[]
}

/** A column as the log describes it at some place. */
export interface LoggedColumn {
  readonly name: string
  readonly canonicalType: string
}

/** Whole transactions, or a part of one, folded by key. */
export interface LogPiece {
  readonly kind: 'piece'
  readonly data: Buffer
  readonly rows: number
  readonly changes: number
  readonly transactions: number
  /** Everything that the receiving table holds goes first: the source was truncated, and a person approved it. */
  readonly truncates: boolean
  readonly from: Cursor
  /** While a transaction goes on in the next piece it stays at `from`, and says where the transaction will end. */
  readonly to: Cursor
}

/** What a reader of the log says. */
export type LogEvent =
  | LogPiece
  /** Nothing of ours was written up to here. Padded position. */
  | { readonly kind: 'idle'; readonly lsn: string }
  /** Everything before {@link LogReader.endAt} was given. */
  | { readonly kind: 'end'; readonly at: Cursor }

/** Settings of a {@link LogReader}. */
export interface LogReaderOptions {
  readonly slot: LogSlot
  /** Where the receiving table stands, or what was given last. */
  readonly from: Cursor
  /** Padded position up to which the slot was confirmed at most. */
  readonly confirmedMax: string
  /**
   * Ends of pieces that were given before, padded, in any order. The receiving table may stand at any of them, so that no
   * piece may go over one: it would be applied in part.
   */
  readonly cuts?: readonly string[]
  /** Commits of TRUNCATE that a person approved, padded. */
  readonly approved: readonly string[]
  /** Told how the log describes the table from here on: throws when it is no longer the one that was agreed on. */
  readonly onShape: (columns: readonly LoggedColumn[]) => Promise<void>
  /** Size at which a piece is closed. Default 4 MiB. */
  readonly pieceBytesMax?: number
  /** How long a commit may wait for others to travel with. Default 200. */
  readonly lingerMs?: number
  readonly signal: AbortSignal
}

const PIECE_BYTES_MAX = 4 * 1024 * 1024
const LINGER_MS = 200
const WAIT_MS = 1_000

interface Transaction {
  readonly commitLsn: bigint
  readonly at: bigint
  /** It was applied before: the log gives it again after a restart. */
  readonly skipped: boolean
  fold: Fold
  /** A part of it was given already. */
  opened: boolean
  truncates: boolean
}

/**
 * Reads the log of one table from a position on, as pieces of whole transactions; a transaction larger than a piece comes
 * in several. Nothing is confirmed to the server but by {@link confirm}. It never ends by itself before `endAt`.
 */
export class LogReader {
  /** Where to end: everything committed before, nothing committed at or after it. */
  endAt: bigint | null = null
  #gate: PromiseWithResolvers<void> | null = null
  readonly #read: LogRead
  readonly #options: LogReaderOptions
  readonly #stream: LogStream
  readonly #heartbeat: Heartbeat
  readonly #shape: LogShape
  readonly #cuts: string[]
  #cursor: Cursor
  #piece: Fold
  #transactions = 0
  #since = 0
  #to: Cursor
  #open: Transaction | null = null
  #idle = 0n

  private constructor(settings: PostgresqlSettings, client: Client, read: LogRead, options: LogReaderOptions) {
    this.#read = read
    this.#options = options
    this.#cursor = options.from
    this.#to = options.from
    this.#cuts = [...(options.cuts ?? [])].sort().reverse()
    this.#shape = new LogShape(read)
    this.#piece = this.#shape.fold()
    const { slot, publication } = options.slot
    this.#stream = new LogStream(client, { slot, publication, from: parseLsn(options.from.since) })
    this.#heartbeat = new Heartbeat(settings, options.slot, read.table)
  }

  /** Connects and checks the slot. @throws ConnectorError `log_gap`, `unreachable`, … */
  static async open(settings: PostgresqlSettings, read: LogRead, options: LogReaderOptions): Promise<LogReader> {
    const client = await connect(settings, 'source', { replication: true })
    try {
      await requireSlot(client, options.slot, options.confirmedMax)
      return new LogReader(settings, client, read, options)
    } catch (error) {
      hangUp(client)
      throw toConnectorError(error, 'source', { table: read.table.name })
    }
  }

  /**
   * Looks at nothing more until {@link proceed}: a position that is found meanwhile lies after everything that was given.
   */
  pause(): void {
    this.#gate ??= Promise.withResolvers()
  }

  /** Goes on after {@link pause}. */
  proceed(): void {
    this.#gate?.resolve()
    this.#gate = null
  }

  /** See {@link LogStream.confirm}. Padded position. */
  confirm(lsn: string): void {
    this.#stream.confirm(parseLsn(lsn))
  }

  /** The end of the source's log, padded. */
  get walEnd(): string {
    return paddedLsn(this.#stream.walEnd)
  }

  /** The source's clock now, milliseconds since 1970. */
  get serverNow(): number {
    return this.#stream.serverNow
  }

  /** Whether a part of a transaction was given, and not yet the rest. */
  get isInside(): boolean {
    return this.#open?.opened === true
  }

  /** Ends it at once. */
  close(): void {
    this.proceed()
    this.#stream.close()
    this.#heartbeat.close()
  }

  /** The pieces, in order. @throws ConnectorError `log_truncated`, `log_gap`, `schema_changed`, `connection_lost`, … */
  async *events(): AsyncGenerator<LogEvent, void, undefined> {
    const abort = () => this.close()
    this.#options.signal.addEventListener('abort', abort, { once: true })
    try {
      this.#options.signal.throwIfAborted()
      this.#stream.start()
      for (;;) {
        await this.#heartbeat.beat(this.endAt !== null)
        for (const item of await this.#stream.take(this.#waitMs())) {
          if (this.#gate !== null) await this.#gate.promise
          if (item.kind === 'keepalive') this.#idle = item.end
          else yield* this.#message(item)
          if (this.#isOver(item)) return yield* this.#end()
        }
        this.#stream.goOn()
        if (this.endAt !== null && this.#open === null && this.#idle >= this.endAt) return yield* this.#end()
        yield* this.#pause()
      }
    } catch (error) {
      this.#options.signal.throwIfAborted()
      if (error instanceof FoldError) throw new ConnectorError('log_value', error.message)
      throw toConnectorError(error, 'source', { table: this.#read.table.name })
    } finally {
      this.#options.signal.removeEventListener('abort', abort)
      this.close()
    }
  }

  #waitMs(): number {
    if (this.#piece.rows === 0 || this.#open !== null) return this.endAt === null ? WAIT_MS : 50
    return Math.max(1, this.#since + (this.#options.lingerMs ?? LINGER_MS) - performance.now())
  }

  #isOver(item: { readonly kind: string }): boolean {
    return this.endAt !== null && item.kind === 'begin' && this.#open!.commitLsn >= this.endAt
  }

  async *#end(): AsyncGenerator<LogEvent, void, undefined> {
    yield* this.#flush()
    yield { kind: 'end', at: { ...this.#cursor, since: paddedLsn(this.endAt!) } }
  }

  async *#pause(): AsyncGenerator<LogEvent, void, undefined> {
    if (this.#open !== null) return
    if (this.#piece.rows > 0) {
      if (performance.now() >= this.#since + (this.#options.lingerMs ?? LINGER_MS)) yield* this.#flush()
    } else if (this.#idle > 0n) {
      yield { kind: 'idle', lsn: paddedLsn(this.#idle) }
      this.#idle = 0n
    }
  }

  async *#message(message: LogMessage): AsyncGenerator<LogEvent, void, undefined> {
    switch (message.kind) {
      case 'begin': {
        const { commitLsn, at } = message
        const skipped = commitLsn < parseLsn(this.#cursor.since)
        this.#open = { commitLsn, at, skipped, fold: this.#shape.fold(), opened: false, truncates: false }
        return
      }
      case 'commit':
        return yield* this.#commit(message.endLsn)
      case 'relation':
        return yield* this.#relation(message)
      case 'truncate':
        if (message.relations.some((id) => this.#shape.isOurs(id))) yield* this.#truncate()
        return
      case 'message':
        // Not inside of a transaction: ours are sent so.
        if (this.#open === null && message.lsn > this.#idle) this.#idle = message.lsn
        return
      case 'insert':
      case 'update':
      case 'delete': {
        const open = this.#open
        if (open === null || open.skipped || !this.#shape.isOurs(message.relation)) return
        this.#shape.take(message, open.fold)
        if (open.fold.bytes >= (this.#options.pieceBytesMax ?? PIECE_BYTES_MAX)) yield* this.#part(open)
        return
      }
      case 'other':
    }
  }

  async *#commit(endLsn: bigint): AsyncGenerator<LogEvent, void, undefined> {
    const open = this.#open!
    this.#open = null
    this.#idle = 0n
    if (open.skipped) return
    const to = { since: paddedLsn(endLsn), at: instantOf(open.at), writer: '0' }
    if (open.opened || open.truncates) {
      // What is left of it goes by itself: only with this piece does the position move.
      yield this.#cut(open.fold, to, 1, open.truncates)
      this.#to = to
      return
    }
    const bytesMax = this.#options.pieceBytesMax ?? PIECE_BYTES_MAX
    const isFull = this.#piece.bytes + open.fold.bytes > bytesMax
    if (this.#piece.rows > 0 && (isFull || this.#isCut(to.since))) yield* this.#flush()
    if (open.fold.rows === 0) {
      // Of it nothing was let out.
      if (this.#piece.rows === 0) this.#idle = endLsn
      return
    }
    if (this.#piece.rows === 0) {
      this.#since = performance.now()
      this.#piece = open.fold
    } else this.#piece.append(open.fold)
    this.#transactions++
    this.#to = to
    if (performance.now() >= this.#since + (this.#options.lingerMs ?? LINGER_MS)) yield* this.#flush()
  }

  /** Whether a place where pieces must end lies between what the piece holds and this commit. */
  #isCut(to: string): boolean {
    const cuts = this.#cuts
    while (cuts.length > 0 && cuts.at(-1)! < this.#to.since) cuts.pop()
    return cuts.length > 0 && cuts.at(-1)! < to
  }

  /** A part of a transaction that is too large for one piece; what came before it goes first. */
  async *#part(open: Transaction): AsyncGenerator<LogEvent, void, undefined> {
    yield* this.#flush()
    open.opened = true
    const { fold, truncates } = open
    open.fold = this.#shape.fold()
    open.truncates = false
    const from = this.#cursor
    yield this.#cut(fold, { ...from, within: paddedLsn(open.commitLsn) }, 0, truncates)
    this.#cursor = from
  }

  async *#truncate(): AsyncGenerator<LogEvent, void, undefined> {
    const open = this.#open!
    if (open.skipped) return
    yield* this.#flush()
    const at = paddedLsn(open.commitLsn)
    if (!this.#options.approved.includes(at)) {
      throw new ConnectorError('log_truncated', at, { place: { table: this.#read.table.name } })
    }
    open.fold.clear()
    open.truncates = true
  }

  async *#relation(message: Extract<LogMessage, { kind: 'relation' }>): AsyncGenerator<LogEvent, void, undefined> {
    const { table } = this.#read
    try {
      if (!this.#shape.describe(message, table, this.#options.slot.tableId)) return
      const types = await this.#heartbeat.typesOf(message.columns)
      await this.#options.onShape(message.columns.map(({ name }, i) => ({ name, canonicalType: types[i]! })))
    } catch (error) {
      // What was committed before the change is delivered in any case.
      yield* this.#flush()
      throw error
    }
  }

  async *#flush(): AsyncGenerator<LogEvent, void, undefined> {
    if (this.#piece.rows === 0) return
    const piece = this.#cut(this.#piece, this.#to, this.#transactions, false)
    this.#piece = this.#shape.fold()
    this.#transactions = 0
    yield piece
  }

  #cut(fold: Fold, to: Cursor, transactions: number, truncates: boolean): LogPiece {
    const { rows, changes } = fold
    const from = this.#cursor
    this.#cursor = to
    return { kind: 'piece', data: fold.toCsv(), rows, changes, transactions, truncates, from, to }
  }
}
