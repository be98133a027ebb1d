import { Type, type Static } from 'typebox'
import { Base64, BigInteger, Digest, exact, Instant, nullable, oneOf, text, Uuid } from './common.ts'

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

export const TableRef = exact({ schema: text(63, 1), name: text(63, 1) })

/** A column on its way: the item of the dataset, the field of the source, and the column of the target. */
export const TransitColumn = exact({
  item: text(64, 1),
  field: text(63, 1),
  as: text(63, 1),
  /** Type of the source field as the connector names it, for instance `character varying(128)`. */
  type: text(128, 1),
  nullable: Type.Boolean(),
})

/** The grant as it was signed: `document` is its canonical JSON, exactly the bytes that were signed. */
export const SignedGrant = exact({ document: text(65536, 2), signature: Base64, keyId: text(64, 1) })

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
      fields: Type.Array(
        exact({
          name: text(255, 1),
          type: text(255, 1),
          canonicalType: text(64, 1),
          nullable: Type.Boolean(),
          length: nullable(Type.Integer()),
          position: Type.Integer(),
          comment: nullable(text(4000)),
          suggestedName: nullable(text(255)),
        }),
        { maxItems: 1600 },
      ),
    }),
    { maxItems: 10000 },
  ),
})

export const ReadInput = exact({
  /** The channel; for a repair the reconciliation: the stream that the segments number. */
  stream: Uuid,
  generation: Type.Integer({ minimum: 1 }),
  source: SourceAccess,
  table: TableRef,
  columns: Type.Array(TransitColumn, { minItems: 1, maxItems: 1600 }),
  key: Type.Array(text(63, 1)),
  grant: SignedGrant,
  /** Schema hash seen at mounting; another hash at reading is `source.changed`. */
  schemaHash: Digest,
  payload: oneOf('rows', 'changes'),
  /** Repair only: read just these keys (canonical key texts, one array per row). */
  keys: nullable(Type.Array(Type.Array(text(4000)), { maxItems: 10000 })),
  recipients: Type.Array(exact({ keyId: text(64, 1), publicKey: Base64 }), { minItems: 1, maxItems: 64 }),
})
export const ReadProgress = exact({
  rowsSealed: BigInteger,
  segmentsSealed: Type.Integer(),
  segmentsUploaded: Type.Integer(),
  complete: Type.Boolean(),
})
/** `rows`: rows that the source answered, counted by the reader. */
export const ReadResult = exact({ rows: BigInteger, segments: Type.Integer(), finalDigest: Digest })

export const ApplyInput = exact({
  stream: Uuid,
  target: SourceAccess,
  table: TableRef,
  columns: Type.Array(TransitColumn, { minItems: 1, maxItems: 1600 }),
  key: Type.Array(text(63, 1)),
  payload: oneOf('rows', 'changes'),
  /** Repair only: keys that the source no longer has. */
  deleteKeys: nullable(Type.Array(Type.Array(text(4000)), { maxItems: 10000 })),
  /** Keys that may sign segments of this stream (raw Ed25519, base64). */
  sealers: Type.Array(exact({ keyId: text(64, 1), publicKey: Base64 }), { minItems: 1, maxItems: 16 }),
})
export const ApplyProgress = exact({ generation: Type.Integer(), sequence: Type.Integer(), rows: BigInteger })
/** `rows`: rows visible in the receiving table after the switch, counted there. */
export const ApplyResult = exact({ generation: Type.Integer(), sequence: Type.Integer(), rows: BigInteger })

export const ReconcileInput = exact({
  reconciliation: Uuid,
  side: oneOf('source', 'target'),
  source: SourceAccess,
  table: TableRef,
  columns: Type.Array(TransitColumn, { minItems: 1, maxItems: 1600 }),
  key: Type.Array(text(63, 1), { minItems: 1 }),
  /** Source side only: rows and columns are cut to the grant. */
  grant: nullable(SignedGrant),
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
  at: Instant,
})

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
