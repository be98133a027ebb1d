import type { Mask, Predicate } from '@huitong/policy'
import type { BucketSum, Column, DigestPlan, RowDigest } from '@huitong/segment'
import type {
  ChangeRead,
  ChangeStream,
  Connector,
  Convention,
  Cursor,
  DiscoveredTable,
  FieldText,
  MarkedColumns,
  ReadOptions,
  RowStream,
  SqlRead,
  TableName,
  UnmarkedRow,
} from './connector.ts'
import type { CodeMap } from './code-map.ts'
import type { Hop } from './errors.ts'
import type {
  LogLoader,
  LogLoaderOptions,
  LogRead,
  LogReader,
  LogReaderOptions,
  LogSnapshot,
  SlotRequest,
} from './log/types.ts'

/** A kind of database: what every source can do, and all that an exchange asks of its two ends. */
export interface DatabaseConnector<Settings> extends Connector<Settings> {
  /** The database that these settings lead to. Nothing is connected yet. */
  open(settings: Settings): Database
}

/**
 * One database as source and as target of exchange. Every call has a connection of its own, but the two targets, which
 * hold one until they are closed. Whatever fails comes out as ConnectorError.
 */
export interface Database {
  readonly sql: SqlForms

  /** One table as the source has it now, or null. */
  describe(table: TableName): Promise<DiscoveredTable | null>
  /** @throws ConnectorError `table_missing`, `schema_changed`, … here or while iterating. */
  readRows(request: SqlRead, options?: ReadOptions): Promise<RowStream>
  /** @throws ConnectorError `bad_cursor`, `clock_moved`, `no_key` besides those of `readRows`. */
  readChanges(read: ChangeRead, options?: ReadOptions): Promise<ChangeStream>

  /** Count and modular sum of row digests per bucket, computed by the database in one snapshot. */
  bucketSums(plan: DigestPlan, secret: Uint8Array, options?: DigestOptions): Promise<readonly BucketSum[]>
  /** Keys and digests of the rows of several buckets in one scan, at most `rowsMax`. */
  bucketsRows(
    plan: DigestPlan,
    secret: Uint8Array,
    buckets: readonly number[],
    rowsMax: number,
    options?: DigestOptions,
  ): Promise<readonly RowDigest[]>
  /** Rows that readers see in a receiving table now, decimal text. */
  countRows(table: TableName): Promise<string>

  /**
   * Make the receiving table and our bookkeeping beside it, unless they are there.
   * @throws ConnectorError `table_not_ours` when a table of this name was not made here, `schema_changed` naming the
   *   column when it was made with other columns.
   */
  ensureTable(table: TargetTable): Promise<'created' | 'exists'>
  /**
   * Take over a channel's target: raise its fencing token, so that any earlier holder's next commit fails. The first
   * claim makes the position.
   * @throws ConnectorError `table_in_use` when another channel loads this table.
   */
  claimChannel(channel: string, table: TableName): Promise<Position>
  /**
   * Take over the target of whatever channel loads this table.
   * @throws ConnectorError `table_missing` when no channel has loaded it.
   */
  claimTable(table: TableName): Promise<{ readonly channel: string; readonly position: Position }>
  openFullCopy(options: FullCopyOptions): Promise<FullCopyTarget>
  openChanges(options: ChangeOptions): Promise<ChangeTarget>
  /**
   * Write and delete the listed rows in one transaction under the fencing token. Deletes come first, so a key in both
   * lists ends written.
   * @throws ConnectorError `no_key`, `fenced`, `digest_mismatch`, `row_count_mismatch`, `bad_value`, …
   */
  applyRepair(repair: Repair): Promise<Repaired>

  /** Marks and clean-up of front tables, of databases that can be written to as a source. */
  readonly front?: FrontEnd

  /** Following the source's log, of databases that can (capability `changes`). */
  readonly log?: LogEnd
}

/** A front table whose rows are marked when they were taken. */
export interface FrontTableRef {
  readonly table: TableName
  readonly convention: Convention
  readonly columns: MarkedColumns
}

