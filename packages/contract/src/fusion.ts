import { FusionDefinition } from '@huitong/fusion/definition'
import { Type } from 'typebox'
import {
  BigInteger,
  Bilingual,
  exact,
  IdParams,
  Instant,
  LanguageMap,
  nullable,
  oneOf,
  page,
  PageQuery,
  text,
  Uuid,
} from './common.ts'
import { endpoint } from './endpoint.ts'
import { Library } from './library.ts'
import { words } from './words.ts'

const LibraryParams = exact({ library: Library })
const ItemCode = Type.String({ pattern: '^[a-z][a-z0-9_]{0,62}$' })
const FieldCode = Type.String({ pattern: '^[a-z][a-z0-9_]{0,39}$' })
/** Keyed digests: they name records and masters from run to run and say nothing of a person. */
const RecordName = Type.String({ pattern: '^[0-9a-f]{32}$' })

/** 融合定义: which landed tables feed a library, how their records are brought together, and whose value stands. */
export const FusionSettings = exact({
  definition: FusionDefinition,
  names: Type.Record(FieldCode, LanguageMap(64)),
  sources: Type.Array(
    exact({
      channelId: Uuid,
      /** Item that feeds each field. */
      items: Type.Record(FieldCode, ItemCode),
      /** Item that says when a row was last changed. */
      updatedItem: nullable(ItemCode),
    }),
    { minItems: 1, maxItems: 30 },
  ),
  /** For each field: whose value is believed first (一数一源), and what is asked in which order. */
  survivorship: Type.Array(
    exact({
      field: FieldCode,
      authority: Type.Array(Uuid, { maxItems: 30 }),
      order: Type.Array(oneOf('authority', 'freshness', 'completeness'), { minItems: 1, maxItems: 3 }),
    }),
    { maxItems: 40 },
  ),
})
const FusionState = oneOf('queued', 'running', 'stopping', 'stopped', 'done', 'failed')

export const FusionRunView = exact({
  id: Uuid,
  number: Type.String(),
  library: Library,
  state: FusionState,
  settingsVersion: Type.Integer(),
  createdAt: Instant,
  finishedAt: nullable(Instant),
  /** Where the work is, while it runs. */
  progress: nullable(exact({ stage: Type.String(), at: Type.Integer(), of: Type.Integer() })),
  problem: nullable(Bilingual),
  figures: nullable(
    exact({
      records: BigInteger,
      /** Records whose identifier is valid. */
      identified: BigInteger,
      masters: BigInteger,
      candidatePairs: BigInteger,
      /** Pairs of blocks that were too large to be looked at. */
      leftOutPairs: BigInteger,
      matchedPairs: BigInteger,
      reviewPairs: BigInteger,
      /** Likely one, but of two valid identifiers or told apart by a person. */
      refusedPairs: BigInteger,
      /** Words of persons that could not be followed for two valid identifiers. */
      refusedDecisions: BigInteger,
      /** Records that are in another master than in the run before. */
      changed: BigInteger,
      milliseconds: Type.Integer(),
    }),
  ),
})
const Field = exact({ code: FieldCode, name: LanguageMap(64), masked: Type.Boolean() })
/** `hidden`: the grant does not reach the reader. */
const ShownValue = exact({ value: nullable(Type.String()), masked: Type.Boolean(), hidden: Type.Boolean() })
const Source = exact({
  channelId: Uuid,
  datasetName: LanguageMap(128),
  departmentName: LanguageMap(128),
})
const FusedRecord = exact({
  record: RecordName,
  master: RecordName,
  /** Place in `sources`. */
  source: Type.Integer(),
  identified: Type.Boolean(),
  /** In the order of `fields`. */
  values: Type.Array(ShownValue),
})
const Verdict = oneOf('same', 'different', 'later')
/** Full values need a stated purpose, which is recorded. */
const Reading = { full: Type.Optional(Type.Boolean()), purpose: Type.Optional(text(200, 4)) }
const READ_ERRORS = [
  'request.invalid',
  'object.not_found',
  'object.state',
  'centre.purpose_required',
  'engine.unavailable',
] as const

