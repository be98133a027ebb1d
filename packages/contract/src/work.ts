import { Type, type Static } from 'typebox'
import { Base64, BigInteger, Digest, exact, Instant, nullable, oneOf, text, Uuid } from './common.ts'
import { CodeMap } from './mapping.ts'
import { Rejected } from './rejects.ts'

export { Reject, Rejected, REJECT_BOXES_MAX, REJECTS_INFO } from './rejects.ts'

/**
 * The work that a node does, by kind: what it is given (`…Input`), what it says on the way (`…Progress`)
 * and what it answers (`…Result`). Server and agent both check against these schemas.
 */

/** A data source as its node needs it; `secrets` is a sealed box (HPKE) that only this node opens: JSON of the secret settings. */
export const SourceAccess = exact({
  sourceId: Uuid,
  kind: text(32, 1),
  settings: Type.Record(Type.String(), Type.Union([Type.String(), Type.Integer(), Type.Boolean()])),
  secrets: nullable(Base64),
})
export type SourceAccess = Static<typeof SourceAccess>

/** Files have no schema, and their path (with `#sheet`) as name. */
export const TableRef = exact({ schema: text(63), name: text(255, 1) })

/** A column on its way: the item of the dataset, the field of the source, and the column of the target. */
export const TransitColumn = exact({
  item: text(64, 1),
  field: text(255, 1),
  as: text(63, 1),
  /** Type of the source field as the connector names it, for instance `character varying(128)`. */
  type: text(128, 1),
  nullable: Type.Boolean(),
  /** The field as text, after its mask, is translated; `of`: canonical type of the field. The column then travels as text. */
  codes: Type.Optional(exact({ of: text(128, 1), ...CodeMap.properties })),
  /** In place of the field's value, the same text in every row. */
  constant: Type.Optional(text(255)),
})

/** The grant as it was signed: `document` is its canonical JSON, exactly the bytes that were signed. */
export const SignedGrant = exact({ document: text(65536, 2), signature: Base64, keyId: text(64, 1) })

/** A field of a table as a node finds it. */
export const FoundField = exact({
  name: text(255, 1),
  type: text(255, 1),
  canonicalType: text(64, 1),
  nullable: Type.Boolean(),
  length: nullable(Type.Integer()),
  position: Type.Integer(),
  comment: nullable(text(4000)),
  suggestedName: nullable(text(255)),
})
export const FIELDS_MAX = 1600

export const DiscoverInput = exact({ source: SourceAccess })
export const DiscoverResult = exact({
  tables: Type.Array(
    exact({
      schema: text(63),
      name: text(255, 1),
      comment: nullable(text(4000)),
      suggestedName: nullable(text(255)),
      rowEstimate: nullable(BigInteger),
      key: Type.Array(text(63)),
      schemaHash: Digest,
      fields: Type.Array(FoundField, { maxItems: FIELDS_MAX }),
    }),
    { maxItems: 10000 },
  ),
})

/** The fields by which a mounted table tells what changed: the last operation on a row (I, U, D), and when it was. */
export const Convention = exact({ operation: nullable(text(63, 1)), updatedAt: text(63, 1) })

/** The exchange mark of a front table, the batch its rows came with, and the columns of the table's own key. */
export const MarkColumns = exact({
  mark: text(63, 1),
  batch: nullable(text(63, 1)),
  key: Type.Array(text(63, 1), { minItems: 1, maxItems: 32 }),
})

/** A position of PostgreSQL's log with all its digits; as text they sort as they follow each other. */
export const LogPosition = Type.String({ pattern: '^[0-9A-F]{8}/[0-9A-F]{8}$' })

/** What a source needs besides to find a position of its log, in its own words. */
const LogPlaceText = text(4000, 1)

/** How far changes have been read; times of the source's clock with microseconds, as `packages/connectors` describes. */
export const ChangeCursor = exact({
  since: text(40, 1),
  at: text(40, 1),
  writer: text(20, 1),
  within: Type.Optional(LogPosition),
  place: Type.Optional(LogPlaceText),
})

/** The replication slot of a channel, and where it was made: all of it must be the same for the log to go on. */
export const LogSlot = exact({
  slot: text(63, 1),
  publication: text(63, 1),
  systemId: text(32, 1),
  timeline: text(16, 1),
  tableId: text(16, 1),
  /** Where it begins: what was committed before is in its snapshot. */
  start: LogPosition,
  place: Type.Optional(LogPlaceText),
})