/** What marks and clean-up ask of a source. Nothing but the mark is ever changed, and nothing but marked rows removed. */
export interface FrontEnd {
  /**
   * Marks the rows that still are as they were read: same key, update time and batch, and no mark yet. Each list is one
   * transaction. Answers how many were marked; the others were changed or removed meanwhile, or are marked already.
   * @throws ConnectorError `permission_denied` naming the right, `schema_changed`, `mark_touches` when the table takes the
   *   marking for a change, `target_busy`, …
   */
  mark(
    front: FrontTableRef,
    lists: AsyncIterable<readonly UnmarkedRow[]> | Iterable<readonly UnmarkedRow[]>,
  ): Promise<bigint>
  /**
   * Removes rows that their department has marked as deleted (operation D), that were taken at least `afterDays` ago and
   * not after `before` (a time of the source, as in {@link Cursor}), `batchRows` in a transaction and `rowsMax` at most.
   * @throws ConnectorError as `mark`; `not_supported` for a table without operation.
   */
  clean(
    front: FrontTableRef,
    limits: {
      readonly afterDays: number
      readonly before: string
      readonly batchRows: number
      readonly rowsMax: number
    },
  ): Promise<bigint>
  /** Rows of the table with a mark and without, and the oldest update time of those without, UTC. */
  count(front: FrontTableRef): Promise<MarkCounts>
}

/** Decimal texts, and an instant. */
export interface MarkCounts {
  readonly marked: string
  readonly unmarked: string
  readonly oldest: string | null
}

/** What following a log asks of a database as source, and of the one that receives. */
export interface LogEnd {
  /** @throws ConnectorError `log_off`, `log_rights`, `log_slots_full`, `log_identity`, `log_busy`, … */
  createSlot(request: SlotRequest): Promise<LogSnapshot>
  /** Drops what a channel left; answers how many slots. */
  release(channel: string): Promise<number>
  /** @throws ConnectorError `log_gap`, … */
  openReader(read: LogRead, options: LogReaderOptions): Promise<LogReader>
  openTarget(options: LogLoaderOptions): Promise<LogLoader>
}

/** SQL of a kind of database, for what goes into a source's own query. */
export interface SqlForms {
  /** A row filter as a condition; `expressionOf` throws for an unknown item. @throws RangeError for a wrong literal. */
  predicate(predicate: Predicate, fieldOf: (item: string) => string): string
  /** A column as it travels: the text of its canonical type, masked where the mask says so. */
  column(field: string, type: string, mask: Mask | null): string
  /** A text translated by a code map; an unmapped one ends the reading with `unmapped_code` where the map says so. */
  coded(expression: string, map: CodeMap, as: string): string
  /** The same value in every row: a text, a number or a date. */
  constant(value: string, type: string): string
  /** Condition that the canonical texts of these columns are one of `keys`. */
  keyIn(columns: readonly SqlColumn[], keys: readonly (readonly string[])[]): string
  /** Rows that are there; tombstones and rows with an unknown letter are not. */
  living(operation: string | null): string
  /** Rows that may have changed since a position: tombstones count. @throws ConnectorError `bad_cursor`. */
  changedSince(convention: Convention, since: string, lagSeconds: number): string
}

/** A column of a query, as `SqlForms.column` made it, and the canonical type as which it travels. */
export interface SqlColumn {
  readonly expression: string
  readonly type: string
}

/** Options of a digest: which end it runs at, and a snapshot that is held for it. */
export interface DigestOptions {
  readonly hop?: Hop
  readonly snapshot?: string
}

/** A receiving table: what `ensureTable` makes and the targets fill. */
export interface TargetTable extends TableName {
  readonly columns: readonly (Column & { readonly nullable: boolean; readonly comment?: string })[]
  /** Key columns, empty for none. */
  readonly key: readonly string[]
  readonly comment?: string
}

/** Where a channel stands in its target. 64-bit figures are decimal text. */
export interface Position {
  readonly generation: number
  /** Last segment applied; 0 for none. */
  readonly sequence: number
  /** Rows applied of this generation. */
  readonly rows: string
  /** Whether the final segment was applied. */
  readonly complete: boolean
  /** Generation that readers see; 0 for none. */
  readonly visible: number
  /** The writer's token: a higher one takes over. */
  readonly fence: string
  /** How far the source has been followed, in the source's own words; null when only full copies are taken. */
  readonly cursor: string | null
  /** Changes that are gathered and not yet applied. */
  readonly staged: Staged | null
  /** The last changes that were applied. */
  readonly applied: AppliedChanges | null
}

/** Changes of a stream as far as they have come to the target. */
export interface Staged {
  readonly stream: string
  readonly generation: number
  readonly sequence: number
  readonly rows: string
  readonly complete: boolean
}

/** What changes did to the rows that readers see, decimal text. */
export interface ChangeCounts {
  readonly inserted: string
  readonly updated: string
  readonly deleted: string
  /** Rows that were so already. */
  readonly unchanged: string
  /** Rows to delete that were not there. */
  readonly absent: string
}

