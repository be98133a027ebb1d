import { Type } from 'typebox'
import {
  BigInteger,
  Day,
  Digest,
  exact,
  IdParams,
  Instant,
  LanguageMap,
  nullable,
  oneOf,
  page,
  PageQuery,
  Uuid,
} from './common.ts'
import { endpoint } from './endpoint.ts'
import { words } from './words.ts'

/** Rows by station: 源 (what the source answered), 发 (sealed), 收 (received by the platform), 入 (committed in the target). */
const Stations = exact({
  /** Null where nobody counted at the source: a repair reads single keys, a log is read as it comes. */
  source: nullable(BigInteger),
  /** 拒收: records of a file that were set aside before they were sent; 源 = 发 + 拒收. Left out where there are none. */
  rejected: Type.Optional(BigInteger),
  sealed: BigInteger,
  received: BigInteger,
  applied: BigInteger,
})
/** `balanced`: 源 = 发 + 拒收, 发 = 收 = 入. `running` and `abandoned` runs are listed and not added up. */
const StatementRun = exact({
  stream: Uuid,
  generation: Type.Integer(),
  kind: oneOf('copy', 'changes', 'repair', 'log'),
  startedAt: Instant,
  state: oneOf('balanced', 'unbalanced', 'running', 'abandoned'),
  batches: Type.Integer(),
  rows: Stations,
})
/** One batch with the digests of the two receipts over it: of the platform, and of the consumer's node. */
const StatementBatch = exact({
  stream: Uuid,
  generation: Type.Integer(),
  sequence: Type.Integer(),
  rows: BigInteger,
  sealedDigest: Digest,
  receivedAt: nullable(Instant),
  receipt: nullable(Digest),
  appliedAt: nullable(Instant),
  consumerReceipt: nullable(Digest),
})
/** One file of a task of files, in the batch where it came to its end. */
const StatementFile = exact({
  stream: Uuid,
  generation: Type.Integer(),
  sequence: Type.Integer(),
  path: Type.String(),
  bytes: BigInteger,
  digest: Digest,
})
const StatementReconciliation = exact({
  id: Uuid,
  startedAt: Instant,
  state: oneOf('running', 'equal', 'different', 'failed', 'repairing', 'repaired'),
  sourceRows: nullable(BigInteger),
  targetRows: nullable(BigInteger),
})
/** What a statement says; signed as canonical JSON in the domain `huitong/statement/v1`. */
export const StatementDocument = exact({
  v: Type.Literal(1),
  number: Type.String(),
  issuedAt: Instant,
  channel: exact({ id: Uuid, number: Type.String() }),
  dataset: exact({ id: Uuid, code: Type.String(), name: LanguageMap(128) }),
  provider: exact({ id: Uuid, name: LanguageMap(128) }),
  consumer: exact({ id: Uuid, name: LanguageMap(128) }),
  grant: exact({ id: Uuid, number: Type.String(), matterCode: Type.String() }),
  /** Days of Beijing time, both included. A run belongs to the day on which it began, a batch of a log to its own. */
  period: exact({ from: Day, to: Day }),
  state: oneOf('balanced', 'unbalanced', 'running', 'empty'),
  totals: exact({ runs: Type.Integer(), batches: Type.Integer(), rows: Stations }),
  runs: Type.Array(StatementRun),
  batches: Type.Array(StatementBatch),
  /** Of a task of files, whose rows are files. */
  files: Type.Optional(Type.Array(StatementFile)),
  reconciliations: Type.Array(StatementReconciliation),
})
export const StatementSummary = exact({
  id: Uuid,
  number: Type.String(),
  channelId: Uuid,
  from: Day,
  to: Day,
  state: StatementDocument.properties.state,
  totals: StatementDocument.properties.totals,
  issuedAt: Instant,
  issuedBy: Type.String(),
})
export const StatementView = exact({
  ...StatementSummary.properties,
  content: StatementDocument,
  /** The document byte for byte as it was signed, and the signature of the platform. */
  report: exact({ document: Type.String(), digest: Digest, signature: Type.String(), keyId: Type.String() }),
})

export const issueStatement = endpoint({
  id: 'exchange.statement.issue',
  method: 'POST',
  path: '/api/v1/channels/:id/statements',
  access: 'reconciliation.run',
  words: words('出具对账单', 'Issue a statement'),
  params: IdParams,
  body: exact({ from: Day, to: Day }),
  reply: StatementView,
  status: 201,
  errors: ['object.not_found', 'statement.too_long'],
})
export const listStatements = endpoint({
  id: 'exchange.statement.list',
  method: 'GET',
  path: '/api/v1/channels/:id/statements',
  access: 'channel.read',
  words: words('对账单列表', 'List statements'),
  params: IdParams,
  query: exact({ ...PageQuery }),
  reply: page(StatementSummary),
  errors: ['object.not_found'],
})
export const readStatement = endpoint({
  id: 'exchange.statement.read',
  method: 'GET',
  path: '/api/v1/statements/:id',
  access: 'channel.read',
  words: words('查看对账单', 'Read a statement'),
  params: IdParams,
  reply: StatementView,
  errors: ['object.not_found'],
})
