import { Type } from 'typebox'
import { BigInteger, exact, nullable, text } from './common.ts'
import { endpoint } from './endpoint.ts'
import { words } from './words.ts'

const ItemCode = Type.String({ pattern: '^[a-z][a-z0-9_]{0,62}$' })
// What applications call. Item names stand in the query, so these schemas bound form and size; the grant decides the rest.
const Parameters = Type.Record(Type.String({ pattern: '^[a-z][a-z0-9_]{0,62}(\\.[a-zA-Z]{2,10})?$' }), text(2000))
const ServiceParams = exact({ code: Type.String({ pattern: '^[a-z][a-z0-9-]{2,62}$' }) })
/** Decimals and 64-bit integers are strings, booleans are booleans, NULL is null. */
const Row = Type.Record(Type.String(), Type.Union([Type.String(), Type.Boolean(), Type.Null()]))
const CALL_ERRORS = [
  'service.signature_missing',
  'service.signature_wrong',
  'service.clock_skew',
  'service.replayed',
  'service.token_invalid',
  'service.app_unknown',
  'service.app_revoked',
  'service.unknown',
  'service.stopped',
  'service.not_granted',
  'service.matter_missing',
  'service.matter_not_granted',
  'service.grant_expired',
  'service.grant_not_yet',
  'service.grant_revoked',
  'service.suspended',
  'service.item_not_granted',
  'service.item_masked',
  'service.over_quota',
  'service.way_unknown',
  'centre.unavailable',
] as const

export const callRow = endpoint({
  id: 'gateway.call.row',
  method: 'GET',
  path: '/api/v1/services/:code/row',
  access: 'application',
  words: words('调用共享接口：按主键取一行', 'Call a service: one row by its key'),
  params: ServiceParams,
  query: Parameters,
  reply: exact({ row: Row }),
  errors: [...CALL_ERRORS, 'service.row_not_found'],
})
export const callRows = endpoint({
  id: 'gateway.call.rows',
  method: 'GET',
  path: '/api/v1/services/:code/rows',
  access: 'application',
  words: words('调用共享接口：按条件分页取行', 'Call a service: rows by a filter, page by page'),
  params: ServiceParams,
  query: Parameters,
  reply: exact({ items: Type.Array(Row), next: nullable(Type.String()) }),
  errors: CALL_ERRORS,
})
export const callCount = endpoint({
  id: 'gateway.call.total',
  method: 'GET',
  path: '/api/v1/services/:code/count',
  access: 'application',
  words: words('调用共享接口：按条件计数', 'Call a service: how many rows pass a filter'),
  params: ServiceParams,
  query: Parameters,
  reply: exact({ count: BigInteger }),
  errors: CALL_ERRORS,
})
/** A stream of all rows: `format=csv` (default) or `format=jsonl`. */
export const callExport = endpoint({
  id: 'gateway.call.export',
  method: 'GET',
  path: '/api/v1/services/:code/export',
  access: 'application',
  words: words('调用共享接口：按条件导出', 'Call a service: all rows that pass a filter, as CSV or JSON lines'),
  kind: 'stream',
  params: ServiceParams,
  query: Parameters,
  reply: Type.Unknown(),
  errors: CALL_ERRORS,
})
const OperationParams = exact({
  ...ServiceParams.properties,
  operation: Type.String({ pattern: '^[a-z][a-z0-9-]{0,62}$' }),
})
const UPSTREAM_ERRORS = [
  ...CALL_ERRORS,
  'service.row_not_found',
  'service.upstream_failed',
  'service.upstream_timeout',
  'service.upstream_resting',
  'service.reply_invalid',
  'platform.busy',
] as const
/** An operation of a proxied service; its parameters and its reply are those of the service’s own document. */
export const callOperation = endpoint({
  id: 'gateway.call.operation',
  method: 'GET',
  path: '/api/v1/services/:code/operations/:operation',
  access: 'application',
  words: words('调用代理接口', 'Call an operation of a proxied service'),
  kind: 'stream',
  params: OperationParams,
  query: Type.Record(Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_.-]{0,62}$' }), text(2000)),
  reply: Type.Unknown(),
  errors: UPSTREAM_ERRORS,
})
export const callOperationBody = endpoint({
  id: 'gateway.call.operation_body',
  method: 'POST',
  path: '/api/v1/services/:code/operations/:operation',
  access: 'application',
  words: words('调用代理接口（带请求体）', 'Call an operation of a proxied service, with a body'),
  kind: 'stream',
  params: OperationParams,
  query: Type.Record(Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_.-]{0,62}$' }), text(2000)),
  body: Type.Unknown(),
  reply: Type.Unknown(),
  bodyBytesMax: 256 * 1024,
  errors: UPSTREAM_ERRORS,
})
export const BATCH_KEYS_MAX = 200
export const callBatch = endpoint({
  id: 'gateway.call.batch',
  method: 'POST',
  path: '/api/v1/services/:code/batch',
  access: 'application',
  words: words('调用共享接口：按一批主键取行', 'Call a service: rows by a batch of keys'),
  params: ServiceParams,
  body: exact({
    keys: Type.Array(Type.Record(ItemCode, text(2000)), { minItems: 1, maxItems: BATCH_KEYS_MAX }),
    items: Type.Optional(Type.Array(ItemCode, { minItems: 1, maxItems: 1600, uniqueItems: true })),
  }),
  /** One answer per key, in their order; null where there is no such row under the grant. */
  reply: exact({ rows: Type.Array(nullable(Row)) }),
  bodyBytesMax: 256 * 1024,
  errors: CALL_ERRORS,
})
