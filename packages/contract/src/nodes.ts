import { Type } from 'typebox'
import {
  Base64,
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
import { giveConsent, listConsents, readConsent } from './consent.ts'
import { endpoint } from './endpoint.ts'
import { uploadEndpoints } from './uploads.ts'
import { Crossing, NodeLink } from './node-link.ts'
import { keepNodeLog, WorkKind } from './node-log.ts'
import { words } from './words.ts'
import { FIELDS_MAX, FoundField } from './work.ts'

export * from './uploads.ts'
export * from './node-log.ts'
export { NODE_PROBLEMS } from './node-problems.ts'
export { NodeLink } from './node-link.ts'
export { CONSENT_BYTES_MAX, ConsentView, giveConsent, listConsents, readConsent } from './consent.ts'

export const NodeView = exact({
  id: Uuid,
  name: LanguageMap(128),
  departmentId: Uuid,
  departmentName: LanguageMap(128),
  /** `ferried`: it has no line; how its files cross says `crossing`. */
  state: oneOf('awaiting', 'online', 'offline', 'ferried'),
  lastSeenAt: nullable(Instant),
  version: nullable(Type.String()),
  keyId: nullable(Type.String()),
  link: NodeLink,
  /** Of a ferried node. */
  crossing: nullable(Crossing),
})

export const SourceView = exact({
  id: Uuid,
  name: LanguageMap(128),
  nodeId: Uuid,
  departmentId: Uuid,
  kind: Type.String(),
  /** Connection settings without secrets. */
  settings: Type.Record(Type.String(), Type.Union([Type.String(), Type.Integer(), Type.Boolean()])),
  usage: oneOf('provide', 'receive', 'both'),
  frontDatabase: Type.Boolean(),
  discovery: nullable(
    exact({
      state: oneOf('queued', 'running', 'done', 'failed'),
      at: Instant,
      tables: Type.Integer(),
      problem: nullable(Bilingual),
    }),
  ),
})

export const DiscoveredField = exact({
  name: Type.String(),
  type: Type.String(),
  canonicalType: Type.String(),
  nullable: Type.Boolean(),
  length: nullable(Type.Integer()),
  position: Type.Integer(),
  comment: nullable(Type.String()),
  suggestedName: nullable(Type.String()),
})
export const DiscoveredTable = exact({
  id: Uuid,
  schema: Type.String(),
  name: Type.String(),
  comment: nullable(Type.String()),
  suggestedName: nullable(Type.String()),
  rowEstimate: nullable(BigInteger),
  key: Type.Array(Type.String()),
  fields: Type.Array(DiscoveredField),
  schemaHash: Type.String(),
  seenAt: Instant,
})

export const listNodes = endpoint({
  id: 'nodes.node.list',
  method: 'GET',
  path: '/api/v1/nodes',
  access: 'node.read',
  words: words('节点列表', 'List nodes'),
  query: exact({ ...PageQuery }),
  reply: page(NodeView),
})
export const createNode = endpoint({
  id: 'nodes.node.create',
  method: 'POST',
  path: '/api/v1/nodes',
  access: 'node.manage',
  words: words('登记节点并取得一次性注册码', 'Register a node and get its one-time code'),
  body: exact({ name: LanguageMap(128), departmentId: Uuid, link: Type.Optional(NodeLink) }),
  /** Of a ferried node the code is a ticket: one line that also says who it is and whom it trusts. */
  reply: exact({ node: NodeView, enrolmentCode: Type.String(), expiresAt: Instant }),
  status: 201,
  errors: ['object.not_found', 'department.abolished'],
})
export const enrolNode = endpoint({
  id: 'nodes.node.enrol',
  method: 'POST',
  path: '/api/v1/node-enrolments',
  access: 'public',
  words: words('节点注册', 'Enrol a node'),
  body: exact({
    code: text(128, 16),
    /** Raw Ed25519 public key that signs every request, this one too. */
    signingKey: Base64,
    /** Raw X25519 public key to which secrets and segment keys are sealed. */
    sealingKey: Base64,
    version: text(32, 1),
  }),
  reply: exact({
    nodeId: Uuid,
    name: LanguageMap(128),
    departmentId: Uuid,
    /** The platform's own keys: it signs receipts and grants, and is a recipient of each segment. */
    platform: exact({ signingKey: Base64, sealingKey: Base64 }),
  }),
  status: 201,
  errors: ['enrolment.code', 'signature.invalid'],
})

export const listSources = endpoint({
  id: 'nodes.source.list',
  method: 'GET',
  path: '/api/v1/data-sources',
  access: 'node.read',
  words: words('数据源列表', 'List data sources'),
  query: exact({ ...PageQuery, departmentId: Type.Optional(Uuid) }),
  reply: page(SourceView),
})
export const createSource = endpoint({
  id: 'nodes.source.create',
  method: 'POST',
  path: '/api/v1/data-sources',
  access: 'node.manage',
  words: words('登记数据源', 'Register a data source'),
  body: exact({
    name: LanguageMap(128),
    nodeId: Uuid,
    kind: text(32, 1),
    /** Checked against the connector's own settings schema; secrets are sealed to the node at once. */
    settings: Type.Record(text(64, 1), Type.Union([text(1024), Type.Integer(), Type.Boolean()])),
    usage: oneOf('provide', 'receive', 'both'),
    frontDatabase: Type.Boolean(),
    /** Written consent, required for direct reading of a business database (no front database). */
    consent: Type.Optional(text(512, 1)),
  }),
  reply: SourceView,
  status: 201,
  errors: ['object.not_found', 'source.settings', 'object.state', 'node.ferried'],
})
export const discoverSource = endpoint({
  id: 'nodes.source.discover',
  method: 'POST',
  path: '/api/v1/data-sources/:id/discoveries',
  access: 'source.discover',
  words: words('探查数据源', 'Discover a data source'),
  params: IdParams,
  reply: SourceView,
  status: 202,
  errors: ['object.not_found'],
})
export const listTables = endpoint({
  id: 'nodes.table.list',
  method: 'GET',
  path: '/api/v1/data-sources/:id/tables',
  access: 'source.discover',
  words: words('已探查的库表', 'Discovered tables'),
  params: IdParams,
  query: exact({ ...PageQuery }),
  reply: page(DiscoveredTable),
  errors: ['object.not_found'],
})
export const listConnectorKinds = endpoint({
  id: 'nodes.connector.list',
  method: 'GET',
  path: '/api/v1/connector-kinds',
  access: 'node.read',
  words: words('连接器类型', 'Kinds of connectors'),
  reply: exact({
    items: Type.Array(
      exact({
        kind: Type.String(),
        words: Bilingual,
        settingsSchema: Type.Unknown(),
        capabilities: Type.Record(Type.String(), Type.Boolean()),
      }),
    ),
  }),
})

/** A piece of work leased to a node. `input` has the shape of its kind (see `work.ts`). */
export const LeasedWork = exact({
  id: Uuid,
  kind: WorkKind,
  fence: BigInteger,
  leaseSeconds: Type.Integer(),
  input: Type.Unknown(),
})
/** Work of one boot that a poll can name. */
export const RUNNING_MAX = 1024
export const pollWork = endpoint({
  id: 'nodes.work.poll',
  method: 'POST',
  path: '/api/v1/node/work',
  access: 'node',
  kind: 'long-poll',
  words: words('节点领取任务', 'A node asks for work'),
  body: exact({
    /** New at each start of the agent: leases held by an earlier boot are released at once. */
    boot: Uuid,
    version: text(32, 1),
    /** Work that this boot is running: its leases are renewed. */
    running: Type.Array(Uuid, { maxItems: RUNNING_MAX }),
    /** Counts the polls of this boot from 1: work that an earlier one was given and that does not run never arrived. */
    poll: Type.Optional(Type.Integer({ minimum: 1, maximum: 2_147_483_647 })),
    waitSeconds: Type.Integer({ minimum: 0, maximum: 25 }),
  }),
  reply: exact({
    work: Type.Array(LeasedWork),
    /** Work of `running` that this node no longer holds and must drop. */
    revoked: Type.Array(Uuid),
  }),
  errors: ['signature.invalid'],
})
export const reportProgress = endpoint({
  id: 'nodes.work.progress',
  method: 'PUT',
  path: '/api/v1/node/work/:id/progress',
  access: 'node',
  words: words('节点报告进度', 'A node reports progress'),
  params: IdParams,
  body: exact({ fence: BigInteger, progress: Type.Unknown() }),
  reply: exact({}),
  errors: ['signature.invalid', 'node.fenced', 'object.not_found'],
})
export const finishWork = endpoint({
  id: 'nodes.work.finish',
  method: 'POST',
  path: '/api/v1/node/work/:id/result',
  access: 'node',
  words: words('节点报告结果', 'A node reports the result'),
  params: IdParams,
  body: exact({
    fence: BigInteger,
    /** `failed` is final for this piece of work; a lost connection is not a failure, the lease just runs out. */
    state: oneOf('done', 'failed'),
    result: Type.Optional(Type.Unknown()),
    problem: Type.Optional(
      exact({
        code: text(64, 1),
        message: Bilingual,
        detail: Type.Optional(text(2048)),
        /** With `source.changed`: the fields that the table has now. */
        fields: Type.Optional(Type.Array(FoundField, { maxItems: FIELDS_MAX })),
      }),
    ),
  }),
  reply: exact({}),
  status: 201,
  bodyBytesMax: 64 * 1024 * 1024,
  errors: ['signature.invalid', 'node.fenced', 'object.not_found', 'object.state'],
})

export const nodesEndpoints = [
  listNodes,
  createNode,
  enrolNode,
  listSources,
  createSource,
  discoverSource,
  listTables,
  listConnectorKinds,
  pollWork,
  reportProgress,
  finishWork,
  keepNodeLog,
  giveConsent,
  listConsents,
  readConsent,
  ...uploadEndpoints,
] as const
