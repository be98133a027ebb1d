import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { ALL_ENDPOINTS, ERRORS, type Endpoint } from '@huitong/contract'
import { openApi } from '@huitong/contract/openapi'
import { importPublicKey, keyIdOf } from '@huitong/segment'
import Fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify'
import { sql } from 'kysely'
import { admitting, bodyBytesMax, type Admission } from './admission.ts'
import type { Authenticator } from './authenticate.ts'
import type { Clock } from './clock.ts'
import { codeOf, errorBody, isAborted, Refusal, refuse } from './errors.ts'
import { execute, type Call } from './execute.ts'
import { RateLimit } from './rate-limit.ts'
import { isSignedWith, timelyFacts } from './request-signature.ts'
import type { Services } from './services.ts'
import { readInput } from './validate.ts'
import type { Bytes, Verb } from './verb.ts'

const HEADER_BYTES_MAX = 32 * 1024
const REQUEST_MS_MAX = 120_000
export const SESSION_COOKIE = 'huitong_session'

/** The HTTP face: every endpoint of the contract that has a verb, errors with two faces, OpenAPI, health, metrics. */
export async function createHttp(
  services: Services,
  verbs: readonly Verb[],
  authenticate: Authenticator,
  admit: Admission,
): Promise<FastifyInstance> {
  const app = Fastify({
    loggerInstance: services.log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    // A log of its own for each request is never written to: what is said names the request itself.
    childLoggerFactory: (log) => log,
    genReqId: () => randomUUID(),
    bodyLimit: 1024 * 1024,
    routerOptions: { maxParamLength: 512, caseSensitive: true },
    trustProxy: false,
    serverFactory: (handler) => {
      const { tlsKey, tlsCert } = services.settings
      const limits = { maxHeaderSize: HEADER_BYTES_MAX, requestTimeout: REQUEST_MS_MAX }
      if (tlsKey === '') return createHttpServer(limits, handler)
      return createHttpsServer({ ...limits, key: readFileSync(tlsKey), cert: readFileSync(tlsCert) }, handler)
    },
  })
  app.removeAllContentTypeParsers()
  // Bodies arrive as bytes: signatures cover them, and JSON is read strictly by `readInput`.
  app.addContentTypeParser(
    ['application/json', 'application/octet-stream'],
    { parseAs: 'buffer' },
    (_request, body, done) => done(null, body),
  )
  app.setErrorHandler((error, request, reply) => answerError(services, error, request, reply))
  app.setNotFoundHandler(() => {
    throw new Refusal('route.not_found')
  })
  app.addHook('onSend', (_request, reply, _payload, done) => {
    reply.headers(SECURITY_HEADERS)
    done()
  })
  const { personRate, addressRate } = services.settings
  const limits = { person: new RateLimit(personRate), address: new RateLimit(addressRate) }
  const admission = admitting(async (endpoint, request) => {
    try {
      await admit(endpoint, request)
    } catch (error) {
      limits.address.take(request.ip)
      throw error
    }
  })
  for (const verb of verbs) register(app, services, verb, counting(authenticate, limits), admission)
  registerTechnical(app, services)
  return app
}

const SECURITY_HEADERS = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'content-security-policy':
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
}

function register(
  app: FastifyInstance,
  services: Services,
  verb: Verb,
  authenticate: Authenticator,
  admission: ReturnType<typeof admitting>,
): void {
  const { endpoint } = verb
  // Looked up once: the labels are the same for every request that is answered.
  const answered = services.metrics.requests.labels({ endpoint: endpoint.id, status: endpoint.status })
  app.route({
    method: endpoint.method,
    url: endpoint.path,
    bodyLimit: bodyBytesMax(endpoint),
    onRequest: admission(endpoint),
    config: { endpointId: endpoint.id },
    ...(endpoint.method === 'GET' ? { exposeHeadRoute: false } : {}),
    handler: async (request, reply) => {
      const started = performance.now()
      const call = await readCall(services, endpoint, request, reply, authenticate)
      const answer = await execute(services, verb, call)
      answered.observe((performance.now() - started) / 1000)
      return sendReply(endpoint, reply, answer)
    },
  })
}

