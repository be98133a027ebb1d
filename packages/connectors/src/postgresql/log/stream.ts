import type { Duplex } from 'node:stream'
import type { Client, Connection, Submittable } from 'pg'
import { ConnectorError } from '../../errors.ts'
import { formatLsn, protocolTime } from './lsn.ts'
import { decodeMessage, type LogMessage } from './pgoutput.ts'

const XLOG_DATA = 0x77 // 'w'
const KEEPALIVE = 0x6b // 'k'
const STANDBY_STATUS = 0x72 // 'r'
const DATA_HEAD_BYTES = 25
/** Bytes that may wait for the reader before the socket is paused, and below which it goes on. */
const WAITING_BYTES_MAX = 1024 * 1024
const WAITING_BYTES_LOW = 256 * 1024
/** Well below the server's `wal_sender_timeout` (60 s), however busy or paused we are. */
const STATUS_INTERVAL_MS = 5_000

// A method that the driver has and its types leave out.
interface CopyBothConnection {
  readonly stream: Duplex
  sendCopyFromChunk(chunk: Buffer): void
}

/** What comes down the log: decoded messages, and the server's word on how far it has looked. */
export type LogItem = LogMessage | { readonly kind: 'keepalive'; readonly end: bigint }

/**
 * `START_REPLICATION` over the driver's own connection. It tells the server only what {@link confirm} was told: neither a
 * received nor a decoded change is ever confirmed by itself. When more than some megabytes wait, the socket is paused.
 */
export class LogStream implements Submittable {
  readonly #sql: string
  readonly #client: Client
  #connection: CopyBothConnection | null = null
  #items: LogItem[] = []
  #bytes = 0
  #paused = false
  #confirmed: bigint
  #received = 0n
  #walEnd = 0n
  #clockAheadMs = 0
  #error: Error | null = null
  #wake: (() => void) | null = null
  #timer: NodeJS.Timeout | undefined

  constructor(client: Client, options: { slot: string; publication: string; from: bigint }) {
    const { slot, publication, from } = options
    this.#client = client
    this.#confirmed = from
    const quoted = `"${publication.replaceAll('"', '""')}"`.replaceAll("'", "''")
    this.#sql = `START_REPLICATION SLOT "${slot}" LOGICAL ${formatLsn(from)} (proto_version '1', publication_names '${quoted}', messages 'true')`
  }

  /** Begins; errors come with the first {@link take}. */
  start(): void {
    this.#client.query(this)
    this.#client.once('end', () => this.#fail(new ConnectorError('connection_lost', 'the log stream ended')))
    this.#timer = setInterval(() => this.#status(), STATUS_INTERVAL_MS)
    this.#timer.unref()
  }

  /** The end of the server's log as it said last. */
  get walEnd(): bigint {
    return this.#walEnd
  }

  /** The server's clock now, milliseconds since 1970, by what it said last. */
  get serverNow(): number {
    return Date.now() + this.#clockAheadMs
  }

  /** What has come since the last call; waits up to `waitMs` for something. @throws ConnectorError or the driver's error. */
  async take(waitMs: number): Promise<LogItem[]> {
    if (this.#items.length === 0 && this.#error === null) await this.#wait(waitMs)
    // What came before the line broke is whole and is given first.
    if (this.#items.length === 0 && this.#error !== null) throw this.#error
    const items = this.#items
    this.#items = []
    this.#bytes = 0
    return items
  }

  /** To be called when what was taken is dealt with: the socket goes on. */
  goOn(): void {
    if (!this.#paused || this.#bytes > WAITING_BYTES_LOW) return
    this.#paused = false
    this.#connection?.stream.resume()
  }

  /** Tells the server up to where everything is committed where it belongs: it may drop the log before it. */
  confirm(lsn: bigint): void {
    if (lsn <= this.#confirmed) return
    this.#confirmed = lsn
    this.#status()
  }

  /** The position that the server was told last. */
  get confirmed(): bigint {
    return this.#confirmed
  }

  /** Ends the stream at once. */
  close(): void {
    clearInterval(this.#timer)
    this.#connection?.stream.destroy()
    this.#client.end().catch(() => undefined)
  }

  // Called by the driver.

  submit = (connection: Connection): void => {
    this.#connection = connection as unknown as CopyBothConnection
    connection.query(this.#sql)
  }

  handleCopyData(message: { chunk: Buffer }): void {
    try {
      this.#item(message.chunk)
    } catch (error) {
      this.#fail(error as Error)
      this.#connection?.stream.destroy()
    }
  }

  handleCommandComplete(): void {
    this.#fail(new ConnectorError('connection_lost', 'the server ended the log stream'))
  }

  handleReadyForQuery(): void {
    this.#fail(new ConnectorError('connection_lost', 'the server ended the log stream'))
  }

  handleError(error: Error): void {
    this.#fail(error)
  }

  #item(chunk: Buffer): void {
    const kind = chunk[0]
    if (kind === XLOG_DATA) {
      const start = chunk.readBigInt64BE(1)
      this.#seen(start > this.#received ? start : this.#received, chunk.readBigInt64BE(9), chunk.readBigInt64BE(17))
      this.#items.push(decodeMessage(chunk.subarray(DATA_HEAD_BYTES)))
    } else if (kind === KEEPALIVE) {
      const end = chunk.readBigInt64BE(1)
      this.#seen(end, end, chunk.readBigInt64BE(9))
      this.#items.push({ kind: 'keepalive', end })
      if (chunk[17] === 1) this.#status()
    } else throw new ConnectorError('database_error', `replication message ${kind}`)
    this.#bytes += chunk.length
    if (!this.#paused && this.#bytes > WAITING_BYTES_MAX) {
      this.#paused = true
      this.#connection?.stream.pause()
    }
    this.#signal()
  }

  #seen(received: bigint, walEnd: bigint, at: bigint): void {
    this.#received = received
    if (walEnd > this.#walEnd) this.#walEnd = walEnd
    this.#clockAheadMs = Number((at - protocolTime(Date.now())) / 1000n)
  }

  #status(): void {
    if (this.#connection === null || this.#error !== null) return
    const message = Buffer.alloc(34)
    message[0] = STANDBY_STATUS
    // Written, flushed and applied alike: nothing counts here but what the receiving database has committed.
    for (const at of [1, 9, 17]) message.writeBigInt64BE(this.#confirmed, at)
    message.writeBigInt64BE(protocolTime(Date.now()), 25)
    this.#connection.sendCopyFromChunk(message)
  }

  #fail(error: Error): void {
    clearInterval(this.#timer)
    this.#error ??= error
    this.#signal()
  }

  #signal(): void {
    const wake = this.#wake
    this.#wake = null
    wake?.()
  }

  async #wait(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    await new Promise<void>((resolve) => {
      this.#wake = resolve
      timer = setTimeout(resolve, ms)
    })
    clearTimeout(timer)
    this.#wake = null
  }
}