/** Rows or files that cannot be followed: all counted, some named by the texts of their key or by their path. */
export const HeldRows = exact({
  rows: BigInteger,
  listed: Type.Array(
    exact({
      key: Type.Array(text(4000)),
      reason: oneOf('operation', 'time', 'name', 'link', 'special', 'unreadable', 'changing', 'digest'),
    }),
    { maxItems: 100 },
  ),
})

const Shape = {
  /** Schema hash of the fields that were agreed; another hash at reading is `source.changed`. */
  schemaHash: Digest,
  /** Only these of the table's fields count in the hash; absent: all of them. */
  schemaFields: Type.Optional(Type.Array(text(255, 1), { maxItems: FIELDS_MAX })),
  /**
   * Of files whose bad records are set aside: the types that were agreed. A column that holds something else has them still,
   * and the record that does not fit is bad.
   */
  schemaTypes: Type.Optional(Type.Record(Type.String(), text(255, 1))),
}

export const ReadInput = exact({
  /** The channel; for a repair the reconciliation: the stream that the segments number. */
  stream: Uuid,
  generation: Type.Integer({ minimum: 1 }),
  source: SourceAccess,
  table: TableRef,
  columns: Type.Array(TransitColumn, { minItems: 1, maxItems: 1600 }),
  key: Type.Array(text(63, 1)),
  grant: SignedGrant,
  ...Shape,
  /** `file`: the table is a folder, and its files travel as they are. */
  payload: oneOf('rows', 'changes', 'file'),
  /**
   * Present when the table keeps the convention; tombstones are then left out. With a cursor, what changed since is read;
   * without one, all rows.
   */
  changes: Type.Optional(
    exact({
      convention: Convention,
      cursor: nullable(ChangeCursor),
      lagSeconds: Type.Integer({ minimum: 0 }),
      /**
       * Present when the table has an exchange mark: the node keeps a list of the rows that it found unmarked, by the channel.
       * `sweep`: such rows are read however old their update time is.
       */
      mark: Type.Optional(exact({ channel: Uuid, columns: MarkColumns, sweep: Type.Boolean() })),
    }),
  ),
  /**
   * Present when the log is followed after this copy: a slot of this channel is made, and its snapshot is read; for a repair
   * the snapshot that the node holds is read.
   */
  log: Type.Optional(exact({ channel: Uuid, snapshot: nullable(text(64, 1)) })),
  /** Repair only: read just these keys (canonical key texts, one array per row). */
  keys: nullable(Type.Array(Type.Array(text(4000)), { maxItems: 10000 })),
  recipients: Type.Array(exact({ keyId: text(64, 1), publicKey: Base64 }), { minItems: 1, maxItems: 64 }),
})
export const ReadProgress = exact({
  rowsSealed: BigInteger,
  segmentsSealed: Type.Integer(),
  segmentsUploaded: Type.Integer(),
  complete: Type.Boolean(),
  /** Of files: how many travel in this run, their bytes, and those that are sealed. */
  files: Type.Optional(exact({ total: Type.Integer(), bytes: BigInteger, bytesSealed: BigInteger })),
})
/** `rows`: rows that the source answered, counted by the reader. Nothing changed: no segments, and no digest. */
export const ReadResult = exact({
  rows: BigInteger,
  segments: Type.Integer(),
  finalDigest: nullable(Digest),
  /** Where the cursor stands when all of this is applied, and what cannot be followed; of tables with the convention. */
  changes: Type.Optional(exact({ cursor: ChangeCursor, held: HeldRows })),
  /** The slot that was made for the log after this copy. */
  log: Type.Optional(LogSlot),
  /** Records of a file that were set aside: not among `rows`. */
  rejected: Type.Optional(Rejected),
})

