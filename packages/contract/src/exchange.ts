import { Type } from 'typebox'
import {
  Action,
  BigInteger,
  Bilingual,
  Digest,
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
import { approveDrift, DriftPolicy, DriftView, setDrift } from './drift.ts'
import { ChannelColumn, Mapping, readColumns } from './mapping.ts'
import { endpoint } from './endpoint.ts'
import { readFrontMarks, readReceivingTable, setFrontPolicy } from './front-marks.ts'
import { listFiles, wantedFiles } from './file-exchange.ts'
import { FollowView, IntervalSeconds, LagSeconds, listIncrements, startIncrement } from './follow.ts'
import { approveTruncation, followStream, LogView, resyncChannel } from './log.ts'
import { EveryHours, planReconciliation, ReconcilePlan, ReconciliationView } from './reconcile-plan.ts'
import { EndCrossing } from './node-link.ts'
import { listRejects } from './rejects.ts'
import { listSegments } from './segment-list.ts'
import { issueStatement, listStatements, readStatement } from './statement.ts'
import { words } from './words.ts'

export {
  issueStatement,
  listStatements,
  readStatement,
  StatementDocument,
  StatementSummary,
  StatementView,
} from './statement.ts'
export { listSegments, SegmentView } from './segment-list.ts'
export { FrontMarksView, readFrontMarks, readReceivingTable, setFrontPolicy } from './front-marks.ts'
export { listRejects, RejectView } from './rejects.ts'
export { FileView, listFiles, WANTED_MAX, wantedFiles } from './file-exchange.ts'
export { CodeMap, ColumnMapping, Constant, readColumns } from './mapping.ts'
export { approveDrift, DriftPolicy, DriftView, FieldDifference, setDrift } from './drift.ts'
export { planReconciliation, ReconcilePlan, ReconciliationView } from './reconcile-plan.ts'
export { FollowView, IncrementView, listIncrements, startIncrement } from './follow.ts'
export { approveTruncation, followStream, LogView, resyncChannel } from './log.ts'

/** `following`: the full copy is there, and changes are brought after it at an interval. */
export const ChannelState = oneOf('configured', 'ready', 'running', 'following', 'completed', 'failed', 'stopped')
/**
 * `full`: whole copies. `cursor`: one whole copy, then what changed, by the update time of the source's convention.
 * `log`: one whole copy, then every change, from the source's own log. `diff`: one whole copy, then compared every so many
 * hours by digests, and only the rows that differ travel. `files`: the files of a folder as they are, all of them once, then
 * those that are new or changed. */
export const ChannelMode = oneOf('full', 'cursor', 'log', 'diff', 'files')

const Progress = exact({
  generation: Type.Integer(),
  rowsSealed: BigInteger,
  segmentsSealed: Type.Integer(),
  segmentsReceived: Type.Integer(),
  rowsReceived: BigInteger,
  segmentsVerified: Type.Integer(),
  segmentsApplied: Type.Integer(),
  rowsApplied: BigInteger,
  bytesReceived: BigInteger,
  sealedComplete: Type.Boolean(),
  /** Of a task of files, whose rows are files: what this run carries in all, and the bytes that have arrived at the receiver. */
  files: Type.Optional(exact({ total: Type.Integer(), bytes: BigInteger, bytesApplied: BigInteger })),
  startedAt: nullable(Instant),
  finishedAt: nullable(Instant),
})
export const ChannelSummary = exact({
  id: Uuid,
  number: Type.String(),
  name: LanguageMap(256),
  grantId: Uuid,
  datasetId: Uuid,
  datasetName: LanguageMap(128),
  providerDepartmentId: Uuid,
  providerDepartmentName: LanguageMap(128),
  consumerDepartmentId: Uuid,
  consumerDepartmentName: LanguageMap(128),
  state: ChannelState,
  mode: ChannelMode,
  progress: Progress,
  problem: nullable(exact({ code: Type.String(), message: Bilingual, at: Instant })),
  createdAt: Instant,
})
export const ChannelDetail = exact({
  ...ChannelSummary.properties,
  crossings: Type.Array(EndCrossing),
  source: exact({ sourceId: Uuid, name: LanguageMap(128), schema: Type.String(), table: Type.String() }),
  target: exact({ sourceId: Uuid, name: LanguageMap(128), schema: Type.String(), table: Type.String() }),
  columns: Type.Array(ChannelColumn),
  mappingVersion: Type.Integer(),
  key: Type.Array(Type.String()),
  /** Records of a file that the latest copy has set aside. */
  rejected: BigInteger,
  follow: nullable(FollowView),
  log: nullable(LogView),
  driftPolicy: DriftPolicy,
  /** The table has changed, and somebody must say what that means. */
  drift: nullable(DriftView),
  reconcilePlan: ReconcilePlan,
  reconciliations: Type.Array(ReconciliationView),
  actions: Type.Array(Action),
  version: Type.Integer(),
})
export const listChannels = endpoint({
  id: 'exchange.channel.list',
  method: 'GET',
  path: '/api/v1/channels',
  access: 'channel.read',
  words: words('交换任务列表', 'List channels'),
  query: exact({ ...PageQuery, state: Type.Optional(ChannelState) }),
  reply: page(ChannelSummary),
})
export const readChannel = endpoint({
  id: 'exchange.channel.read',
  method: 'GET',
  path: '/api/v1/channels/:id',
  access: 'channel.read',
  words: words('查看交换任务', 'Read channel'),
  params: IdParams,
  reply: ChannelDetail,
  errors: ['object.not_found'],
})
export const createChannel = endpoint({
  id: 'exchange.channel.create',
  method: 'POST',
  path: '/api/v1/channels',
  access: 'request.configure',
  words: words('配置交换任务', 'Configure a channel'),
  body: exact({
    grantId: Uuid,
    targetSourceId: Uuid,
    targetSchema: Type.Optional(text(63, 1)),
    targetTable: Type.String({ pattern: '^[a-z][a-z0-9_]{0,40}$' }),
    mode: Type.Optional(ChannelMode),
    driftPolicy: Type.Optional(DriftPolicy),
    intervalSeconds: Type.Optional(IntervalSeconds),
    lagSeconds: Type.Optional(LagSeconds),
    /** Mode `diff`: how often both ends are compared. Default 24. */
    everyHours: Type.Optional(EveryHours),
    /** Columns of the receiving table; absent: the granted items under their own names. */
    mapping: Type.Optional(Mapping),
  }),
  reply: ChannelDetail,
  status: 201,
  errors: [
    'source.consent',
    'object.not_found',
    'object.state',
    'object.exists',
    'grant.inactive',
    'source.changed',
    'node.ferried',
  ],
})
export const setMapping = endpoint({
  id: 'exchange.channel.map',
  method: 'PUT',
  path: '/api/v1/channels/:id/mapping',
  access: 'request.configure',
  words: words('更改字段映射', 'Change the mapping'),
  params: IdParams,
  body: exact({ mapping: Mapping }),
  reply: ChannelDetail,
  ifMatch: true,
  errors: ['object.not_found', 'object.state', 'grant.inactive', 'source.changed'],
})
export const startChannel = endpoint({
  id: 'exchange.run.start',
  method: 'POST',
  path: '/api/v1/channels/:id/runs',
  access: 'channel.operate',
  words: words('启动交换', 'Start a run'),
  params: IdParams,
  reply: ChannelDetail,
  status: 202,
  ifMatch: true,
  errors: ['source.consent', 'object.not_found', 'object.state', 'grant.inactive'],
})
export const stopChannel = endpoint({
  id: 'exchange.run.stop',
  method: 'POST',
  path: '/api/v1/channels/:id/stop',
  access: 'channel.operate',
  words: words('停止交换', 'Stop a run'),
  params: IdParams,
  body: exact({ reason: text(500, 1) }),
  reply: ChannelDetail,
  ifMatch: true,
  errors: ['object.not_found', 'object.state'],
})
export const resumeChannel = endpoint({
  id: 'exchange.run.resume',
  method: 'POST',
  path: '/api/v1/channels/:id/resume',
  access: 'channel.operate',
  words: words('恢复增量同步', 'Resume following'),
  params: IdParams,
  reply: ChannelDetail,
  ifMatch: true,
  errors: ['source.consent', 'object.not_found', 'object.state', 'grant.inactive'],
})
export const setSchedule = endpoint({
  id: 'exchange.schedule.set',
  method: 'PUT',
  path: '/api/v1/channels/:id/schedule',
  access: 'channel.operate',
  words: words('设置增量同步周期', 'Set how often changes are brought'),
  params: IdParams,
  body: exact({ intervalSeconds: IntervalSeconds, lagSeconds: LagSeconds }),
  reply: ChannelDetail,
  ifMatch: true,
  errors: ['object.not_found', 'object.state'],
})
export const startReconciliation = endpoint({
  id: 'exchange.reconciliation.start',
  method: 'POST',
  path: '/api/v1/channels/:id/reconciliations',
  access: 'reconciliation.run',
  words: words('发起对账', 'Start a reconciliation'),
  params: IdParams,
  reply: ReconciliationView,
  status: 202,
  errors: ['source.consent', 'object.not_found', 'object.state', 'reconciliation.position', 'grant.inactive'],
})
export const readReconciliation = endpoint({
  id: 'exchange.reconciliation.read',
  method: 'GET',
  path: '/api/v1/reconciliations/:id',
  access: 'channel.read',
  words: words('查看对账结果', 'Read a reconciliation'),
  params: IdParams,
  reply: ReconciliationView,
  errors: ['object.not_found'],
})
export const acceptRepair = endpoint({
  id: 'exchange.repair.accept',
  method: 'POST',
  path: '/api/v1/reconciliations/:id/repair',
  access: 'repair.accept',
  words: words('需求方确认修复', 'Consumer accepts the repair'),
  params: IdParams,
  body: exact({ decision: oneOf('accept', 'decline'), opinion: Type.Optional(text(500)) }),
  reply: ReconciliationView,
  ifMatch: true,
  errors: ['object.not_found', 'object.state'],
})

/** A signed manifest and a signed receipt as they travel: the canonical JSON that `packages/segment` signs and verifies. */
export const SignedManifest = text(1_048_576, 2)
export const SignedReceipt = text(16_384, 2)
const DigestParams = exact({ digest: Digest })

export const announceSegment = endpoint({
  id: 'exchange.segment.announce',
  method: 'POST',
  path: '/api/v1/node/segments',
  access: 'node',
  words: words('节点预告批次', 'A node announces a segment'),
  body: exact({ manifest: SignedManifest }),
  bodyBytesMax: 4 * 1024 * 1024,
  reply: exact({
    /** Bytes that the platform already holds of this segment; upload continues there. */
    offset: Type.Integer(),
    /** Present when the platform already has the whole segment. */
    receipt: nullable(SignedReceipt),
  }),
  errors: [
    'signature.invalid',
    'segment.signature',
    'segment.chain',
    'segment.content',
    'segment.digest',
    'grant.inactive',
    'grant.rows_per_day',
    'object.not_found',
    'storage.upload_busy',
    'storage.full',
    'node.fenced',
  ],
})
export const appendSegment = endpoint({
  id: 'exchange.segment.append',
  method: 'PATCH',
  path: '/api/v1/node/segments/:digest/content',
  access: 'node',
  kind: 'upload',
  words: words('节点上传批次内容', 'A node uploads segment bytes'),
  params: DigestParams,
  query: exact({ offset: Type.String({ pattern: '^\\d{1,12}$' }) }),
  reply: exact({ offset: Type.Integer(), receipt: nullable(SignedReceipt) }),
  bodyBytesMax: 64 * 1024 * 1024,
  errors: [
    'signature.invalid',
    'upload.offset',
    'segment.digest',
    'segment.chain',
    'storage.upload_busy',
    'storage.full',
    'object.not_found',
    'grant.inactive',
    'node.fenced',
  ],
})
export const pullSegments = endpoint({
  id: 'exchange.segment.pull',
  method: 'GET',
  path: '/api/v1/node/streams/:id/segments',
  access: 'node',
  kind: 'long-poll',
  words: words('节点领取批次', 'A node asks for verified segments'),
  params: IdParams,
  query: exact({
    generation: Type.String({ pattern: '^\\d{1,9}$' }),
    after: Type.String({ pattern: '^\\d{1,9}$' }),
    waitSeconds: Type.Optional(Type.String({ pattern: '^([0-9]|1\\d|2[0-5])$' })),
  }),
  reply: exact({
    /** The generation in force; larger than asked: drop what was loaded and begin again at its sequence 1. */
    generation: Type.Integer(),
    segments: Type.Array(exact({ sequence: Type.Integer(), digest: Digest, manifest: SignedManifest })),
  }),
  errors: ['signature.invalid', 'object.not_found', 'grant.inactive', 'node.fenced'],
})
export const fetchSegment = endpoint({
  id: 'exchange.segment.fetch',
  method: 'GET',
  path: '/api/v1/node/segments/:digest/content',
  access: 'node',
  kind: 'stream',
  words: words('节点下载批次内容', 'A node downloads segment bytes'),
  params: DigestParams,
  query: exact({ offset: Type.Optional(Type.String({ pattern: '^\\d{1,12}$' })) }),
  reply: Type.Unknown(),
  errors: ['signature.invalid', 'object.not_found', 'grant.inactive', 'node.fenced'],
})
export const acknowledgeSegment = endpoint({
  id: 'exchange.receipt.create',
  method: 'POST',
  path: '/api/v1/node/receipts',
  access: 'node',
  words: words('节点回执', 'A node acknowledges a segment'),
  body: exact({ receipt: SignedReceipt }),
  reply: exact({}),
  status: 201,
  errors: ['signature.invalid', 'segment.signature', 'object.not_found', 'object.state'],
})

export const exchangeEndpoints = [
  listChannels,
  readChannel,
  createChannel,
  startChannel,
  stopChannel,
  resumeChannel,
  setSchedule,
  startIncrement,
  listIncrements,
  listSegments,
  startReconciliation,
  readReconciliation,
  acceptRepair,
  planReconciliation,
  issueStatement,
  listStatements,
  readStatement,
  announceSegment,
  appendSegment,
  pullSegments,
  fetchSegment,
  acknowledgeSegment,
  followStream,
  resyncChannel,
  approveTruncation,
  setDrift,
  approveDrift,
  readColumns,
  setMapping,
  listFiles,
  wantedFiles,
  readFrontMarks,
  setFrontPolicy,
  readReceivingTable,
  listRejects,
] as const
