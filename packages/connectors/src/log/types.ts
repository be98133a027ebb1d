import type { Column } from '@huitong/segment'
import type { Cursor, FieldRead, TableName } from '../connector.ts'
import type { ChangeOptions, Position } from '../database.ts'

/** A field of a row: text, null for NULL, undefined for a value that did not change and is not in the log. */
export type LogValue = string | null | undefined
/** A row in the order of its table's columns, as the log describes them. */
export type LogTuple = readonly LogValue[]

/** A position of a log: `since` sorts as text, within one history; `place` is what the source needs besides to find it. */
export interface LogPlace {
  readonly since: string
  readonly place?: string
}

/** Where and as what a channel's log was begun: all that must be the same for it to go on. */
export interface LogSlot {
  readonly slot: string
  readonly publication: string
  /** The source, and its history. */
  readonly systemId: string
  readonly timeline: string
  /** The table's own number in that database: another table of the same name is not the same. */
  readonly tableId: string
  /** Where the log begins: everything committed before it is in the snapshot. Padded. */
  readonly start: string
  /** See {@link LogPlace}. */
  readonly place?: string
}

/** The position where a slot's log begins. */
export const startOf = ({ start, place }: LogSlot): LogPlace => ({
  since: start,
  ...(place === undefined ? {} : { place }),
})

/** A snapshot at an exact position of the log, alive until it is closed. */
export interface LogSnapshot {
  readonly slot: LogSlot
  readonly snapshot: string
  close(): void
}

/** What a slot is made for; `tag` tells it from others of the channel. */
export interface SlotRequest {
  readonly channel: string
  readonly tag: string
  readonly table: TableName
  /** A slot that ends with its snapshot, for an exact position. */
  readonly temporary?: boolean
}

/** Prefix of the slots of a channel, and name of its publication. */
export const logNames = (channel: string): { prefix: string; publication: string } => {
  const id = channel.replaceAll('-', '').toLowerCase()
  return { prefix: `huitong_${id}_`, publication: `huitong_${id}` }
}

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
  /** Where the source forgets its log by time: how long a position may stay while only others write. Default 300 000. */
  readonly moveMs?: number
  readonly signal: AbortSignal
}

/**
 * Reads the log of one table from a position on, as pieces of whole transactions; a transaction larger than a piece comes
 * in several. Nothing is confirmed to the source but by {@link confirm}. It never ends by itself before `endAt`.
 */
export interface LogReader {
  /** Where to end: everything committed before, nothing committed at or after it. */
  endAt: LogPlace | null
  /** Looks at nothing more until {@link proceed}: a position that is found meanwhile lies after everything that was given. */
  pause(): void
  /** Goes on after {@link pause}. */
  proceed(): void
  /** The receiving table has committed everything up to here: the source may forget it. Padded position. */
  confirm(lsn: string): void
  /** Bytes of the source's log behind a padded position, as far as it is known. */
  lagBytes(since: string): bigint
  /** The source's clock now, milliseconds since 1970. */
  readonly serverNow: number
  /** How long the source keeps its log, read or not, where it keeps it by time. */
  readonly keptSeconds: number | null
  /** Whether a part of a transaction was given, and not yet the rest. */
  readonly isInside: boolean
  /** The pieces, in order. @throws ConnectorError `log_truncated`, `log_gap`, `schema_changed`, `connection_lost`, … */
  events(): AsyncGenerator<LogEvent, void, undefined>
  /** Ends it at once. */
  close(): void
}

/** An opened segment of the log: its verified manifest's figures and its plain CSV text. */
export interface LogSegment {
  readonly generation: number
  readonly sequence: number
  readonly columns: readonly Column[]
  /** Lines by the manifest, decimal text. */
  readonly rows: string
  readonly plainDigest: string
  readonly plain: Uint8Array
  /** Position before and after; while a transaction goes on in the next segment they are one, `to.within` names its commit. */
  readonly from: Cursor
  readonly to: Cursor
  readonly truncates: boolean
  readonly final: boolean
}

/** What a loader of the log works on. `fence` comes from `claimTable`. */
export interface LogLoaderOptions extends ChangeOptions {
  /** A comparison has shown that the table stands here, whatever its position says. */
  readonly rebase: Cursor | null
}

/**
 * Brings the log of one table into the receiving table. {@link merge} takes segments in order into one transaction,
 * {@link commit} ends it with the position under the fencing token: only whole transactions of the source become
 * visible, each once. Calls must not overlap; after an error the loader is of no more use.
 */
export interface LogLoader {
  /** Where the channel stands, committed. @throws ConnectorError `fenced`. */
  position(): Promise<Position>
  /** Last segment of a generation of this stream whose transactions are committed; 0 for none. */
  reached(generation: number): Promise<number>
  /** Whether a transaction of the source is here in part: committing has to wait. */
  readonly isInside: boolean
  /** Whether something waits for {@link commit}. */
  readonly isOpen: boolean
  /**
   * Takes a segment into the open transaction; what the position has passed already is left out.
   * @throws ConnectorError `fenced`, `position_gap`, `schema_changed`, `digest_mismatch`, `row_count_mismatch`, `log_value`,
   *   `bad_value`, `null_value`, …
   */
  merge(segment: LogSegment): Promise<void>
  /** Commits what was taken, with the position. @throws ConnectorError `fenced`, … */
  commit(): Promise<Position>
  /** Leaves what was taken and not committed: it comes again otherwise. */
  drop(): Promise<void>
  /** Close the connection; what is not committed is gone. */
  close(): Promise<void>
}
