import type { Client } from 'pg'
import { ConnectorError } from '../../errors.ts'
import { FoldError } from '../../log/fold.ts'
import { padded } from '../../log/padded.ts'
import { LogPieces } from '../../log/pieces.ts'
import type { LogEvent, LogPlace, LogRead, LogReader, LogReaderOptions } from '../../log/types.ts'
import { connect, hangUp } from '../connect.ts'
import { toConnectorError } from '../database-error.ts'
import type { PostgresqlSettings } from '../settings.ts'
import { Heartbeat } from './heartbeat.ts'
import { instantOf, parseLsn } from './lsn.ts'
import type { LogMessage } from './pgoutput.ts'
import { LogShape } from './shape.ts'
import { requireSlot } from './slot.ts'
import { LogStream } from './stream.ts'

const WAIT_MS = 1_000

interface Transaction {
  readonly commitLsn: bigint
  readonly at: bigint
  /** It was applied before: the log gives it again after a restart. */
  readonly skipped: boolean
}

/** Reads the log of one table by a slot, over `pgoutput`. */
export class PostgresqlLogReader implements LogReader {
  endAt: LogPlace | null = null
  #gate: PromiseWithResolvers<void> | null = null
  readonly #read: LogRead
  readonly #options: LogReaderOptions
  readonly #stream: LogStream
  readonly #heartbeat: Heartbeat
  readonly #shape: LogShape
  readonly #pieces: LogPieces
  #open: Transaction | null = null
  #idle = 0n

  private constructor(settings: PostgresqlSettings, client: Client, read: LogRead, options: LogReaderOptions) {
    this.#read = read
    this.#options = options
    this.#shape = new LogShape(read)
    this.#pieces = new LogPieces(() => this.#shape.fold(), read.table, options)
    const { slot, publication } = options.slot
    this.#stream = new LogStream(client, { slot, publication, from: parseLsn(options.from.since) })
    this.#heartbeat = new Heartbeat(settings, options.slot, read.table)
  }

  /** Connects and checks the slot. @throws ConnectorError `log_gap`, `unreachable`, … */
  static async open(
    settings: PostgresqlSettings,
    read: LogRead,
    options: LogReaderOptions,
  ): Promise<PostgresqlLogReader> {
    const client = await connect(settings, 'source', { replication: true })
    try {
      await requireSlot(client, options.slot, options.confirmedMax)
      return new PostgresqlLogReader(settings, client, read, options)
    } catch (error) {
      hangUp(client)
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

  /** See {@link LogStream.confirm}. */
  confirm(lsn: string): void {
    this.#stream.confirm(parseLsn(lsn))
  }

  lagBytes(since: string): bigint {
    const behind = this.#stream.walEnd - parseLsn(since)
    return behind > 0n ? behind : 0n
  }

  get serverNow(): number {
    return this.#stream.serverNow
  }

  /** The slot keeps what was not read, however long. */
  get keptSeconds(): null {
    return null
  }

  get isInside(): boolean {
    return this.#pieces.isInside
  }

  close(): void {
    this.proceed()
    this.#stream.close()
    this.#heartbeat.close()
  }

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
        if (this.#open === null && this.#isReached(this.#idle)) return yield* this.#end()
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
    if (this.#pieces.isWaiting && this.#open === null) return this.#pieces.restMs
    return this.endAt === null ? WAIT_MS : 50
  }

  #isReached(lsn: bigint): boolean {
    return this.endAt !== null && lsn >= parseLsn(this.endAt.since)
  }

  #isOver(item: { readonly kind: string }): boolean {
    return item.kind === 'begin' && this.#isReached(this.#open!.commitLsn)
  }

  async *#end(): AsyncGenerator<LogEvent, void, undefined> {
    yield* this.#pieces.flush()
    yield { kind: 'end', at: { ...this.#pieces.cursor, since: this.endAt!.since } }
  }

  async *#pause(): AsyncGenerator<LogEvent, void, undefined> {
    if (this.#open !== null) return
    if (this.#pieces.isWaiting) yield* this.#pieces.linger()
    else if (this.#idle > 0n) {
      yield { kind: 'idle', lsn: padded(this.#idle) }
      this.#idle = 0n
    }
  }

  async *#message(message: LogMessage): AsyncGenerator<LogEvent, void, undefined> {
    switch (message.kind) {
      case 'begin': {
        const { commitLsn, at } = message
        const skipped = commitLsn < parseLsn(this.#pieces.cursor.since)
        this.#open = { commitLsn, at, skipped }
        if (!skipped) this.#pieces.begin(padded(commitLsn))
        return
      }
      case 'commit':
        return yield* this.#commit(message.endLsn)
      case 'relation':
        return yield* this.#relation(message)
      case 'truncate':
        if (this.#open!.skipped || !message.relations.some((id) => this.#shape.isOurs(id))) return
        return yield* this.#pieces.truncate(padded(this.#open!.commitLsn))
      case 'message':
        // Not inside of a transaction: ours are sent so.
        if (this.#open === null && message.lsn > this.#idle) this.#idle = message.lsn
        return
      case 'insert':
      case 'update':
      case 'delete': {
        const { open } = this.#pieces
        if (open === null || !this.#shape.isOurs(message.relation)) return
        this.#shape.take(message, open)
        return yield* this.#pieces.grown()
      }
      case 'other':
    }
  }

  async *#commit(endLsn: bigint): AsyncGenerator<LogEvent, void, undefined> {
    const { skipped, at } = this.#open!
    this.#open = null
    this.#idle = 0n
    if (skipped) return
    const isLetOut = yield* this.#pieces.commit({ since: padded(endLsn), at: instantOf(at), writer: '0' })
    if (!isLetOut && !this.#pieces.isWaiting) this.#idle = endLsn
  }

  async *#relation(message: Extract<LogMessage, { kind: 'relation' }>): AsyncGenerator<LogEvent, void, undefined> {
    const { table } = this.#read
    try {
      if (!this.#shape.describe(message, table, this.#options.slot.tableId)) return
      const types = await this.#heartbeat.typesOf(message.columns)
      await this.#options.onShape(message.columns.map(({ name }, i) => ({ name, canonicalType: types[i]! })))
    } catch (error) {
      // What was committed before the change is delivered in any case.
      yield* this.#pieces.flush()
      throw error
    }
  }
}
