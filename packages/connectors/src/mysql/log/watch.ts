import { Session } from '../connect.ts'
import type { MysqlSettings } from '../settings.ts'
import { endOfLog } from './requirements.ts'

const LOOK_MS = 10_000
const PLACES_MAX = 2_000

interface Place {
  readonly since: string
  readonly bytes: bigint
}

/** Beside the stream: how much of the server's log lies behind a position. */
export class LogWatch {
  readonly #settings: MysqlSettings
  #session: Session | null = null
  #next = 0
  #closed = false
  /** Bytes of all files before each. */
  #before = new Map<string, bigint>()
  #end = 0n
  #file = ''
  #places: Place[] = []

  constructor(settings: MysqlSettings) {
    this.#settings = settings
  }

  /** Looks when it is time. A source that is away passes: the stream itself will say so. */
  async look(): Promise<void> {
    const now = performance.now()
    if (now < this.#next) return
    this.#next = now + LOOK_MS
    try {
      this.#session ??= await Session.open(this.#settings, 'source')
      const end = await endOfLog(this.#session)
      const files = await this.#session.rows('SHOW BINARY LOGS')
      let bytes = 0n
      const before = new Map<string, bigint>()
      for (const row of files) {
        before.set(row['Log_name']!, bytes)
        bytes += BigInt(row['File_size']!)
      }
      this.#before = before
      this.#end = (before.get(end.file) ?? 0n) + end.bytes
    } catch {
      this.#session?.close()
      this.#session = null
    }
    if (this.#closed) this.close()
  }

  /** The stream goes on in another file. */
  turn(file: string): void {
    this.#file = file
  }

  /** The stream has come to a position. @param next where the file goes on. */
  reached(since: string, next: number): void {
    const before = this.#before.get(this.#file)
    if (before === undefined || next === 0) return
    this.#places.push({ since, bytes: before + BigInt(next) })
    if (this.#places.length > PLACES_MAX) this.#places = this.#places.filter((_place, i) => i % 2 === 1)
  }

  /** Bytes behind a position, 0 as long as nothing is known. */
  lag(since: string): bigint {
    const place = this.#places.findLast((one) => one.since <= since) ?? this.#places[0]
    if (place === undefined || this.#end <= place.bytes) return 0n
    return this.#end - place.bytes
  }

  close(): void {
    this.#closed = true
    this.#session?.close()
    this.#session = null
  }
}
