import type { Duplex } from 'node:stream'
import type { RowChunk } from '@huitong/segment'
import type { Connection, Submittable } from 'pg'
import { ConnectorError } from '../errors.ts'

const HEADER_BYTES = 5
const COPY_DATA = 0x64 // 'd'
const COPY_OUT_RESPONSE = 0x48 // 'H'
const COPY_DONE = 0x63 // 'c'
const ERROR_RESPONSE = 0x45 // 'E'
const LF = 0x0a
/** Chunks that may wait for the reader before the socket is paused. */
const QUEUE_MAX = 1

type DataListener = (data: Buffer) => void

/** Settings of a {@link CopyOut}. */
export interface CopyOutOptions {
  readonly chunkBytes: number
  readonly rowBytesMax: number
  readonly stallTimeoutMs: number
}

/**
 * `COPY … TO STDOUT (FORMAT csv)` as chunks of whole rows. The server sends one CopyData message per row (protocol
 * documentation, "COPY-out"), so row bounds and counts come without looking at the data, and each row is copied once.
 * It has ended well only when the server sent CopyDone, then a command tag with the same number of rows, then
 * ReadyForQuery; a cut connection at any earlier byte is an error.
 */
export class CopyOut implements Submittable {
  readonly #sql: string
  readonly #options: CopyOutOptions
  readonly #queue: RowChunk[] = []
  #stream: Duplex | null = null
  #parserListeners: DataListener[] = []
  #header = Buffer.alloc(HEADER_BYTES)
  #headerBytes = 0
  #bodyLeft = 0
  #other: Buffer[] = []
  #out: Buffer
  /** Memory of chunks that were given back: taking it again spares the collector a mark of the whole heap for each few. */
  readonly #free: Buffer[] = []
  #used = 0
  #outRows = 0
  #rows = 0n
  #copyDone = false
  #tagRows: bigint | null = null
  #ready = false
  #error: Error | null = null
  #wake: (() => void) | null = null
  #stall: NodeJS.Timeout | undefined

  constructor(sql: string, options: CopyOutOptions) {
    this.#sql = sql
    this.#options = options
    this.#out = Buffer.allocUnsafe(options.chunkBytes)
  }

