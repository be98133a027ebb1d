import { createHash, timingSafeEqual } from 'node:crypto'
import { TOKEN_PATH } from '@huitong/contract/application-signature'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { codeOf, Refusal } from '../../kernel/errors.ts'
import { RateLimit } from '../../kernel/rate-limit.ts'
import type { Services } from '../../kernel/services.ts'
import type { Gateway } from './gateway.ts'
import { makeToken, TOKEN_SECONDS } from './token.ts'

const BODY_BYTES_MAX = 4 * 1024

/** The errors of RFC 6749 section 5.2 that a client may meet. */
type OAuthError = 'invalid_request' | 'invalid_client' | 'unsupported_grant_type' | 'invalid_scope'
class TokenRefused extends Error {
  readonly error: OAuthError
  constructor(error: OAuthError, description: string) {
    super(description)
    this.error = error
  }
}
const refuseToken = (error: OAuthError, description: string): never => {
  throw new TokenRefused(error, description)
}

/**
 * `POST /api/v1/oauth2/token`: form in, JSON out, errors as RFC 6749 writes them, because the libraries of others read them.
 * The scope is one matter (事项编码), so that a token opens no other purpose than it was issued for.
 */
export function tokenRoute(services: Services, gateway: Gateway): (app: FastifyInstance) => Promise<void> {
  const limit = new RateLimit(services.settings.addressRate)
  return async (app) => {
    app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
      done(null, body),
    )
    app.setErrorHandler((error, request, reply) =>
      answerError(services, error, reply, request.headers.authorization !== undefined),
    )
    app.post(
      TOKEN_PATH,
      { bodyLimit: BODY_BYTES_MAX, config: { endpointId: 'gateway.token' } },
      async (request, reply) => {
        limit.take(request.ip)
        const form = formOf(request)
        const application = await clientOf(gateway, request, form)
        if (form.get('grant_type') !== 'client_credentials')
          refuseToken('unsupported_grant_type', 'grant_type must be client_credentials')
        const matter = form.get('scope') ?? ''
        if (!/^[\x21\x23-\x5b\x5d-\x7e]{1,64}$/.test(matter))
          refuseToken('invalid_scope', 'scope must be the code of one matter (事项编码)')
        const token = makeToken(services, { appId: application.appId, version: application.version, matter })
        return reply
          .header('cache-control', 'no-store')
          .header('pragma', 'no-cache')
          .send({ access_token: token, token_type: 'Bearer', expires_in: TOKEN_SECONDS, scope: matter })
      },
    )
  }
}

/** The form, each name once (RFC 6749 section 3.2). */
function formOf(request: FastifyRequest): URLSearchParams {
  if (typeof request.body !== 'string') refuseToken('invalid_request', 'a form is needed')
  const form = new URLSearchParams(request.body as string)
  const names = [...form.keys()]
  if (new Set(names).size !== names.length) refuseToken('invalid_request', 'a parameter stands twice')
  return form
}

/** The application by its id and secret, in `Authorization: Basic` or in the form, and not in both. */
async function clientOf(gateway: Gateway, request: FastifyRequest, form: URLSearchParams) {
  const basic = basicOf(request.headers.authorization)
  const posted = form.get('client_secret')
  if (basic && posted !== null) refuseToken('invalid_request', 'the secret stands twice')
  const { id, secret } = basic ?? { id: form.get('client_id') ?? '', secret: posted ?? '' }
  const refused = (): never => {
    gateway.refusals.add({ serviceCode: '', application: { appId: id }, outcome: 'service.signature_wrong' })
    return refuseToken('invalid_client', 'unknown application, or a wrong secret')
  }
  if (!/^ht[a-z2-7]{20}$/.test(id) || secret === '') return refused()
  const known = await gateway.registry.application(id)
  if (known && !known.revoked && isSame(known.secret, secret)) return known
  // A secret that was renewed a moment ago counts, and one that is unknown may have been made a moment ago.
  const fresh = await gateway.registry.application(id, true)
  return fresh && !fresh.revoked && isSame(fresh.secret, secret) ? fresh : refused()
}

/** By digests of equal length, so that the time of the comparison tells nothing of the secret. */
const isSame = (known: Buffer, given: string): boolean =>
  timingSafeEqual(createHash('sha256').update(known).digest(), createHash('sha256').update(given).digest())

function basicOf(header: string | undefined): { id: string; secret: string } | null {
  const given = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(header ?? '')?.[1]
  if (given === undefined) return null
  const text = Buffer.from(given, 'base64').toString('utf8')
  const at = text.indexOf(':')
  try {
    const [id, secret] = [text.slice(0, at), text.slice(at + 1)].map((one) =>
      decodeURIComponent(one.replaceAll('+', ' ')),
    )
    return at < 0 ? null : { id: id!, secret: secret! }
  } catch {
    return null
  }
}

function answerError(services: Services, error: unknown, reply: FastifyReply, hasHeader: boolean): FastifyReply {
  reply.header('cache-control', 'no-store').type('application/json; charset=utf-8')
  if (error instanceof TokenRefused) {
    // RFC 6749 section 5.2: said in the scheme that the client used.
    if (error.error === 'invalid_client' && hasHeader) reply.header('www-authenticate', 'Basic realm="huitong"')
    return reply
      .code(error.error === 'invalid_client' ? 401 : 400)
      .send(JSON.stringify({ error: error.error, error_description: error.message }))
  }
  if (error instanceof Refusal && error.retryAfterSeconds !== null) {
    reply.header('retry-after', String(error.retryAfterSeconds))
    return reply.code(429).send(JSON.stringify({ error: 'temporarily_unavailable' }))
  }
  const status = (error as { statusCode?: number }).statusCode ?? 500
  if (status < 500) return reply.code(status).send(JSON.stringify({ error: 'invalid_request' }))
  services.log.error({ err: error, code: codeOf(error) }, 'no token could be issued')
  return reply
    .code(503)
    .header('retry-after', '1')
    .send(JSON.stringify({ error: 'temporarily_unavailable' }))
}
