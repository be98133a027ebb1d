import { ALL_ENDPOINTS } from './index.ts'
import { TOKEN_PATH } from './application-signature.ts'
import type { Endpoint } from './endpoint.ts'
import { ERRORS, type ErrorCode } from './errors.ts'

const ALWAYS: readonly ErrorCode[] = ['request.invalid', 'platform.internal']
const SIGNED_IN: readonly ErrorCode[] = ['session.required', 'permission.denied']

const ErrorSchema = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message', 'hop', 'requestId'],
      properties: {
        code: { type: 'string' },
        message: { type: 'object', properties: { zh: { type: 'string' }, en: { type: 'string' } } },
        places: { type: 'array', items: { type: 'object' } },
        hop: { type: 'string' },
        requestId: { type: 'string' },
      },
    },
  },
}

/** Error codes that an endpoint may answer, its own and those that all share. */
export function errorsOf(endpoint: Endpoint): ErrorCode[] {
  // Nodes and applications have no session; what they may meet instead stands with each endpoint.
  const signs = endpoint.access === 'node' || endpoint.access === 'application'
  const common = endpoint.access === 'public' || signs ? ALWAYS : [...ALWAYS, ...SIGNED_IN]
  const match: ErrorCode[] = endpoint.ifMatch ? ['object.match_required', 'object.changed'] : []
  return [...new Set([...common, ...match, ...endpoint.errors])]
}

interface ObjectSchema {
  properties?: Record<string, unknown>
  required?: string[]
}

function parameters(endpoint: Endpoint): unknown[] {
  const list = (schema: unknown, place: 'path' | 'query') => {
    const { properties = {}, required = [] } = schema as ObjectSchema
    return Object.entries(properties).map(([name, shape]) => ({
      name: name === '*' ? 'tile' : name,
      in: place,
      required: place === 'path' || required.includes(name),
      schema: shape,
    }))
  }
  const match = { name: 'If-Match', in: 'header', required: true, schema: { type: 'string' } }
  return [...list(endpoint.params, 'path'), ...list(endpoint.query, 'query'), ...(endpoint.ifMatch ? [match] : [])]
}

function responses(endpoint: Endpoint): Record<string, unknown> {
  const success =
    endpoint.kind === 'stream'
      ? { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } }
      : { 'application/json': { schema: endpoint.reply } }
  const replies: Record<string, unknown> = { [endpoint.status]: { description: endpoint.words.en, content: success } }
  const byStatus = Map.groupBy(errorsOf(endpoint), (code) => ERRORS[code].status)
  for (const [status, codes] of byStatus)
    replies[status] = {
      description: codes.map((code) => `${code}: ${ERRORS[code].words.en}`).join('; '),
      content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
    }
  return replies
}

function security(endpoint: Endpoint): unknown[] {
  if (endpoint.access === 'public') return []
  if (endpoint.access === 'application') return [{ applicationSignature: [] }, { accessToken: [] }]
  return endpoint.access === 'node' ? [{ nodeSignature: [] }] : [{ session: [] }]
}

function operation(endpoint: Endpoint): unknown {
  const writes = ['POST', 'PUT', 'PATCH'].includes(endpoint.method)
  const type = endpoint.kind === 'upload' ? 'application/octet-stream' : 'application/json'
  const schema = endpoint.kind === 'upload' ? { type: 'string', format: 'binary' } : endpoint.body
  return {
    operationId: endpoint.id,
    tags: [endpoint.id.split('.')[0]],
    summary: endpoint.words.zh,
    description: endpoint.words.en,
    security: security(endpoint),
    parameters: parameters(endpoint),
    ...(writes ? { requestBody: { required: true, content: { [type]: { schema } } } } : {}),
    responses: responses(endpoint),
  }
}

/** The OpenAPI 3.1 description of the whole API, made from the endpoints themselves. */
export function openApi(version: string): unknown {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const endpoint of ALL_ENDPOINTS) {
    const path = endpoint.path.replace(/:(\w+)/g, '{$1}').replace('*', '{tile}')
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: operation(endpoint) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Huitong 汇通 API',
      version,
      description: 'Government data sharing platform',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set(ALL_ENDPOINTS.map((one) => one.id.split('.')[0]!))].map((name) => ({ name })),
    paths,
    components: {
      schemas: { Error: ErrorSchema },
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: 'huitong_session' },
        nodeSignature: {
          type: 'apiKey',
          in: 'header',
          name: 'Signature',
          description: 'HTTP Message Signatures (RFC 9421), Ed25519',
        },
        applicationSignature: {
          type: 'apiKey',
          in: 'header',
          name: 'X-Huitong-Signature',
          description: 'HMAC-SHA256 or HMAC-SM3 with the application’s secret; see docs/services.md',
        },
        accessToken: {
          type: 'oauth2',
          description: 'Client credentials: id and secret of an application; the scope is the code of one matter',
          flows: { clientCredentials: { tokenUrl: TOKEN_PATH, scopes: {} } },
        },
      },
    },
  }
}
