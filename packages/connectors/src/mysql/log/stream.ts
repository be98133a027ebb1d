import { EventEmitter } from 'node:events'
import { createHash } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { ConnectorError } from '../../errors.ts'
import { Session } from '../connect.ts'
import type { MysqlSettings } from '../settings.ts'
import { BinlogFormatError } from './bytes.ts'
import { type BinlogEvent, EventReader } from './event.ts'
import { encodeGtidSet } from './gtid.ts'

export type Flavour = 'mariadb' | 'mysql'

const DUMP = 0x12
const DUMP_GTID = 0x1e
const BY_GTID = 0x04
const FILE_FROM = 4
/** The server says that it is there when it has nothing else to say; a line that is silent for longer is dead. */
const HEARTBEAT_MS = 5_000
const SILENCE_MS_MAX = 20_000
/** Bytes that may wait for the reader before the socket is paused, and below which it goes on. */
const WAITING_BYTES_MAX = 1024 * 1024
const WAITING_BYTES_LOW = 256 * 1024
/** Numbers of servers that people give are smaller. */
const SERVER_ID_FROM = 0x80000000
/** The server's errors that say that it cannot go on from this place. */
const GAP: ReadonlySet<number> = new Set([1236, 1945, 1946, 1947, 1955, 1789, 13114, 13115])

/** Of the driver, which has it and leaves it out of its types. */
interface DriverConnection {
  readonly stream: Duplex
  addCommand(command: unknown): void
  _resetSequenceId(): void
  writePacket(packet: Packet): void
  pause(): void
  resume(): void
}
interface Packet {
  readonly buffer: Buffer
  readonly _name: string
  length(): number
  writeHeader(sequenceId: number): void
}
interface Received {
  readonly buffer: Buffer
  readonly offset: number
  readonly end: number
  isEOF(): boolean
  isError(): boolean
  asError(encoding: string): Error
}

/** Where a stream begins. */
export interface StreamOptions {
  readonly flavour: Flavour
  /** In the server's own words. */
  readonly place: string
  /** By this the server tells its readers apart: a second one with the same ends the first. */
  readonly reader: string
}

/**
 * The server's log over the driver's own connection, as a replica reads it. When more than some megabytes wait, the socket
 * is paused.
 */
export class BinlogStream {
  readonly #session: Session
  readonly #options: StreamOptions
  readonly #events = new EventReader()
  #items: BinlogEvent[] = []
  #bytes = 0
  #paused = false
  #error: Error | null = null
  #wake: (() => void) | null = null
  #heard = performance.now()
  #timer: NodeJS.Timeout | undefined

  private constructor(session: Session, options: StreamOptions) {
    this.#session = session
    this.#options = options
  }

  /** Connects and asks for the log; what the server says against it comes with the first {@link take}. @throws ConnectorError. */
  static async open(settings: MysqlSettings, options: StreamOptions): Promise<BinlogStream> {
    const session = await Session.open(settings, 'source')
    try {
      for (const sql of preparation(options)) await session.run(sql)
      const stream = new BinlogStream(session, options)
      stream.#start()
      return stream
    } catch (error) {
      session.close()
      throw error
    }
  }

  /** What has come since the last call; waits up to `waitMs` for something. @throws ConnectorError or the driver's error. */
  async take(waitMs: number): Promise<BinlogEvent[]> {
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
    this.#heard = performance.now()
    this.#driver.resume()
  }

  /** Ends the connection at once. */
  close(): void {
    this.#fail(new ConnectorError('connection_lost', 'the log stream was closed'))
    this.#session.close()
  }

