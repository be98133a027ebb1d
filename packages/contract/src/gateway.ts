import { Type } from 'typebox'
import {
  Action,
  BigInteger,
  Bilingual,
  Day,
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
import { answerNodeCall, pollCalls } from './node-calls.ts'
import { Operation } from './operation.ts'
import {
  callBatch,
  callCount,
  callExport,
  callOperation,
  callOperationBody,
  callRow,
  callRows,
} from './service-calls.ts'
import { words } from './words.ts'

export { answerNodeCall, NODE_CALL_BYTES_MAX, pollCalls, type NodeCall, type NodeCallReply } from './node-calls.ts'
export { Operation, type JsonSchema } from './operation.ts'
export {
  BATCH_KEYS_MAX,
  callBatch,
  callCount,
  callExport,
  callOperation,
  callOperationBody,
  callRow,
  callRows,
} from './service-calls.ts'

const ServiceCode = Type.String({ pattern: '^[a-z][a-z0-9-]{2,62}$' })

const ServiceItem = exact({
  code: Type.String(),
  name: LanguageMap(128),
  /** Canonical type (`text`, `bigint`, `numeric(10,2)`, `date`, …): decimals and 64-bit integers travel as strings. */
  type: Type.String(),
  key: Type.Boolean(),
  /** Masked when it landed already. */
  landedMasked: Type.Boolean(),
})
export const ServiceSummary = exact({
  id: Uuid,
  code: ServiceCode,
  name: LanguageMap(128),
  datasetId: Uuid,
  datasetName: LanguageMap(128),
  datasetCode: Type.String(),
  providerDepartmentId: Uuid,
  providerDepartmentName: LanguageMap(128),
  /** Made from a landed table, or a department's own HTTP service behind the gateway. */
  kind: oneOf('dataset', 'proxied'),
  state: oneOf('running', 'stopped'),
  itemCount: Type.Integer(),
  /** Openings that the viewer may see. */
  openingCount: Type.Integer(),
  createdAt: Instant,
})
/** 开通: the service under one grant, for the applications of one department. */
export const ServiceOpening = exact({
  id: Uuid,
  serviceId: Uuid,
  grantId: Uuid,
  grantNumber: Type.String(),
  departmentId: Uuid,
  departmentName: LanguageMap(128),
  matter: exact({ code: Type.String(), name: Type.String() }),
  purpose: Type.String(),
  items: Type.Array(exact({ code: Type.String(), mask: nullable(Type.String()) })),
  /** Whether one row can be asked for by its key under this grant. */
  byKey: Type.Boolean(),
  validFrom: Instant,
  validUntil: Instant,
  state: oneOf('active', 'suspended', 'revoked', 'expired', 'not_yet'),
  perSecondMax: Type.Integer(),
  perDayMax: Type.Integer(),
  totalMax: nullable(BigInteger),
  rowsPerDayMax: nullable(Type.Integer()),
  callsToday: BigInteger,
  callsTotal: BigInteger,
  /** Why it is suspended: by a person, or by the platform because of misses (keys tried out) or sudden growth. */
  suspension: nullable(
    exact({
      at: Instant,
      cause: oneOf('person', 'misses', 'growth'),
      reason: nullable(Type.String()),
      /** What the platform saw; null when a person suspended it. */
      seen: nullable(Bilingual),
    }),
  ),
  /** Whether the viewer may let it run again after the platform suspended it. */
  releasable: Type.Boolean(),
  version: Type.Integer(),
})
export const ServiceDetail = exact({
  ...ServiceSummary.properties,
  description: nullable(Type.String()),
  items: Type.Array(ServiceItem),
  key: Type.Array(Type.String()),
  openings: Type.Array(ServiceOpening),
  /** Of a proxied service; where it is, is for those who manage services. */
  proxied: nullable(
    exact({
      baseUrl: nullable(Type.String()),
      operations: Type.Array(Operation),
      timeoutMs: Type.Integer(),
      replyBytesMax: Type.Integer(),
      /** The node that calls it within its department's network; null: the gateway reaches it itself. */
      nodeId: nullable(Uuid),
    }),
  ),
  actions: Type.Array(Action),
  version: Type.Integer(),
})
export const ApplicationView = exact({
  id: Uuid,
  appId: Type.String(),
  name: text(128, 1),
  departmentId: Uuid,
  departmentName: LanguageMap(128),
  createdBy: Type.String(),
  createdAt: Instant,
  secretAt: Instant,
  revokedAt: nullable(Instant),
  lastCallAt: nullable(Instant),
  version: Type.Integer(),
})
/** The secret is shown in this reply and never again. */
const ApplicationSecret = exact({ application: ApplicationView, secret: Type.String() })

const Quota = {
  perSecondMax: Type.Integer({ minimum: 1, maximum: 10_000 }),
  perDayMax: Type.Integer({ minimum: 1, maximum: 100_000_000 }),
  totalMax: Type.Optional(Type.String({ pattern: '^[1-9]\\d{0,14}$' })),
}

export const listServices = endpoint({
  id: 'gateway.service.list',
  method: 'GET',
  path: '/api/v1/shared-services',
  access: 'service.read',
  words: words('共享接口列表', 'List services'),
  query: exact({ ...PageQuery, state: Type.Optional(oneOf('running', 'stopped')), datasetId: Type.Optional(Uuid) }),
  reply: page(ServiceSummary),
})
export const readService = endpoint({
  id: 'gateway.service.read',
  method: 'GET',
  path: '/api/v1/shared-services/:id',
  access: 'service.read',
  words: words('查看共享接口', 'Read a service'),
  params: IdParams,
  reply: ServiceDetail,
  errors: ['object.not_found'],
})
export const readServiceDocument = endpoint({
  id: 'gateway.service.document',
  method: 'GET',
  path: '/api/v1/shared-services/:id/openapi.json',
  access: 'service.read',
  words: words('共享接口说明文档', 'OpenAPI document of a service'),
  kind: 'stream',
  params: IdParams,
  reply: Type.Unknown(),
  errors: ['object.not_found'],
})
export const createService = endpoint({
  id: 'gateway.service.create',
  method: 'POST',
  path: '/api/v1/shared-services',
  access: 'service.manage',
  words: words('由落地数据生成共享接口', 'Make a service from a landed table'),
  body: exact({
    channelId: Uuid,
    code: ServiceCode,
    name: LanguageMap(128),
    description: Type.Optional(text(2000)),
  }),
  reply: ServiceDetail,
  status: 201,
  errors: ['object.not_found', 'object.exists', 'object.state'],
})
export const createProxiedService = endpoint({
  id: 'gateway.service.create_proxied',
  method: 'POST',
  path: '/api/v1/shared-services/proxied',
  access: 'service.manage',
  words: words('登记代理接口', 'Put a department’s own service behind the gateway'),
  body: exact({
    datasetId: Uuid,
    code: ServiceCode,
    name: LanguageMap(128),
    description: Type.Optional(text(2000)),
    /** `http` or `https`, host, port and a path; no query, no user. */
    baseUrl: text(500, 1),
    operations: Type.Array(Operation, { minItems: 1, maxItems: 20 }),
    timeoutMs: Type.Integer({ minimum: 100, maximum: 30_000 }),
    replyBytesMax: Type.Integer({ minimum: 1024, maximum: 5 * 1024 * 1024 }),
    /** A node of the providing department that calls it, where the gateway cannot. */
    nodeId: Type.Optional(Uuid),
    /** How the gateway is known to the service: a header and its value, kept sealed and never shown again. */
    credential: Type.Optional(
      exact({ header: Type.String({ pattern: '^[A-Za-z][A-Za-z0-9-]{0,62}$' }), value: text(2000, 1) }),
    ),
  }),
  reply: ServiceDetail,
  status: 201,
  errors: ['object.not_found', 'object.exists', 'object.state'],
})
export const setServiceState = endpoint({
  id: 'gateway.service.set_state',
  method: 'PUT',
  path: '/api/v1/shared-services/:id/state',
  access: 'service.manage',
  words: words('停用或恢复共享接口', 'Stop or resume a service'),
  params: IdParams,
  body: exact({ state: oneOf('running', 'stopped'), reason: Type.Optional(text(500, 1)) }),
  reply: ServiceDetail,
  ifMatch: true,
  errors: ['object.not_found', 'object.state', 'request.reason_required'],
})
export const openService = endpoint({
  id: 'gateway.opening.create',
  method: 'POST',
  path: '/api/v1/shared-services/:id/openings',
  access: 'request.configure',
  words: words('为授权开通共享接口', 'Open a service for a grant'),
  params: IdParams,
  body: exact({ grantId: Uuid, ...Quota }),
  reply: ServiceDetail,
  status: 201,
  errors: ['object.not_found', 'object.state', 'object.exists', 'grant.inactive', 'grant.items'],
})
export const changeOpening = endpoint({
  id: 'gateway.opening.change',
  method: 'PUT',
  path: '/api/v1/service-openings/:id',
  access: 'service.manage',
  words: words('调整配额、暂停或恢复开通', 'Change quota, suspend or resume an opening'),
  params: IdParams,
  body: exact({ suspended: Type.Boolean(), reason: Type.Optional(text(500, 1)), ...Quota }),
  reply: ServiceDetail,
  ifMatch: true,
  errors: ['object.not_found', 'request.reason_required'],
})

export const releaseOpening = endpoint({
  id: 'gateway.opening.release',
  method: 'POST',
  path: '/api/v1/service-openings/:id/release',
  access: 'service.release',
  words: words('解除异常暂停', 'Release an opening that the platform suspended'),
  params: IdParams,
  body: exact({ reason: text(500, 1) }),
  reply: ServiceDetail,
  ifMatch: true,
  errors: ['object.not_found', 'object.state'],
})
export const listApplications = endpoint({
  id: 'gateway.application.list',
  method: 'GET',
  path: '/api/v1/applications',
  access: 'service.read',
  words: words('应用凭证列表', 'List application credentials'),
  query: exact({ ...PageQuery }),
  reply: page(ApplicationView),
})
export const createApplication = endpoint({
  id: 'gateway.application.create',
  method: 'POST',
  path: '/api/v1/applications',
  access: 'service.credential',
  words: words('申领应用凭证', 'Make an application credential'),
  body: exact({ name: text(128, 1) }),
  reply: ApplicationSecret,
  status: 201,
})
export const renewSecret = endpoint({
  id: 'gateway.application.renew',
  method: 'POST',
  path: '/api/v1/applications/:id/secrets',
  access: 'service.credential',
  words: words('更换应用密钥', 'Renew an application’s secret'),
  params: IdParams,
  reply: ApplicationSecret,
  status: 201,
  ifMatch: true,
  errors: ['object.not_found', 'object.state'],
})
export const revokeApplication = endpoint({
  id: 'gateway.application.revoke',
  method: 'POST',
  path: '/api/v1/applications/:id/revocation',
  access: 'service.credential',
  words: words('吊销应用凭证', 'Revoke an application credential'),
  params: IdParams,
  body: exact({ reason: text(500, 1) }),
  reply: ApplicationView,
  ifMatch: true,
  errors: ['object.not_found', 'object.state'],
})

/** Calls by any of the dimensions; each combination is a row. Outcome `ok` or the code of the refusal. */
const By = oneOf('matter', 'application', 'department', 'service', 'outcome', 'day')
export const CallCount = exact({
  matter: nullable(Type.String()),
  application: nullable(exact({ id: Uuid, name: Type.String(), appId: Type.String() })),
  department: nullable(exact({ id: Uuid, name: LanguageMap(128) })),
  service: nullable(exact({ id: Uuid, name: LanguageMap(128), code: Type.String() })),
  outcome: nullable(Type.String()),
  outcomeWords: nullable(Bilingual),
  day: nullable(Day),
  calls: BigInteger,
  /** Rows that were answered. */
  rows: BigInteger,
})
export const countCalls = endpoint({
  id: 'gateway.call.count',
  method: 'GET',
  path: '/api/v1/service-calls',
  access: 'service.call.read',
  words: words('接口调用统计', 'Statistics of service calls'),
  query: exact({
    /** First and last day, Asia/Shanghai. */
    from: Day,
    until: Day,
    /** Dimensions, parted by commas, such as `matter,department`. */
    by: Type.Optional(
      Type.String({
        pattern:
          '^(matter|application|department|service|outcome|day)(,(matter|application|department|service|outcome|day)){0,5}$',
      }),
    ),
    serviceId: Type.Optional(Uuid),
    departmentId: Type.Optional(Uuid),
    matter: Type.Optional(text(64, 1)),
  }),
  reply: exact({
    by: Type.Array(By),
    items: Type.Array(CallCount),
    /** More combinations exist than are listed. */
    more: Type.Boolean(),
    /** Counted up to here. */
    asOf: Instant,
  }),
})

export const gatewayEndpoints = [
  listServices,
  readService,
  readServiceDocument,
  createService,
  createProxiedService,
  setServiceState,
  openService,
  changeOpening,
  releaseOpening,
  listApplications,
  createApplication,
  renewSecret,
  revokeApplication,
  countCalls,
  callRow,
  callRows,
  callCount,
  callExport,
  callBatch,
  callOperation,
  callOperationBody,
  pollCalls,
  answerNodeCall,
] as const
