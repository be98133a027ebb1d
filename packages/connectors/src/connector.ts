import type { Column, RowChunk, Words } from '@huitong/segment'
import type { TSchema } from 'typebox'
import { Errors, Check } from 'typebox/value'
import { ConnectorError } from './errors.ts'

/** What a kind of source can do. The platform shows and plans by these names only. */
export interface Capabilities {
  /** Reads rows in one consistent snapshot. */
  readonly snapshot: boolean
  /** Takes SQL fragments: masks and row filters run inside the source. */
  readonly sqlFragments: boolean
  /** Loads full copies by generation. */
  readonly load: boolean
  /** Computes bucket sums for reconciliation. */
  readonly digest: boolean
  /** Applies repairs. */
  readonly repair: boolean
  /** Reads what changed since a position, of tables that keep the convention of front databases. */
  readonly cursor: boolean
  /** Captures changes from the log of the database. */
  readonly changes: boolean
  /** Gives files as they are. */
  readonly folders: boolean
  /** Receives files as they are. */
  readonly receivesFiles: boolean
}

/** A kind of source, in words, with the JSON Schema of its settings (titles are language maps in `x-words`). */
export interface ConnectorDescription {
  readonly kind: string
  readonly words: Words
  readonly settingsSchema: TSchema
  /** Schema of tables for which nobody named one, by the open settings; empty where tables have none. */
  readonly defaultSchema: (settings: Readonly<Record<string, unknown>>) => string
  readonly capabilities: Capabilities
}

/** Name of a table. For files, `schema` is empty and `name` is the relative path (`#sheet` for a sheet). */
export interface TableName {
  readonly schema: string
  readonly name: string
}

/** A column as the source has it. */
export interface DiscoveredColumn {
  readonly name: string
  /** The source's own words for the type. */
  readonly type: string
  /** Canonical type of `@huitong/segment`; `text` for whatever has no closer one. */
  readonly canonicalType: string
  readonly nullable: boolean
  readonly length: number | null
  readonly precision: number | null
  readonly scale: number | null
  /** From 1. */
  readonly position: number
  readonly comment: string | null
  /** A Chinese name to start from, or null when there is no good guess. */
  readonly suggestedName: string | null
}

/** A table as the source has it. */
export interface DiscoveredTable extends TableName {
  readonly kind: 'table' | 'view' | 'file' | 'folder'
  readonly columns: readonly DiscoveredColumn[]
  readonly primaryKey: readonly string[]
  /** Decimal text; null when not known. Databases estimate, files count. */
  readonly rowEstimate: string | null
  readonly comment: string | null
  readonly suggestedName: string | null
  /** What kept this table from being read, for files with errors. */
  readonly problem: ConnectorError | null
}

/** Result of discovery; `truncated` when a limit cut it. */
export interface Discovery {
  readonly tables: readonly DiscoveredTable[]
  readonly truncated: boolean
}

/** Limits of discovery. */
export interface DiscoverLimits {
  readonly tablesMax: number
  readonly columnsMax: number
}

/** Result of a connection test. */
export interface TestResult {
  readonly ok: true
  /** Product and version, such as `PostgreSQL 18.4`. */
  readonly server: string
  readonly elapsedMs: number
}

/** A column that the plan relies on: reading fails by name when the source no longer has it so. */
export interface ExpectedColumn {
  readonly name: string
  readonly canonicalType: string
}

/** A column of a query. `type`: the canonical type as which it travels, for kinds whose answers do not say it. */
export interface SelectedColumn {
  readonly expression: string
  readonly as: string
  readonly type?: string
}

/** Reading by SQL fragments, quoted by the policy's emitter. */
export interface SqlRead {
  readonly table: TableName
  readonly select: readonly SelectedColumn[]
  readonly where: string | null
  readonly expect?: readonly ExpectedColumn[]
  /** Names (`as`) of the key columns, by which an error can name its row. */
  readonly key?: readonly string[]
  /** A snapshot that was exported at the source; without it the read takes its own. */
  readonly snapshot?: string
}

/** A field of one row as text; null is NULL. */
export type FieldText = string | null

/** Reading by fields, for sources without SQL: masks and the row filter run here, before anything leaves. */
export interface FieldRead {
  readonly table: TableName
  readonly fields: readonly {
    readonly field: string
    readonly as: string
    /** Canonical type of the result; default: of the source column, `text` when there is a mask. */
    readonly type?: string
    readonly mask?: (value: FieldText) => FieldText
  }[]
  readonly filter?: (field: (name: string) => FieldText) => boolean
  /**
   * Told of each record that cannot be read, which is then left out; without it the first one ends the read. `raw`: the record
   * as far as it could be told apart, which is data. What it throws ends the read.
   */
  readonly onBadRecord?: (error: ConnectorError, raw: string) => void
  readonly expect?: readonly ExpectedColumn[]
}

/** The fields by which a front database tells what changed: the last operation on a row (I, U, D), and when it was. */
export interface Convention {
  readonly operation: string | null
  readonly updatedAt: string
}