export const readFusion = endpoint({
  id: 'centre.fusion.read',
  method: 'GET',
  path: '/api/v1/centre/libraries/:library/fusion',
  access: 'library.read',
  words: words('基础库融合定义', 'How a base library is fused'),
  params: LibraryParams,
  reply: exact({
    library: Library,
    /** 0: none was made yet. */
    version: Type.Integer(),
    settings: nullable(FusionSettings),
    updatedAt: nullable(Instant),
    /** Landed tables of which the grants allow the reader's department their items. */
    candidates: Type.Array(
      exact({
        ...Source.properties,
        items: Type.Array(exact({ code: Type.String(), name: LanguageMap(128) })),
      }),
    ),
  }),
})
export const setFusion = endpoint({
  id: 'centre.fusion.set',
  method: 'PUT',
  path: '/api/v1/centre/libraries/:library/fusion',
  access: 'library.manage',
  words: words('设置基础库融合定义', 'Set how a base library is fused'),
  params: LibraryParams,
  body: FusionSettings,
  ifMatch: true,
  reply: exact({ library: Library, version: Type.Integer() }),
  errors: ['request.invalid'],
})
export const startFusion = endpoint({
  id: 'centre.fusion.start',
  method: 'POST',
  path: '/api/v1/centre/libraries/:library/fusion-runs',
  access: 'library.manage',
  words: words('发起融合', 'Start a fusion'),
  params: LibraryParams,
  reply: FusionRunView,
  status: 201,
  errors: ['request.invalid', 'object.not_found', 'object.state'],
})
export const listFusionRuns = endpoint({
  id: 'centre.fusion_run.list',
  method: 'GET',
  path: '/api/v1/centre/libraries/:library/fusion-runs',
  access: 'library.read',
  words: words('融合任务列表', 'List fusions'),
  params: LibraryParams,
  query: exact({ ...PageQuery }),
  reply: page(FusionRunView),
})
export const readFusionRun = endpoint({
  id: 'centre.fusion_run.read',
  method: 'GET',
  path: '/api/v1/centre/fusion-runs/:id',
  access: 'library.read',
  words: words('融合任务', 'Read a fusion'),
  params: IdParams,
  reply: FusionRunView,
})
export const stopFusion = endpoint({
  id: 'centre.fusion_run.stop',
  method: 'POST',
  path: '/api/v1/centre/fusion-runs/:id/stop',
  access: 'library.manage',
  words: words('停止融合', 'Stop a fusion'),
  params: IdParams,
  reply: FusionRunView,
  errors: ['object.not_found', 'object.state'],
})
export const readReview = endpoint({
  id: 'centre.fusion_review.read',
  /** POST, because the purpose that is stated belongs in no address and no log. */
  method: 'POST',
  path: '/api/v1/centre/fusion-runs/:id/review-readings',
  access: 'library.read',
  words: words('待复核记录对', 'Pairs to review'),
  params: IdParams,
  query: exact({ ...PageQuery }),
  body: exact(Reading),
  reply: exact({
    ...page(
      exact({
        one: FusedRecord,
        other: FusedRecord,
        /** Probability that the two are one, 0 to 1. */
        probability: Type.Number(),
        /** They are not one only because of two valid identifiers, or because a person told them apart from others. */
        refused: Type.Boolean(),
        /** How far each compared field agrees: `missing`, `none`, or the kind of the level. */
        agreements: Type.Array(exact({ field: FieldCode, level: Type.String(), first: Type.Boolean() })),
        /** What a person said since the run. */
        decided: nullable(exact({ verdict: Verdict, by: Type.String(), at: Instant })),
      }),
    ).properties,
    fields: Type.Array(Field),
    sources: Type.Array(Source),
  }),
  errors: READ_ERRORS,
})
export const decidePair = endpoint({
  id: 'centre.fusion_pair.decide',
  method: 'POST',
  path: '/api/v1/centre/fusion-runs/:id/decisions',
  access: 'library.manage',
  words: words('复核记录对', 'Decide a pair'),
  params: IdParams,
  body: exact({ one: RecordName, other: RecordName, verdict: Verdict, note: Type.Optional(text(500)) }),
  reply: exact({ verdict: Verdict }),
  errors: ['request.invalid', 'object.not_found', 'object.state', 'fusion.two_identifiers', 'engine.unavailable'],
})
export const listMasters = endpoint({
  id: 'centre.master.list',
  /** POST, because the number asked for belongs in no address and no log. */
  method: 'POST',
  path: '/api/v1/centre/fusion-runs/:id/master-readings',
  access: 'library.read',
  words: words('融合后的主记录', 'Master records'),
  params: IdParams,
  query: exact({ ...PageQuery }),
  body: exact({ number: Type.Optional(Type.String({ pattern: '^[0-9A-Za-z]{8,32}$' })), ...Reading }),
  reply: exact({
    ...page(exact({ master: RecordName, members: Type.Integer(), values: Type.Array(ShownValue) })).properties,
    fields: Type.Array(Field),
  }),
  errors: READ_ERRORS,
})
export const readMaster = endpoint({
  id: 'centre.master.read',
  method: 'POST',
  path: '/api/v1/centre/fusion-runs/:id/masters/:master/readings',
  access: 'library.read',
  words: words('主记录及其来源', 'A master record and where it comes from'),
  params: exact({ id: Uuid, master: RecordName }),
  body: exact(Reading),
  reply: exact({
    master: RecordName,
    fields: Type.Array(Field),
    sources: Type.Array(Source),
    /** In the order of `fields`; `record`: which record gave the value. */
    values: Type.Array(exact({ ...ShownValue.properties, record: nullable(RecordName) })),
    records: Type.Array(FusedRecord),
    history: Type.Array(
      exact({ runId: Uuid, number: Type.String(), at: Instant, record: RecordName, change: oneOf('joined', 'left') }),
    ),
    decisions: Type.Array(
      exact({
        one: RecordName,
        other: RecordName,
        verdict: Verdict,
        by: Type.String(),
        at: Instant,
        note: nullable(Type.String()),
      }),
    ),
  }),
  errors: READ_ERRORS,
})
export const splitMaster = endpoint({
  id: 'centre.master.split',
  method: 'POST',
  path: '/api/v1/centre/fusion-runs/:id/masters/:master/splits',
  access: 'library.manage',
  words: words('撤销合并', 'Undo a merge'),
  params: exact({ id: Uuid, master: RecordName }),
  /** The records that leave; they stay together. */
  body: exact({ records: Type.Array(RecordName, { minItems: 1, maxItems: 100 }), note: text(500, 2) }),
  reply: exact({ apart: Type.Integer() }),
  errors: ['request.invalid', 'object.not_found', 'object.state', 'engine.unavailable'],
})

export const fusionEndpoints = [
  readFusion,
  setFusion,
  startFusion,
  listFusionRuns,
  readFusionRun,
  stopFusion,
  readReview,
  decidePair,
  listMasters,
  readMaster,
  splitMaster,
] as const
