import { ERRORS, type ReplyOf } from '@huitong/contract'
import {
  BATCH_KEYS_MAX,
  callBatch,
  callCount,
  callExport,
  callOperation,
  callOperationBody,
  callRow,
  callRows,
  readServiceDocument,
  type readService,
} from '@huitong/contract/gateway'
import { CALL_HEADERS, SIGNATURE_HASHES, TOKEN_PATH } from '@huitong/contract/application-signature'
import { errorsOf } from '@huitong/contract/openapi'
import { bytes, query } from '../../kernel/verb.ts'
import { FORMATS } from './csv.ts'
import { LIMIT_MAX, OPERATORS } from './parameters.ts'
import { serviceDetail } from './service-view.ts'

type Detail = ReplyOf<typeof readService>
type Call =
  | typeof callRow
  | typeof callRows
  | typeof callCount
  | typeof callExport
  | typeof callBatch
  | typeof callOperation
  | typeof callOperationBody

/** The OpenAPI 3.1 description of one service with its own items, for the developers who call it. */
export const readDocumentVerb = query<typeof readServiceDocument>({
  endpoint: readServiceDocument,
  audit: null,
  async run({ db, actor, now, legalNow }, { params }) {
    const document = documentOf(await serviceDetail(db, actor, params.id, { now, legalNow }))
    return bytes({
      contentType: 'application/json; charset=utf-8',
      body: Buffer.from(JSON.stringify(document, null, 2)),
      fileName: `${document.info.title}.openapi.json`,
    })
  },
})

const SUFFIXES = OPERATORS.filter((one) => one !== 'eq')
  .map((one) => `.${one}`)
  .join(' ')

/** Every value travels as text, booleans excepted; NULL is null. */
const schemaOf = ({ name, type }: Detail['items'][number]) => ({
  type: [type === 'boolean' ? 'boolean' : 'string', 'null'],
  title: name.zh,
  description: type,
})

/** The ways of calling a service that was made from a table. */
function pathsOfTable(service: Detail) {
  const row = {
    type: 'object',
    properties: Object.fromEntries(service.items.map((item) => [item.code, schemaOf(item)])),
  }
  const key = service.items.filter((item) => item.key)
  const parameter = (name: string, description: string, required = false) => ({
    name,
    in: 'query',
    required,
    description,
    schema: { type: 'string' },
  })
  const items = parameter('items', '所需信息项，以逗号分隔；缺省为全部授权项 (items that are wanted)')
  const filters = service.items.map((item) =>
    parameter(item.code, `${item.name.zh}：等于；其他条件加后缀 ${SUFFIXES}（e.g. ${item.code}.ge）`),
  )
  const paging = [parameter('limit', `每页行数，1–${LIMIT_MAX}`), parameter('after', '上一页给出的位置 next')]
  const byKey = key.map((item) => parameter(item.code, `主键 ${item.name.zh}`, true))
  const keyed = {
    type: 'object',
    properties: {
      keys: {
        type: 'array',
        maxItems: BATCH_KEYS_MAX,
        items: {
          type: 'object',
          required: key.map((item) => item.code),
          properties: Object.fromEntries(key.map((item) => [item.code, { type: 'string' }])),
        },
      },
      items: { type: 'array', items: { enum: service.items.map((item) => item.code) } },
    },
    required: ['keys'],
  }
  const list = { type: 'array', items: row }
  return {
    ...pathOf(service, callRow, [...byKey, items], { type: 'object', properties: { row } }),
    ...pathOf(service, callRows, [...filters, items, ...paging], {
      type: 'object',
      properties: { items: list, next: { type: ['string', 'null'] } },
    }),
    ...pathOf(service, callCount, filters, { type: 'object', properties: { count: { type: 'string' } } }),
    ...pathOf(service, callExport, [...filters, items, parameter('format', 'csv（缺省）或 jsonl')]),
    ...pathOf(service, callBatch, [], { type: 'object', properties: { rows: list } }, keyed),
  }
}

const PARAMETER_TYPES = {
  text: {},
  integer: { pattern: '^-?\\d+$' },
  decimal: {},
  date: { format: 'date' },
  boolean: {},
}

/** The operations of a proxied service, with the schemas that were agreed. */
function pathsOfProxied(service: Detail, operations: NonNullable<Detail['proxied']>['operations']) {
  const one = (operation: (typeof operations)[number]) => {
    const call = operation.method === 'GET' ? callOperation : callOperationBody
    const parameters = operation.parameters.map(({ name, type, required, lengthMax }) => ({
      name,
      in: 'query',
      required,
      description: type,
      schema: { type: 'string', maxLength: lengthMax, ...PARAMETER_TYPES[type] },
    }))
    const named = pathOf(service, call, parameters, operation.reply, operation.body ?? undefined)
    const described = named[call.path.replace(':code', service.code)]![call.method.toLowerCase()]!
    const own = { ...described, operationId: `${service.code}.${operation.code}`, summary: operation.name.zh }
    const path = call.path.replace(':code', service.code).replace(':operation', operation.code)
    return [path, { [call.method.toLowerCase()]: own }] as const
  }
  return Object.fromEntries(operations.map(one))
}

export function documentOf(service: Detail) {
  return {
    openapi: '3.1.0',
    info: { title: service.code, version: String(service.version), description: service.name.zh },
    servers: [{ url: '/' }],
    paths: service.proxied ? pathsOfProxied(service, service.proxied.operations) : pathsOfTable(service),
    components: {
      securitySchemes: {
        applicationSignature: {
          type: 'apiKey',
          in: 'header',
          name: CALL_HEADERS.signature,
          description: `${Object.keys(SIGNATURE_HASHES).join(' / ')}；各行内容见 docs/services.md`,
        },
        accessToken: {
          type: 'oauth2',
          description: '客户端凭证；scope 为一个事项编码 (client credentials; the scope is one matter)',
          flows: { clientCredentials: { tokenUrl: TOKEN_PATH, scopes: {} } },
        },
      },
    },
  }
}

/** Without a schema of its reply: text of the formats that `format` names. */
function pathOf(service: Detail, call: Call, parameters: unknown[], reply?: unknown, body?: unknown) {
  const headers = Object.values(CALL_HEADERS)
    .filter((name) => name !== CALL_HEADERS.signature)
    .map((name) => ({
      name,
      in: 'header',
      required: false,
      description: name === CALL_HEADERS.algorithm ? '缺省 HUITONG-HMAC-SHA256' : '签名调用必填；令牌调用不用',
      schema: { type: 'string' },
    }))
  const texts = Object.values(FORMATS).map((one) => [one.contentType, { schema: { type: 'string' } }])
  const json = (schema: unknown) => ({ 'application/json': { schema } })
  const refusals = Map.groupBy(errorsOf(call), (code) => ERRORS[code].status)
  return {
    [call.path.replace(':code', service.code)]: {
      [call.method.toLowerCase()]: {
        operationId: call.id,
        summary: call.words.zh,
        description: call.words.en,
        security: [{ applicationSignature: [] }, { accessToken: [] }],
        parameters: [...headers, ...parameters],
        ...(body === undefined ? {} : { requestBody: { required: true, content: json(body) } }),
        responses: {
          200: { description: call.words.en, content: reply === undefined ? Object.fromEntries(texts) : json(reply) },
          ...Object.fromEntries([...refusals].map(([status, codes]) => [status, { description: codes.join(', ') }])),
        },
      },
    },
  }
}