/**
 * How far changes have been read. Times are of the source's clock, with microseconds: `2026-01-31T08:00:00.000000Z`, or
 * without `Z` where the update time has no zone.
 */
export interface Cursor {
  /** Whatever was committed with an earlier update time has been read. */
  readonly since: string
  /** When a snapshot was begun, and the youngest transaction that was writing then, `0` for none. */
  readonly at: string
  readonly writer: string
  /** After a part of a transaction of a log: where its commit lies. The position itself has not moved. */
  readonly within?: string
  /** Of a log: what its source needs besides to find the position. */
  readonly place?: string
}

/**
 * The exchange mark of a front table: when the platform had taken a row, empty before. `key`: the columns of the table's own
 * key.
 */
export interface MarkedColumns {
  readonly mark: string
  readonly batch: string | null
  readonly key: readonly string[]
}

/** A row that is not marked, as it was read: its key, its update time and its batch, as texts that compare exactly. */
export type UnmarkedRow = readonly FieldText[]

/** Rows that can not be followed: all counted, some named. */
export interface Held {
  readonly rows: string
  /** `operation`: an unknown letter; `time`: no usable update time. Key columns as text. */
  readonly listed: readonly { readonly key: readonly string[]; readonly reason: 'operation' | 'time' }[]
}

/** Reading a table that keeps the convention, by SQL fragments. */
export interface ChangeRead {
  readonly table: TableName
  readonly select: readonly SelectedColumn[]
  readonly where: string | null
  readonly expect?: readonly ExpectedColumn[]
  readonly convention: Convention
  /** Names (`as`) of the key columns. */
  readonly key: readonly string[]
  /** Null reads all rows that are there; otherwise what changed since. */
  readonly cursor: Cursor | null
  /** How much before the cursor the window begins: for clocks that differ and writers that stamp before they write. */
  readonly lagSeconds: number
  /**
   * Of a table with an exchange mark: told of every row of this reading's snapshot that is not marked, before any row
   * travels. `sweep`: such rows are read however old their update time is.
   */
  readonly mark?: {
    readonly columns: MarkedColumns
    readonly sweep: boolean
    readonly onUnmarked: (rows: readonly UnmarkedRow[]) => Promise<void>
  }
}

/** A request to read. */
export type ReadRequest = SqlRead | FieldRead

/** Options of a read. */
export interface ReadOptions {
  /** Size at which a chunk is closed; a larger row makes a larger chunk. Default: a segment of a database, 1 MiB of a file. */
  readonly chunkBytes?: number
  /** A row over this is an error. Default 32 MiB. */
  readonly rowBytesMax?: number
  /** Longest silence: while bytes come, a chunk may take as long as it likes. Default 300 000. */
  readonly stallTimeoutMs?: number
  readonly signal?: AbortSignal
}

/**
 * Rows being read: CSV chunks that begin and end at row bounds. The iteration ends only when the source said that it
 * was all, and how many rows; anything else throws. Leaving the loop early closes the source.
 */
export interface RowStream extends AsyncIterable<RowChunk> {
  readonly columns: readonly Column[]
  readonly source: { readonly from: string | null; readonly to: string | null; readonly snapshot: string | null }
  /** Rows delivered so far; the exact total once the iteration has ended. */
  readonly rows: bigint
  close(): Promise<void>
}

/** Rows being read from a table that keeps the convention. */
export interface ChangeStream extends RowStream {
  /** Where the cursor stands when all of this was applied. */
  readonly cursor: Cursor
  readonly held: Held
}

/** One kind of source. `Settings` is what its schema describes. */
export interface Connector<Settings> {
  describe(): ConnectorDescription
  /** @throws ConnectorError `unreachable`, `access_denied`, `tls_failed`, … */
  test(settings: Settings): Promise<TestResult>
  discover(settings: Settings, limits: DiscoverLimits): Promise<Discovery>
  /** @throws ConnectorError `table_missing`, `schema_changed`, `not_supported`, … here or while iterating. */
  readRows(settings: Settings, request: ReadRequest, options?: ReadOptions): Promise<RowStream>
}

/** A kind of source without SQL: masks and filters run field by field in the agent. */
export interface FieldConnector<Settings> extends Connector<Settings> {
  /** One table as it is now; its `problem` says why it cannot be read. */
  describeTable(settings: Settings, name: string): Promise<DiscoveredTable>
}

/**
 * Settings from outside, checked against the schema; unknown keys are refused.
 * @throws ConnectorError `bad_settings` that names the places but never the values.
 */
export const checkSettings = <Settings>(connector: Connector<Settings>, value: unknown): Settings =>
  settingsOf<Settings>(connector.describe(), value)

/** As {@link checkSettings}, of a kind that is only described. */
export function settingsOf<Settings>({ settingsSchema: schema }: ConnectorDescription, value: unknown): Settings {
  if (Check(schema, value)) return value as Settings
  const places = Errors(schema, value).map((error) => `${error.instancePath || '/'} ${error.keyword}`)
  throw new ConnectorError('bad_settings', [...new Set(places)].slice(0, 10).join('; '))
}