export const ApplyInput = exact({
  stream: Uuid,
  target: SourceAccess,
  table: TableRef,
  columns: Type.Array(TransitColumn, { minItems: 1, maxItems: 1600 }),
  key: Type.Array(text(63, 1)),
  /** `changes` without keys to delete are followed changes: each row says its operation. */
  payload: oneOf('rows', 'changes', 'file'),
  /**
   * The changes come from the log: whole transactions of the source, as long as the stream lasts. `rebase`: a comparison has
   * shown that the table stands at this position.
   */
  log: Type.Optional(exact({ rebase: nullable(ChangeCursor) })),
  /** Repair only: keys that the source no longer has. */
  deleteKeys: nullable(Type.Array(Type.Array(text(4000)), { maxItems: 10000 })),
  /** Keys that may sign segments of this stream (raw Ed25519, base64). */
  sealers: Type.Array(exact({ keyId: text(64, 1), publicKey: Base64 }), { minItems: 1, maxItems: 16 }),
})
/** What followed changes did to the receiving table, counted there. */
export const ChangeCounts = exact({
  inserted: BigInteger,
  updated: BigInteger,
  deleted: BigInteger,
  /** Rows that were so already. */
  unchanged: BigInteger,
  /** Rows to delete that were not there. */
  absent: BigInteger,
})
export const ApplyProgress = exact({
  generation: Type.Integer(),
  sequence: Type.Integer(),
  rows: BigInteger,
  /** Of a stream of the log: what it has done so far. */
  changes: Type.Optional(ChangeCounts),
})
/** `rows`: rows visible in the receiving table afterwards. `changes`: of followed changes only. */
export const ApplyResult = exact({
  generation: Type.Integer(),
  sequence: Type.Integer(),
  rows: BigInteger,
  changes: Type.Optional(ChangeCounts),
  /** Where the channel stands in the target when it is followed. */
  cursor: Type.Optional(ChangeCursor),
})

export const ReconcileInput = exact({
  reconciliation: Uuid,
  side: oneOf('source', 'target'),
  source: SourceAccess,
  table: TableRef,
  columns: Type.Array(TransitColumn, { minItems: 1, maxItems: 1600 }),
  key: Type.Array(text(63, 1), { minItems: 1 }),
  /** Source side only: rows and columns are cut to the grant. */
  grant: nullable(SignedGrant),
  /**
   * Source side of a table that keeps the convention: tombstones do not count, and a drill-down names the keys whose update
   * time is not before `since`: they may have changed after the position.
   */
  changes: Type.Optional(
    exact({ convention: Convention, since: nullable(text(40, 1)), lagSeconds: Type.Integer({ minimum: 0 }) }),
  ),
  /** Source side of a channel that follows the log: the snapshot that this node holds at the common position. */
  snapshot: Type.Optional(text(64, 1)),
  /** Secret of the channel for row digests, sealed to this node. */
  secret: Base64,
  buckets: Type.Integer({ minimum: 1, maximum: 65536 }),
  /** null: sums per bucket; otherwise the rows of these buckets. */
  drill: nullable(Type.Array(Type.Integer(), { maxItems: 1024 })),
})
export const ReconcileResult = exact({
  rows: BigInteger,
  buckets: Type.Array(exact({ bucket: Type.Integer(), rows: BigInteger, sum: text(40, 1) }), { maxItems: 65536 }),
  /** Drill-down: key texts and digests, bounded. */
  rowDigests: Type.Array(exact({ key: Type.Array(Type.String()), digest: text(40, 1) }), { maxItems: 200000 }),
  /** Drill-down of a table that is followed: keys of rows that may have changed after the position. */
  inFlight: Type.Optional(Type.Array(Type.Array(Type.String()), { maxItems: 200000 })),
  at: Instant,
})