  get #driver(): DriverConnection {
    return this.#session.connection as unknown as DriverConnection
  }

  #start(): void {
    const connection = this.#session.connection
    connection.on('error', (error: Error) => this.#fail(error))
    connection.on('end', () => this.#fail(new ConnectorError('connection_lost', 'the server ended the log stream')))
    this.#driver.stream.on('close', () => this.#fail(new ConnectorError('connection_lost', 'the line was closed')))
    this.#driver.stream.on('data', () => {
      this.#heard = performance.now()
    })
    const command = new DumpCommand(request(this.#options), this)
    this.#driver.addCommand(command)
    this.#timer = setInterval(() => this.#listen(), HEARTBEAT_MS)
    this.#timer.unref()
  }

  /** Called by the command. */
  received(packet: Buffer): void {
    try {
      // The first byte says that it is an event.
      this.#items.push(this.#events.read(packet.subarray(1)))
    } catch (error) {
      this.failed(new ConnectorError('database_error', (error as Error).message))
      this.#session.close()
      return
    }
    this.#bytes += packet.length
    if (!this.#paused && this.#bytes > WAITING_BYTES_MAX) {
      this.#paused = true
      this.#driver.pause()
    }
    this.#signal()
  }

  /** Called by the command. */
  failed(error: Error): void {
    this.#fail(error)
  }

  #listen(): void {
    if (this.#paused || performance.now() - this.#heard < SILENCE_MS_MAX) return
    this.#fail(new ConnectorError('connection_lost', `the log stream was silent for ${SILENCE_MS_MAX} ms`))
    this.#session.close()
  }

  #fail(error: Error): void {
    clearInterval(this.#timer)
    const errno = 'errno' in error ? Number(error.errno) : 0
    this.#error ??= GAP.has(errno) ? gapOf(error) : error
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

/** The same number also means: another reader took this one's place, which is no gap. */
function gapOf(error: Error): ConnectorError {
  if (/same server_(uuid|id)/i.test(error.message)) return new ConnectorError('connection_lost', error.message)
  return new ConnectorError('log_gap', error.message)
}

function preparation({ flavour, place }: StreamOptions): string[] {
  const both = [
    'SET @master_binlog_checksum = @@global.binlog_checksum',
    `SET @master_heartbeat_period = ${HEARTBEAT_MS * 1_000_000}`,
  ]
  if (flavour === 'mysql') return both
  if (!/^[0-9,-]*$/.test(place)) throw new BinlogFormatError('not a GTID position')
  // Of the kind of a replica that knows GTID; a place that the log does not hold is an error and no guess.
  return [
    ...both,
    'SET @mariadb_slave_capability = 4',
    `SET @slave_connect_state = '${place}'`,
    'SET @slave_gtid_strict_mode = 1',
    'SET @slave_gtid_ignore_duplicates = 0',
  ]
}

/** The same for the same reader, so that one that was left behind is ended by its successor. */
const serverIdOf = (reader: string): number =>
  (createHash('sha256').update(reader).digest().readUInt32LE(0) | SERVER_ID_FROM) >>> 0

function request({ flavour, place, reader }: StreamOptions): Buffer {
  const serverId = serverIdOf(reader)
  if (flavour === 'mariadb') {
    const body = Buffer.alloc(11)
    body[0] = DUMP
    body.writeUInt32LE(FILE_FROM, 1)
    body.writeUInt32LE(serverId, 7)
    return body
  }
  const set = encodeGtidSet(place)
  const body = Buffer.alloc(23)
  body[0] = DUMP_GTID
  body.writeUInt16LE(BY_GTID, 1)
  body.writeUInt32LE(serverId, 3)
  body.writeBigUInt64LE(BigInt(FILE_FROM), 11)
  body.writeUInt32LE(set.length, 19)
  return Buffer.concat([body, set])
}

/** A command of the driver: it sends the request, and hands on whatever comes. */
class DumpCommand extends EventEmitter {
  readonly #body: Buffer
  readonly #stream: BinlogStream
  #begun = false

  constructor(body: Buffer, stream: BinlogStream) {
    super()
    this.#body = body
    this.#stream = stream
  }

  // Called by the driver; true when it is over.
  execute(packet: Received | undefined, connection: DriverConnection): boolean {
    if (!this.#begun) {
      this.#begun = true
      connection._resetSequenceId()
      connection.writePacket(packetOf(this.#body))
      return false
    }
    if (packet === undefined) return false
    if (packet.isError()) {
      this.#stream.failed(packet.asError('utf8'))
      return true
    }
    if (packet.isEOF()) {
      this.#stream.failed(new ConnectorError('connection_lost', 'the server ended the log stream'))
      return true
    }
    this.#stream.received(packet.buffer.subarray(packet.offset, packet.end))
    return false
  }

  // Called by the driver when the connection is lost.
  onResult = (error: Error): void => this.#stream.failed(error)
}

function packetOf(body: Buffer): Packet {
  const buffer = Buffer.concat([Buffer.alloc(4), body])
  return {
    buffer,
    _name: 'BinlogDump',
    length: () => buffer.length,
    writeHeader(sequenceId) {
      buffer.writeUIntLE(body.length, 0, 3)
      buffer[3] = sequenceId
    },
  }
}