/** The changes that moved the cursor last. */
export interface AppliedChanges {
  readonly stream: string
  readonly generation: number
  readonly sequence: number
  readonly counts: ChangeCounts
  /** Of a log: the comparison after which it was begun anew. */
  readonly rebased?: string | null
}

/** How long to wait for readers before a generation is made visible. */
export interface PublishOptions {
  /** Whole wait; after it `target_busy`, to be tried again. Default 600 000. */
  readonly waitMsMax?: number
}

/** What a full copy is loaded into. `fence` comes from `claimChannel`. */
export interface FullCopyOptions {
  readonly channel: string
  readonly table: TargetTable
  readonly fence: string
  readonly publish?: PublishOptions
}

/** An opened segment of a full copy: its verified manifest's figures and its plain CSV text. */
export interface LoadSegment {
  readonly generation: number
  readonly sequence: number
  readonly final: boolean
  readonly columns: readonly Column[]
  /** Rows by the manifest, decimal text. */
  readonly rows: string
  /** Opened from its segment, which has compared it with the manifest's digest. */
  readonly plain: Uint8Array
  /** Where the cursor stands with this full copy; readers of the position see it when the copy is visible. */
  readonly cursor?: string | null
}

/** Result of applying one segment; `skipped` when it was applied before. */
export interface Applied {
  readonly outcome: 'applied' | 'skipped'
  readonly position: Position
}

/**
 * Loads full copies, generation by generation. Each segment is one transaction that also moves the channel's position
 * under the fencing token; the final one makes the generation visible. Calls must not overlap.
 */
export interface FullCopyTarget {
  /** Where the channel stands. @throws ConnectorError `fenced`. */
  position(): Promise<Position>
  /**
   * Apply one segment: once, however often it is called. A final segment that was applied but not yet made visible is
   * made visible.
   * @throws ConnectorError `fenced`, `stale_generation`, `sequence_gap`, `schema_changed`,
   *   `row_count_mismatch`, `bad_value`, `null_value`, `duplicate_key`, `target_busy`, …
   */
  apply(segment: LoadSegment): Promise<Applied>
  close(): Promise<void>
}

/** What changes are brought into. `fence` comes from `claimTable`. */
export interface ChangeOptions {
  readonly channel: string
  readonly stream: string
  readonly table: TargetTable
  readonly fence: string
}

/** An opened segment of changes: its verified manifest's figures and its plain CSV text, the operation first. */
export interface ChangeSegment {
  readonly generation: number
  readonly sequence: number
  readonly final: boolean
  readonly columns: readonly Column[]
  /** Lines by the manifest, decimal text. */
  readonly rows: string
  readonly plainDigest: string
  readonly plain: Uint8Array
  /** Cursor before and after the whole stream. */
  readonly from: Cursor
  readonly to: Cursor
}

/**
 * Brings the changes of one stream into a table that a full copy has filled. Segments are gathered beside, each in a
 * transaction with its place; with the final one all take effect in one transaction, which also moves the cursor under
 * the fencing token. Calls must not overlap.
 */
export interface ChangeTarget {
  /** Last segment of a generation of this stream that is kept here or applied; 0 for none. */
  reached(generation: number): Promise<number>
  /** Where the channel stands. @throws ConnectorError `fenced`. */
  position(): Promise<Position>
  /**
   * Take one segment, once, however often it is given; with the final one, apply all.
   * @returns what was applied, null before the final segment.
   * @throws ConnectorError `fenced`, `position_gap`, `sequence_gap`, `schema_changed`, `digest_mismatch`,
   *   `row_count_mismatch`, `bad_value`, `null_value`, `duplicate_key`, …
   */
  take(segment: ChangeSegment): Promise<AppliedChanges | null>
  close(): Promise<void>
}

/** Rows to put right: whole rows to write, and keys to delete. */
export interface Repair {
  readonly channel: string
  readonly table: TargetTable
  readonly fence: string
  /** CSV text of whole rows, columns in the order of `table.columns`. When a key occurs twice the last row counts. */
  readonly upserts: { readonly plain: Uint8Array; readonly rows: string; readonly plainDigest: string }
  /** Keys in the order of `table.key`, as text. */
  readonly deletes: readonly (readonly FieldText[])[]
}

/** What a repair did; decimal text. `unchanged`: rows that were already so; `missing`: keys to delete that were not there. */
export interface Repaired {
  readonly inserted: string
  readonly updated: string
  readonly unchanged: string
  readonly deleted: string
  readonly missing: string
}