/** Reading the log of a table and sealing what the grant lets out, until it is told to end. */
export const CUTS_MAX = 8192
export const CaptureInput = exact({
  channel: Uuid,
  stream: Uuid,
  generation: Type.Integer({ minimum: 1 }),
  source: SourceAccess,
  table: TableRef,
  columns: Type.Array(TransitColumn, { minItems: 1, maxItems: 1600 }),
  key: Type.Array(text(63, 1), { minItems: 1 }),
  grant: SignedGrant,
  ...Shape,
  /** The operation field of a table that keeps the convention: rows that it marks as deleted are none. */
  operation: nullable(text(63, 1)),
  slot: LogSlot,
  /** Where the receiving table stands. */
  from: ChangeCursor,
  /** Ends of pieces that were sent before and may be applied already: pieces end there again. */
  cuts: Type.Optional(Type.Array(LogPosition, { maxItems: CUTS_MAX })),
  /** Commits of TRUNCATE that a person approved. */
  approved: Type.Array(LogPosition, { maxItems: 100 }),
  recipients: Type.Array(exact({ keyId: text(64, 1), publicKey: Base64 }), { minItems: 1, maxItems: 64 }),
})
export const CaptureProgress = exact({
  /** `reading`; `source_away`: it is tried again; `outbox_full`, `target_behind`: the log waits at the source. */
  state: oneOf('reading', 'source_away', 'outbox_full', 'target_behind'),
  /** What was sealed, and what the receiving table has committed. */
  sealed: LogPosition,
  confirmed: LogPosition,
  /** Log that the source keeps for this channel, and the age of the oldest change that is not there yet. */
  lagBytes: BigInteger,
  lagSeconds: Type.Number({ minimum: 0 }),
  changes: BigInteger,
  transactions: BigInteger,
  segments: Type.Integer(),
  at: Instant,
})
/** The stream was ended: everything before the position was sealed. A snapshot at it is held for a while. */
export const CaptureResult = exact({
  rows: BigInteger,
  segments: Type.Integer(),
  finalDigest: nullable(Digest),
  at: Type.Optional(ChangeCursor),
  snapshot: Type.Optional(nullable(text(64, 1))),
})

/** A new slot after a gap, with a snapshot that is held for the comparison. */
export const SlotInput = exact({ channel: Uuid, source: SourceAccess, table: TableRef, grant: SignedGrant })
export const SlotResult = exact({ slot: LogSlot, snapshot: text(64, 1) })

/** The channel is over: its slots and its publication are dropped. */
export const ReleaseInput = exact({ channel: Uuid, source: SourceAccess })
export const ReleaseResult = exact({ slots: Type.Integer() })

/**
 * Marking in a front table what was taken, and removing what its department has marked as deleted, a while after it was
 * taken. `list`: the reading whose rows are verified at the platform and applied; null only looks whether marking is possible.
 */
export const MarkInput = exact({
  source: SourceAccess,
  table: TableRef,
  convention: Convention,
  columns: MarkColumns,
  list: nullable(exact({ channel: Uuid, stream: Uuid, generation: Type.Integer({ minimum: 1 }) })),
  /** `before`: no later mark is cleaned; a time of the source, as in a position. */
  clean: nullable(
    exact({
      afterDays: Type.Integer({ minimum: 1, maximum: 3650 }),
      before: text(40, 1),
      rowsMax: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
    }),
  ),
})
/**
 * `listed`, `marked`: rows of the list, and those of them that still were as they were read. `found`: false when the list
 * is no longer here; its rows are read and listed anew. `inTable`: rows with and without a mark
 * now, and the oldest update time of those without.
 */
export const MarkResult = exact({
  found: Type.Boolean(),
  listed: BigInteger,
  marked: BigInteger,
  cleaned: BigInteger,
  inTable: exact({ marked: BigInteger, unmarked: BigInteger, oldest: nullable(Instant) }),
})
export type MarkInput = Static<typeof MarkInput>
export type MarkResult = Static<typeof MarkResult>

export type LogSlot = Static<typeof LogSlot>
export type CaptureInput = Static<typeof CaptureInput>
export type CaptureProgress = Static<typeof CaptureProgress>
export type CaptureResult = Static<typeof CaptureResult>
export type SlotInput = Static<typeof SlotInput>
export type SlotResult = Static<typeof SlotResult>
export type ReleaseInput = Static<typeof ReleaseInput>
export type ReleaseResult = Static<typeof ReleaseResult>
export type Convention = Static<typeof Convention>
export type ChangeCursor = Static<typeof ChangeCursor>
export type ChangeCounts = Static<typeof ChangeCounts>
export type HeldRows = Static<typeof HeldRows>
export type FoundField = Static<typeof FoundField>
export type DiscoverInput = Static<typeof DiscoverInput>
export type DiscoverResult = Static<typeof DiscoverResult>
export type ReadInput = Static<typeof ReadInput>
export type ReadProgress = Static<typeof ReadProgress>
export type ReadResult = Static<typeof ReadResult>
export type ApplyInput = Static<typeof ApplyInput>
export type ApplyProgress = Static<typeof ApplyProgress>
export type ApplyResult = Static<typeof ApplyResult>
export type ReconcileInput = Static<typeof ReconcileInput>
export type ReconcileResult = Static<typeof ReconcileResult>
export type TransitColumn = Static<typeof TransitColumn>