/**
 * Refuses who asks too often: a person by who it is, a stranger or a forged name by the address. Nodes and applications
 * have bounds of their own: leases and quotas.
 */
function counting(authenticate: Authenticator, limits: { person: RateLimit; address: RateLimit }): Authenticator {
  return async (endpoint, request, raw) => {
    const signs = endpoint.access === 'node' || endpoint.access === 'application'
    const isStranger = !signs && sessionToken(request) === null
    if (isStranger) limits.address.take(request.ip)
    const actor = await authenticate(endpoint, request, raw).catch((error: unknown) => {
      if (!isStranger) limits.address.take(request.ip)
      throw error
    })
    if (actor.kind === 'person') limits.person.take(actor.id)
    return actor
  }
}

async function readCall(
  services: Services,
  endpoint: Endpoint,
  request: FastifyRequest,
  reply: FastifyReply,
  authenticate: Authenticator,
): Promise<Call> {
  const raw = (request.body as Buffer | undefined) ?? Buffer.alloc(0)
  const writes = endpoint.method !== 'GET' && endpoint.method !== 'HEAD'
  // Those who sign their requests have no cookie that another site could borrow.
  const signs = endpoint.access === 'node' || endpoint.access === 'application'
  if (writes && !signs) refuseCrossSite(request)
  const actor = await authenticate(endpoint, request, raw)
  let input: Call['input'] | null = null
  const secure = request.protocol === 'https' ? '; Secure' : ''
  return {
    actor,
    requestId: request.id,
    get input() {
      input ??= readInput(endpoint, request, raw)
      return input
    },
    object: objectOf(request),
    idempotencyKey: idempotencyKeyOf(request),
    client: {
      token: sessionToken(request),
      agent: String(request.headers['user-agent'] ?? '').slice(0, 200),
      address: request.ip,
      holdsKey: (publicKey) => holdsKey(services.clock, request, raw, publicKey),
    },
    setSession(token) {
      const value = token === null ? `${SESSION_COOKIE}=; Max-Age=0` : `${SESSION_COOKIE}=${token}`
      reply.header('set-cookie', `${value}; Path=/; HttpOnly; SameSite=Strict${secure}`)
    },
  }
}

/** Proof of possession: signed by the key itself, under the name that follows from it. */
function holdsKey(clock: Clock, request: FastifyRequest, raw: Buffer, publicKey: string): boolean {
  const facts = timelyFacts(clock, request)
  if (typeof facts === 'string' || facts.keyId !== keyIdOf(publicKey)) return false
  return isSignedWith(request, raw, importPublicKey('ed25519', publicKey))
}

/** The object that the address names, as far as it is a name at all. */
function objectOf(request: FastifyRequest): string {
  const [first] = Object.values(request.params as Record<string, string>)
  return first !== undefined && /^[0-9a-z-]{1,64}$/.test(first) ? first : '-'
}

/** The session token of the cookie, if any. */
export function sessionToken(request: FastifyRequest): string | null {
  return /(?:^|;\s*)huitong_session=([A-Za-z0-9_-]{20,128})(?:;|$)/.exec(request.headers.cookie ?? '')?.[1] ?? null
}

