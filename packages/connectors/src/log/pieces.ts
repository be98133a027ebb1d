import type { Cursor, TableName } from '../connector.ts'
import { ConnectorError } from '../errors.ts'
import type { Fold } from './fold.ts'
import type { LogPiece, LogReaderOptions } from './types.ts'

const PIECE_BYTES_MAX = 4 * 1024 * 1024
const LINGER_MS = 200

interface Transaction {
  /** Where its commit lies, padded: the position passes it with its end only. */
  readonly within: string
  fold: Fold
  /** A part of it was given already. */
  opened: boolean
  truncates: boolean
}

type Options = Pick<LogReaderOptions, 'from' | 'cuts' | 'approved' | 'pieceBytesMax' | 'lingerMs'>

/** Makes pieces of whole transactions, in their order; a transaction that is larger than a piece comes in several. */
export class LogPieces {
  readonly #empty: () => Fold
  readonly #table: TableName
  readonly #approved: readonly string[]
  readonly #bytesMax: number
  readonly #lingerMs: number
  readonly #cuts: string[]
  #cursor: Cursor
  #piece: Fold
  #transactions = 0
  #since = 0
  #to: Cursor
  #open: Transaction | null = null

  /** @param empty makes an empty fold of rows. */
  constructor(empty: () => Fold, table: TableName, options: Options) {
    this.#empty = empty
    this.#table = table
    this.#approved = options.approved
    this.#bytesMax = options.pieceBytesMax ?? PIECE_BYTES_MAX
    this.#lingerMs = options.lingerMs ?? LINGER_MS
    this.#cursor = options.from
    this.#to = options.from
    this.#cuts = [...(options.cuts ?? [])].sort().reverse()
    this.#piece = empty()
  }

  /** The position after what was given last. */
  get cursor(): Cursor {
    return this.#cursor
  }

  /** What is gathered of the transaction that goes on, null between two. */
  get open(): Fold | null {
    return this.#open?.fold ?? null
  }

  /** Whether whole transactions wait to be given. */
  get isWaiting(): boolean {
    return this.#piece.rows > 0
  }

  /** Whether a part of a transaction was given, and not yet the rest. */
  get isInside(): boolean {
    return this.#open?.opened === true
  }

  /** How long what waits may wait for more to travel with. */
  get restMs(): number {
    return Math.max(1, this.#since + this.#lingerMs - performance.now())
  }

  /** A transaction begins whose commit lies at a padded position. */
  begin(within: string): void {
    this.#open = { within, fold: this.#empty(), opened: false, truncates: false }
  }

  /** What to give after a change: a part of a transaction that is too large for one piece. What came before it goes first. */
  *grown(): Generator<LogPiece, void, undefined> {
    const open = this.#open!
    if (open.fold.bytes < this.#bytesMax) return
    yield* this.flush()
    open.opened = true
    const { fold, truncates } = open
    open.fold = this.#empty()
    open.truncates = false
    const from = this.#cursor
    yield this.#cut(fold, { ...from, within: open.within }, 0, truncates)
    this.#cursor = from
  }

  /** The transaction ends, after which the log stands at `to`. Answers whether anything of it was let out. */
  *commit(to: Cursor): Generator<LogPiece, boolean, undefined> {
    const open = this.#open!
    this.#open = null
    if (open.opened || open.truncates) {
      // What is left of it goes by itself: only with this piece does the position move.
      yield this.#cut(open.fold, to, 1, open.truncates)
      this.#to = to
      return true
    }
    const isFull = this.#piece.bytes + open.fold.bytes > this.#bytesMax
    if (this.isWaiting && (isFull || this.#isCut(to.since))) yield* this.flush()
    if (open.fold.rows === 0) return false
    if (!this.isWaiting) {
      this.#since = performance.now()
      this.#piece = open.fold
    } else this.#piece.append(open.fold)
    this.#transactions++
    this.#to = to
    yield* this.linger()
    return true
  }

  /** The transaction was taken back. */
  leave(): void {
    this.#open = null
  }

  /** The table is emptied within the transaction. @throws ConnectorError `log_truncated` while nobody has approved it. */
  *truncate(at: string): Generator<LogPiece, void, undefined> {
    yield* this.flush()
    if (!this.#approved.includes(at)) {
      throw new ConnectorError('log_truncated', at, { place: { table: this.#table.name } })
    }
    const open = this.#open!
    open.fold.clear()
    open.truncates = true
  }

  /** Gives what waits when it has waited long enough. */
  *linger(): Generator<LogPiece, void, undefined> {
    if (performance.now() >= this.#since + this.#lingerMs) yield* this.flush()
  }

  /** Gives what waits. */
  *flush(): Generator<LogPiece, void, undefined> {
    if (!this.isWaiting) return
    const piece = this.#cut(this.#piece, this.#to, this.#transactions, false)
    this.#piece = this.#empty()
    this.#transactions = 0
    yield piece
  }

  /** A piece without rows, which moves the position only; nothing waits before it. */
  move(to: Cursor): LogPiece {
    this.#to = to
    return this.#cut(this.#empty(), to, 0, false)
  }

  /** Whether a place where pieces must end lies between what the piece holds and this commit. */
  #isCut(to: string): boolean {
    const cuts = this.#cuts
    while (cuts.length > 0 && cuts.at(-1)! < this.#to.since) cuts.pop()
    return cuts.length > 0 && cuts.at(-1)! < to
  }

  #cut(fold: Fold, to: Cursor, transactions: number, truncates: boolean): LogPiece {
    const { rows, changes } = fold
    const from = this.#cursor
    this.#cursor = to
    return { kind: 'piece', data: fold.toCsv(), rows, changes, transactions, truncates, from, to }
  }
}
