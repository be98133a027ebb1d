import { randomBytes, randomUUID } from 'node:crypto'
import { countOperations, LOG_COLUMNS, sha256Hex } from '@huitong/segment'
import type { Cursor } from '../connector.ts'
import type { Database, TargetTable } from '../database.ts'
import { mysql } from '../mysql/connector.ts'
import type { MysqlSettings } from '../mysql/settings.ts'
import { postgresql } from '../postgresql/connector.ts'
import type { PostgresqlSettings } from '../postgresql/settings.ts'
import type {
  LogEvent,
  LogLoader,
  LogPiece,
  LogRead,
  LogReader,
  LogReaderOptions,
  LogSegment,
  LogPlace,
  LogSlot,
} from '../log/types.ts'

/** One end of a test. */
export interface LoggedEnd {
  readonly database: Database
  readonly schema: string
}

/** A PostgreSQL as an end. */
export const postgresqlEnd = (settings: PostgresqlSettings): LoggedEnd => ({
  database: postgresql.open(settings),
  schema: 'public',
})
/** A MariaDB as an end. */
export const mysqlEnd = (settings: MysqlSettings): LoggedEnd => ({
  database: mysql.open(settings),
  schema: settings.database,
})

/** What of a table is followed in a test, besides the columns. */
export interface LoggedOptions {
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly key: readonly string[]
  readonly filter?: LogRead['filter']
  readonly filterFields?: readonly string[]
  /** The same filter for the copy. */
  readonly where?: string | null
  readonly pieceBytesMax?: number
  readonly lingerMs?: number
  /** Pieces that are committed together. Default 1. */
  readonly together?: number
}

/** One table that is followed by the log into another, without agents or segments on the way. */
export class Logged {
  readonly channel = randomUUID()
  readonly stream = randomUUID()
  readonly target: TargetTable
  readonly read: LogRead
  slot!: LogSlot
  generation = 0
  sequence = 0
  confirmed = ''
  approved: string[] = []
  /** Pieces as they were read, for tests that look at them. */
  readonly pieces: LogPiece[] = []
  readonly #source: LoggedEnd
  readonly #to: LoggedEnd
  readonly #options: LoggedOptions
  #waiting = 0
  /** Told after each commit in the receiving table. */
  onCommit: () => Promise<void> = async () => undefined

  constructor(source: LoggedEnd, to: LoggedEnd, table: string, options: LoggedOptions) {
    this.#source = source
    this.#to = to
    this.#options = options
    const { columns, key, filter, filterFields = [] } = options
    const nullable = columns.map((column) => ({ ...column, nullable: true }))
    this.target = { schema: to.schema, name: `${table}_received`, columns: nullable, key }
    const fields = columns.map(({ name, type }) => ({ field: name, as: name, type }))
    const read = { table: { schema: source.schema, name: table }, fields, key, filterFields }
    this.read = filter === undefined ? read : { ...read, filter }
  }

  /** Makes the slot and copies its snapshot. */
  async copy(): Promise<void> {
    const { channel, target, read } = this
    const tag = randomBytes(3).toString('hex')
    const { database } = this.#source
    const made = await database.log!.createSlot({ channel, tag, table: read.table })
    this.slot = made.slot
    this.confirmed = made.slot.start
    const to = this.#to.database
    await to.ensureTable(target)
    const { fence, generation } = await to.claimChannel(channel, target)
    const loader = await to.openFullCopy({ channel, table: target, fence })
    try {
      const select = target.columns.map(({ name, type }) => ({
        expression: database.sql.column(name, type, null),
        as: name,
        type,
      }))
      const where = this.#options.where ?? null
      const stream = await database.readRows({ table: read.table, select, where, snapshot: made.snapshot })
      made.close()
      const parts: Uint8Array[] = []
      for await (const { data } of stream) parts.push(Uint8Array.from(data))
      const { columns } = stream
      const { start, place } = made.slot
      const cursor = JSON.stringify({ since: start, at: '', writer: '0', ...(place === undefined ? {} : { place }) })
      const load = { generation: generation + 1, sequence: 1, final: true, columns, plain: Buffer.concat(parts) }
      await loader.apply({ ...load, rows: stream.rows.toString(), cursor })
    } finally {
      await loader.close()
    }
  }

  /** Opens a loader that stands where the receiving table stands. */
  async loader(to = this.#to): Promise<LogLoader> {
    const { channel, position } = await to.database.claimTable(this.target)
    return to.database.log!.openTarget({
      channel,
      stream: this.stream,
      table: this.target,
      fence: position.fence,
      rebase: null,
    })
  }

  /** Where the receiving table stands. */
  async position(): Promise<Cursor> {
    const { position } = await this.#to.database.claimTable(this.target)
    return JSON.parse(position.cursor!) as Cursor
  }

  async open(signal: AbortSignal, over: Partial<LogReaderOptions> = {}, source = this.#source): Promise<LogReader> {
    const { pieceBytesMax, lingerMs = 5 } = this.#options
    return source.database.log!.openReader(this.read, {
      slot: this.slot,
      from: await this.position(),
      confirmedMax: this.confirmed,
      approved: this.approved,
      onShape: async () => undefined,
      lingerMs,
      ...(pieceBytesMax === undefined ? {} : { pieceBytesMax }),
      signal,
      ...over,
    })
  }

  /** A piece as the segment that it travels in. */
  segment(piece: LogPiece, final = false): LogSegment {
    const { from, to, data, truncates } = piece
    countOperations(data)
    return {
      generation: this.generation,
      sequence: ++this.sequence,
      final,
      columns: [...LOG_COLUMNS, ...this.#options.columns],
      rows: String(piece.rows),
      plain: data,
      plainDigest: sha256Hex(data),
      from,
      to,
      truncates,
    }
  }

  /** Follows until everything that was committed before now is there: a generation of its own each time. */
  async followTo(
    endAt: LogPlace,
    over: Partial<LogReaderOptions> = {},
    source = this.#source,
    to = this.#to,
  ): Promise<void> {
    this.generation++
    this.sequence = 0
    const stop = new AbortController()
    const reader = await this.open(stop.signal, over, source)
    const loader = await this.loader(to)
    reader.endAt = endAt
    try {
      for await (const event of reader.events()) await this.#apply(event, loader, reader)
      if (loader.isOpen) await loader.commit()
    } finally {
      reader.close()
      await loader.close()
    }
  }

  async #apply(event: LogEvent, loader: LogLoader, reader: LogReader): Promise<void> {
    if (event.kind !== 'piece') return
    this.pieces.push(event)
    await loader.merge(this.segment(event))
    if (loader.isInside || ++this.#waiting < (this.#options.together ?? 1)) return
    this.#waiting = 0
    await loader.commit()
    if (event.to.since > this.confirmed) this.confirmed = event.to.since
    reader.confirm(event.to.since)
    await this.onCommit()
  }
}