/** A browser says where a request comes from; a write from elsewhere is refused (no cookie alone is enough). */
export function refuseCrossSite(request: FastifyRequest): void {
  const site = request.headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin' && site !== 'none') refuse('request.origin_refused')
  const { origin, host } = request.headers
  if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`)
    refuse('request.origin_refused')
}

function idempotencyKeyOf(request: FastifyRequest): string | null {
  const key = request.headers['idempotency-key']
  if (key === undefined) return null
  if (typeof key !== 'string' || !/^[\x21-\x7e]{8,128}$/.test(key))
    refuse('request.invalid', {
      places: [
        {
          path: '#/headers/idempotency-key',
          problem: { zh: '幂等键应为 8 至 128 个可见字符', en: '8 to 128 visible characters' },
        },
      ],
    })
  return key
}

function sendReply(endpoint: Endpoint, reply: FastifyReply, answer: unknown): FastifyReply {
  reply.code(endpoint.status)
  if (endpoint.kind === 'stream') {
    const { contentType, body, fileName, immutable } = answer as Bytes
    if (fileName) reply.header('content-disposition', `attachment; filename*=UTF-8''${encodeURIComponent(fileName)}`)
    reply.header('cache-control', immutable ? 'public, max-age=31536000, immutable' : 'no-store')
    return reply.type(contentType).send(body)
  }
  const { version } = (answer ?? {}) as { version?: unknown }
  if (typeof version === 'number') reply.header('etag', `"${version}"`)
  return reply
    .header('cache-control', 'no-store')
    .type('application/json; charset=utf-8')
    .send(JSON.stringify(answer ?? {}))
}

const FASTIFY_CODES: Record<string, ConstructorParameters<typeof Refusal>[0]> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'request.too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'request.unsupported_media',
  FST_ERR_CTP_EMPTY_TYPE: 'request.unsupported_media',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'request.malformed',
  FST_ERR_BAD_URL: 'request.malformed',
}

function answerError(services: Services, given: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const known = FASTIFY_CODES[(given as { code?: string }).code ?? '']
  const error = known ? new Refusal(known) : given
  const code = codeOf(error)
  const { status } = ERRORS[code]
  const detail = { requestId: request.id, code, method: request.method, url: request.url.split('?')[0] }
  if (isAborted(error)) services.log.info(detail, 'the sender ended the request')
  else if (status >= 500) services.log.error({ ...detail, err: error }, 'request failed')
  else if (error instanceof Refusal) services.log.info({ ...detail, why: error.detail }, 'request refused')
  else services.log.warn({ ...detail, why: (error as Error).message }, 'request refused by what lies below')
  services.metrics.requests.observe({ endpoint: endpointOf(request), status }, 0)
  const retryAfter = error instanceof Refusal ? error.retryAfterSeconds : null
  // RFC 6750: a client that came with a token hears from this header that it needs another.
  if (code === 'service.token_invalid')
    reply.header('www-authenticate', 'Bearer realm="huitong", error="invalid_token"')
  if (status === 503 || retryAfter !== null) reply.header('retry-after', String(retryAfter ?? 1))
  return reply
    .code(status)
    .type('application/json; charset=utf-8')
    .send(JSON.stringify(errorBody(error, request.id)))
}

/** The endpoint of a request for the metrics; never its address, which would make labels without end. */
function endpointOf(request: FastifyRequest): string {
  const { endpointId } = request.routeOptions.config as { endpointId?: string }
  return endpointId ?? '-'
}

/** Routes that are not business: health, readiness, metrics, OpenAPI; and 405 for known paths. */
function registerTechnical(app: FastifyInstance, services: Services): void {
  app.get('/livez', async () => ({ live: true }))
  app.get('/readyz', async () => {
    await services.db.tick((db) => db.many(sql`select 1`))
    return { ready: true }
  })
  app.get('/metrics', async (request, reply) => {
    if (!isLoopback(request.ip)) throw new Refusal('route.not_found')
    return reply.type(services.metrics.registry.contentType).send(await services.metrics.registry.metrics())
  })
  // Made when it is first asked for: it takes as long as all else of a start.
  let description: string | null = null
  app.get('/api/v1/openapi.json', async (_request, reply) => {
    description ??= JSON.stringify(openApi('0.1.0'))
    return reply.type('application/json').send(description)
  })
  const methodsOf = Map.groupBy(ALL_ENDPOINTS, (one) => one.path)
  for (const [path, endpoints] of methodsOf) {
    const others = (['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const).filter(
      (method) => !endpoints.some((one) => one.method === method),
    )
    app.route({
      method: others,
      url: path,
      exposeHeadRoute: false,
      handler: (_request, reply) => {
        reply.header('allow', endpoints.map((one) => one.method).join(', '))
        throw new Refusal('request.method_not_allowed')
      },
    })
  }
}

const isLoopback = (address: string) => address === '127.0.0.1' || address === '::1' || address === '::ffff:127.0.0.1'
