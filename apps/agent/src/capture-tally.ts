import type { LogPiece, LogReader } from '@huitong/connectors'
import type { CaptureInput, CaptureProgress } from '@huitong/contract/work'

type Cursor = CaptureInput['from']
type State = CaptureProgress['state']

/** Sealed segments, and their bytes, that may be on their way to the receiving table before reading waits. */
const WAY_SEGMENTS_MAX = 512
const WAY_BYTES_MAX = 1024 * 1024 * 1024
/** Waiting that is worth telling. */
const TOLD_AFTER_MS = 1_000

interface OnTheWay {
  readonly sequence: number
  readonly to: Cursor
  readonly bytes: number
}

/** How far a stream of the log has come: sealed, sent, and committed in the receiving table. */
export class CaptureTally {
  #way: OnTheWay[] = []
  #bytes = 0
  #sealed: Cursor
  #committed: Cursor
  #idle = ''
  #busy = false
  #changes = 0n
  #transactions = 0n
  #rows = 0n
  #segments = 0
  #state: State = 'reading'
  #lagBytes = 0n
  #changed = Promise.withResolvers<void>()

  constructor(from: Cursor) {
    this.#sealed = from
    this.#committed = from
  }

  get rows(): bigint {
    return this.#rows
  }

  /** Everything that was sealed is committed in the receiving table. */
  get isSettled(): boolean {
    return this.#way.length === 0 && !this.#busy
  }

  /** Up to where the source may forget its log: what is committed, or further while nothing is on its way. */
  get confirmable(): string {
    return this.isSettled && this.#idle > this.#committed.since ? this.#idle : this.#committed.since
  }

  away(isAway: boolean): void {
    this.#state = isAway ? 'source_away' : 'reading'
  }

  /** The log holds nothing of ours up to a position. */
  idle(lsn: string): void {
    if (this.isSettled) this.#idle = lsn
  }

  /** A piece was read and is not sealed yet. */
  sealing(piece: LogPiece, rows: bigint): void {
    this.#busy = true
    this.#changes += BigInt(piece.changes)
    this.#transactions += BigInt(piece.transactions)
    this.#rows += rows
  }

  sealed(sequence: number, to: Cursor, bytes: number): void {
    this.#way.push({ sequence, to, bytes })
    this.#bytes += bytes
    this.#sealed = to
    this.#segments++
    this.#busy = false
  }

  /** The receiving table has committed everything up to a segment. */
  applied(sequence: number): void {
    while (this.#way.length > 0 && this.#way[0]!.sequence <= sequence) {
      const { to, bytes } = this.#way.shift()!
      this.#committed = to
      this.#bytes -= bytes
    }
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }

  /** Waits until few enough segments are on their way. */
  async room(signal: AbortSignal): Promise<void> {
    const stop = Promise.withResolvers<void>()
    const abort = () => stop.resolve()
    signal.addEventListener('abort', abort, { once: true })
    try {
      while (this.#way.length >= WAY_SEGMENTS_MAX || this.#bytes >= WAY_BYTES_MAX) {
        await Promise.race([this.#changed.promise, stop.promise])
        signal.throwIfAborted()
      }
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  /** Tells a state while something takes long. */
  async while<T>(state: State, work: Promise<T>): Promise<T> {
    const timer = setTimeout(() => {
      this.#state = state
    }, TOLD_AFTER_MS)
    try {
      return await work
    } finally {
      clearTimeout(timer)
      if (this.#state === state) this.#state = 'reading'
    }
  }

  /** What the platform is told. */
  report(confirmed: string, reader: LogReader | null): CaptureProgress {
    // While the source is away, what was known of it last.
    if (reader !== null) this.#lagBytes = reader.lagBytes(confirmed)
    const oldest = this.#way[0]?.to.at
    const now = reader?.serverNow ?? Date.now()
    const lagSeconds = oldest === undefined ? 0 : Math.max(0, (now - Date.parse(oldest)) / 1000)
    return {
      state: this.#state,
      sealed: this.#sealed.since,
      confirmed,
      lagBytes: this.#lagBytes.toString(),
      lagSeconds: Math.round(lagSeconds * 1000) / 1000,
      changes: this.#changes.toString(),
      transactions: this.#transactions.toString(),
      segments: this.#segments,
      at: new Date().toISOString(),
    }
  }
}
