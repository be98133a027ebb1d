import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import type { Client, Connection, Submittable } from 'pg'

const COPY_DATA = 0x64 // 'd'
const FRAME_BYTES_MAX = 1024 * 1024

// Methods that the driver has and its types leave out.
interface CopyConnection {
  readonly stream: Duplex
  endCopyFrom(): void
  sendCopyFail(message: string): void
}

/**
 * `COPY … FROM STDIN` of whole CSV text. Resolves with the number of rows that the server took, still inside the
 * caller's transaction. A broken connection or a server error rejects; it never hangs on a socket that does not drain.
 */
export function copyIn(client: Client, sql: string, data: Uint8Array): Promise<bigint> {
  return new Promise((resolve, reject) => {
    client.query(new CopyIn(sql, data, resolve, reject))
  })
}

class CopyIn implements Submittable {
  readonly #sql: string
  readonly #data: Uint8Array
  readonly #resolve: (rows: bigint) => void
  readonly #reject: (error: Error) => void
  #rows: bigint | null = null
  #over = false

  constructor(sql: string, data: Uint8Array, resolve: (rows: bigint) => void, reject: (error: Error) => void) {
    this.#sql = sql
    this.#data = data
    this.#resolve = resolve
    this.#reject = reject
  }

  submit = (connection: Connection): void => connection.query(this.#sql)

  handleCopyInResponse(connection: Connection): void {
    const target = connection as unknown as CopyConnection
    this.#send(target).catch((error: unknown) => {
      if (!this.#over) target.sendCopyFail(error instanceof Error ? error.message : 'sending failed')
    })
  }

  handleCommandComplete(message: { text: string }): void {
    const rows = /^COPY (\d+)$/.exec(message.text)?.[1]
    this.#rows = rows === undefined ? null : BigInt(rows)
  }

  handleReadyForQuery(): void {
    this.#over = true
    if (this.#rows === null) this.#reject(new Error('COPY ended without its tag'))
    else this.#resolve(this.#rows)
  }

  handleError(error: Error): void {
    this.#over = true
    this.#reject(error)
  }

  async #send(connection: CopyConnection): Promise<void> {
    const { stream } = connection
    for (let at = 0; at < this.#data.length && !this.#over; at += FRAME_BYTES_MAX) {
      const piece = this.#data.subarray(at, at + FRAME_BYTES_MAX)
      const header = Buffer.alloc(5)
      header[0] = COPY_DATA
      header.writeUInt32BE(piece.length + 4, 1)
      stream.write(header)
      if (!stream.write(piece)) await drained(stream)
    }
    if (!this.#over) connection.endCopyFrom()
  }
}

async function drained(stream: Duplex): Promise<void> {
  const stop = new AbortController()
  try {
    await Promise.race([once(stream, 'drain', { signal: stop.signal }), once(stream, 'close', { signal: stop.signal })])
  } finally {
    stop.abort()
  }
}