  /** The next chunk, or null when the server has confirmed the end. @throws ConnectorError or the driver's error. */
  async next(): Promise<RowChunk | null> {
    for (;;) {
      const chunk = this.#queue.shift()
      if (chunk !== undefined) {
        if (this.#queue.length < QUEUE_MAX) this.#stream?.resume()
        return chunk
      }
      if (this.#error !== null) throw this.#error
      if (this.#ready) return this.#verified()
      await this.#wait()
    }
  }

  #verified(): null {
    if (!this.#copyDone || this.#tagRows === null)
      throw new ConnectorError('connection_lost', 'COPY ended without its tag')
    if (this.#tagRows !== this.#rows) {
      throw new ConnectorError('row_count_mismatch', `${this.#rows} rows arrived, the source sent ${this.#tagRows}`)
    }
    return null
  }

  async #wait(): Promise<void> {
    const { stallTimeoutMs } = this.#options
    await new Promise<void>((resolve) => {
      this.#wake = resolve
      this.#stall = setTimeout(() => {
        this.#fail(new ConnectorError('stalled', `no data for ${stallTimeoutMs} ms`))
        this.#stream?.destroy()
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

  #fail(error: Error): void {
    this.#error ??= error
    this.#signal()
  }

  // Called by the driver.

  submit = (connection: Connection): void => {
    this.#stream = connection.stream
    this.#parserListeners = connection.stream.listeners('data') as DataListener[]
    connection.stream.removeAllListeners('data')
    connection.stream.on('data', this.#onData)
    connection.query(this.#sql)
  }

  handleError(error: Error): void {
    this.#giveBack()
    this.#fail(error)
  }

  handleCommandComplete(message: { text: string }): void {
    const rows = /^COPY (\d+)$/.exec(message.text)?.[1]
    this.#tagRows = rows === undefined ? null : BigInt(rows)
  }

  handleReadyForQuery(): void {
    this.#ready = true
    this.#signal()
  }

  #giveBack(): void {
    const stream = this.#stream
    if (stream === null || this.#parserListeners.length === 0) return
    stream.off('data', this.#onData)
    for (const listener of this.#parserListeners) stream.on('data', listener)
    this.#parserListeners = []
    stream.resume()
  }

  #onData = (data: Buffer): void => {
    // A slow source is not a dead one: a chunk may take as long as it likes while bytes come.
    this.#stall?.refresh()
    let at = 0
    while (at < data.length) {
      if (this.#headerBytes < HEADER_BYTES) {
        const take = Math.min(HEADER_BYTES - this.#headerBytes, data.length - at)
        data.copy(this.#header, this.#headerBytes, at, at + take)
        this.#headerBytes += take
        at += take
        if (this.#headerBytes < HEADER_BYTES) return
        const code = this.#header[0]!
        if (code === COPY_DONE || code === ERROR_RESPONSE) {
          this.#finish(code, data.subarray(at))
          return
        }
        this.#bodyLeft = this.#header.readUInt32BE(1) - 4
        if (code === COPY_DATA && !this.#makeRoom(this.#bodyLeft)) return
      }
      const take = Math.min(this.#bodyLeft, data.length - at)
      if (this.#header[0] === COPY_DATA) this.#used += data.copy(this.#out, this.#used, at, at + take)
      else if (take > 0) this.#other.push(Buffer.from(data.subarray(at, at + take)))
      at += take
      this.#bodyLeft -= take
      if (this.#bodyLeft > 0) return
      this.#headerBytes = 0
      if (!this.#endMessage()) return
    }
  }

  #endMessage(): boolean {
    const code = this.#header[0]
    if (code === COPY_DATA) {
      if (this.#out[this.#used - 1] !== LF) {
        this.#abort(new ConnectorError('database_error', 'a COPY message is not one whole row'))
        return false
      }
      this.#outRows++
      return true
    }
    const message = Buffer.concat([this.#header, ...this.#other])
    this.#other = []
    // Notices and changed parameters belong to the driver.
    if (code !== COPY_OUT_RESPONSE) for (const listener of this.#parserListeners) listener(message)
    return true
  }

  #makeRoom(rowBytes: number): boolean {
    if (rowBytes > this.#options.rowBytesMax) {
      this.#abort(new ConnectorError('row_too_large', `${rowBytes} bytes, limit ${this.#options.rowBytesMax}`))
      return false
    }
    if (this.#used + rowBytes <= this.#out.length) return true
    this.#flush()
    const { chunkBytes } = this.#options
    this.#out =
      (rowBytes <= chunkBytes ? this.#free.pop() : undefined) ?? Buffer.allocUnsafe(Math.max(chunkBytes, rowBytes))
    return true
  }

  #flush(): void {
    if (this.#outRows === 0) return
    const out = this.#out
    const done = out.length === this.#options.chunkBytes ? () => this.#free.push(out) : undefined
    this.#queue.push({ data: out.subarray(0, this.#used), rows: this.#outRows, ...(done && { done }) })
    this.#rows += BigInt(this.#outRows)
    this.#used = 0
    this.#outRows = 0
    if (this.#queue.length >= QUEUE_MAX) this.#stream?.pause()
    this.#signal()
  }

  #finish(code: number, rest: Buffer): void {
    const head = Buffer.from(this.#header)
    if (code === COPY_DONE) {
      this.#flush()
      this.#copyDone = true
    }
    const listeners = this.#parserListeners
    this.#giveBack()
    const handed = Buffer.concat([head, rest])
    for (const listener of listeners) listener(handed)
  }

  #abort(error: Error): void {
    this.#fail(error)
    this.#stream?.destroy()
  }
}
