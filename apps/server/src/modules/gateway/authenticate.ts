import { createHash, createHmac, createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto'
import type { ErrorCode } from '@huitong/contract'
import {
  CALL_HEADERS,
  CALL_WINDOW_SECONDS,
  canonicalQuery,
  SIGNATURE_ALGORITHM,
  SIGNATURE_HASHES,
  textOfCanonical,
  type SignatureAlgorithm,
} from '@huitong/contract/application-signature'
import type { FastifyRequest } from 'fastify'
import type { ApplicationActor } from '../../kernel/actor.ts'
import { place, Refusal } from '../../kernel/errors.ts'
import type { Services } from '../../kernel/services.ts'
import type { Gateway } from './gateway.ts'
import type { KnownApplication } from './registry.ts'
import { readToken } from './token.ts'

const FORMS = {
  algorithm: new RegExp(`^(${Object.keys(SIGNATURE_HASHES).join('|')})$`),
  app: /^ht[a-z2-7]{20}$/,
  timestamp: /^\d{10,12}$/,
  nonce: /^[A-Za-z0-9_-]{16,64}$/,
  signature: /^[0-9a-f]{64}$/,
  matter: /^[\x21-\x7e]{1,64}$/,
} as const

interface Headers {
  readonly algorithm: SignatureAlgorithm
  readonly app: string
  readonly timestamp: string
  readonly nonce: string
  readonly matter: string
  readonly signature: string
}

type Stop = (
  why: ErrorCode,
  application: KnownApplication | null,
  options?: ConstructorParameters<typeof Refusal>[1],
) => never

const stopping = (gateway: Gateway, request: FastifyRequest): Stop => {
  const code = (request.params as { code?: string }).code ?? ''
  return (why, application, options = {}) => {
    gateway.refusals.add({ serviceCode: code, application, outcome: why })
    throw new Refusal(why, options)
  }
}

/** What the headers alone tell: all of them in form and in time, and an application of that name. */
async function claimOf(
  services: Services,
  gateway: Gateway,
  request: FastifyRequest,
): Promise<{ headers: Headers; application: KnownApplication }> {
  const stop: Stop = stopping(gateway, request)
  const headers = readHeaders(request)
  if ('missing' in headers) return stop('service.signature_missing', null, { places: headers.missing })
  // A name that no application can have needs no look at the database.
  const named = FORMS.app.test(headers.app) ? await gateway.registry.application(headers.app) : null
  const application =
    named ?? (FORMS.app.test(headers.app) ? await gateway.registry.application(headers.app, true) : null)
  if (!application) return stop('service.app_unknown', null)
  const skew = Math.abs(services.clock.now().getTime() / 1000 - Number(headers.timestamp))
  if (!(skew <= CALL_WINDOW_SECONDS)) return stop('service.clock_skew', application)
  return { headers, application }
}

/** Refuses by the headers alone, before the body of the call is read. */
export async function admitApplication(services: Services, gateway: Gateway, request: FastifyRequest): Promise<void> {
  const token = bearerOf(request)
  if (token === null) await claimOf(services, gateway, request)
  else await bearer(services, gateway, request, token)
}

/** The access token that a call carries in place of a signature, if it does. */
function bearerOf(request: FastifyRequest): string | null {
  if (request.headers[CALL_HEADERS.signature] !== undefined) return null
  return /^Bearer +([A-Za-z0-9._~+/=-]{1,1024})$/i.exec(request.headers.authorization ?? '')?.[1] ?? null
}

/** The application that a token was issued to, with the matter it was issued for; it ends with the secret that it was issued by. */
async function bearer(services: Services, gateway: Gateway, request: FastifyRequest, token: string) {
  const stop: Stop = stopping(gateway, request)
  const facts = readToken(services, token)
  if (facts === null) return stop('service.token_invalid', null)
  const known = await gateway.registry.application(facts.appId)
  const application = known?.version === facts.version ? known : await gateway.registry.application(facts.appId, true)
  if (!application) return stop('service.app_unknown', null)
  if (application.revoked) return stop('service.app_revoked', application)
  if (application.version !== facts.version) return stop('service.token_invalid', application)
  return { application, matter: facts.matter }
}

/**
 * The application that signed the call. Every refusal has a code of its own and is counted; nonce and quota are settled
 * with the account of the call, in one transaction before the reply.
 */
export async function authenticateApplication(
  services: Services,
  gateway: Gateway,
  request: FastifyRequest,
  raw: Buffer,
): Promise<ApplicationActor> {
  const stop: Stop = stopping(gateway, request)
  const token = bearerOf(request)
  if (token !== null) {
    const { application, matter } = await bearer(services, gateway, request, token)
    const asked = askedOf(request, raw, SIGNATURE_ALGORITHM)
    if (asked === null) return stop('request.malformed', application, { detail: 'the query has no canonical form' })
    return actorOf(application, { nonce: null, matter, asked: asked.asked })
  }
  const { headers, application } = await claimOf(services, gateway, request)
  const signed = signedText(request, headers, raw)
  if (signed === null)
    return stop('service.signature_wrong', application, { detail: 'the query has no canonical form' })
  const good = await signedBy(gateway, application, signed, headers.signature)
  if (good === null) return stop('service.signature_wrong', application)
  if (good.revoked && (await gateway.registry.application(headers.app, true))?.revoked !== false)
    return stop('service.app_revoked', application)
  return actorOf(good, { nonce: headers.nonce, matter: headers.matter, asked: signed.asked })
}

const actorOf = (application: KnownApplication, call: ApplicationActor['call']): ApplicationActor => ({
  kind: 'application',
  id: application.id,
  name: application.name,
  departmentId: application.departmentId,
  jurisdiction: application.jurisdiction,
  appId: application.appId,
  version: application.version,
  call,
})

function readHeaders(request: FastifyRequest): Headers | { missing: ReturnType<typeof place>[] } {
  const read = (name: keyof typeof CALL_HEADERS) => {
    const value = request.headers[CALL_HEADERS[name]]
    return typeof value === 'string' && value !== '' ? value : null
  }
  const [app, timestamp, nonce, signature] = [read('app'), read('timestamp'), read('nonce'), read('signature')]
  const matter = read('matter') ?? ''
  const algorithm = read('algorithm') ?? SIGNATURE_ALGORITHM
  const given: readonly (readonly [keyof typeof CALL_HEADERS, string | null, RegExp | null])[] = [
    ['algorithm', algorithm, FORMS.algorithm],
    ['app', app, null],
    ['timestamp', timestamp, FORMS.timestamp],
    ['nonce', nonce, FORMS.nonce],
    ['signature', signature, FORMS.signature],
    ['matter', matter === '' ? null : matter, FORMS.matter],
  ]
  const missing = given.flatMap(([name, value, form]) => {
    const path = `#/headers/${CALL_HEADERS[name]}`
    // A matter that is not there has a code of its own, after the signature.
    if (value === null) return name === 'matter' ? [] : [place(path, '必填', 'required')]
    return form === null || form.test(value) ? [] : [place(path, '格式不正确', 'not in the form that is asked for')]
  })
  if (missing.length > 0) return { missing }
  const known = algorithm as SignatureAlgorithm // its form names exactly these
  return { algorithm: known, app: app!, timestamp: timestamp!, nonce: nonce!, matter, signature: signature! }
}

interface SignedText {
  readonly algorithm: SignatureAlgorithm
  readonly text: string
  readonly asked: string
}

const digestOf = (algorithm: SignatureAlgorithm, raw: Buffer): string =>
  createHash(SIGNATURE_HASHES[algorithm]).update(raw).digest('hex')
const NOTHING = Buffer.alloc(0)
const OF_NOTHING: Record<SignatureAlgorithm, string> = {
  'HUITONG-HMAC-SHA256': digestOf('HUITONG-HMAC-SHA256', NOTHING),
  'HUITONG-HMAC-SM3': digestOf('HUITONG-HMAC-SM3', NOTHING),
}

/** Address, canonical query and digest of the body: what a call asks for; null when its query has no canonical form. */
function askedOf(request: FastifyRequest, raw: Buffer, algorithm: SignatureAlgorithm) {
  const at = request.url.indexOf('?')
  const path = at < 0 ? request.url : request.url.slice(0, at)
  const query = canonicalQuery(at < 0 ? '' : request.url.slice(at + 1))
  if (query === null) return null
  const bodyDigest = raw.length === 0 ? OF_NOTHING[algorithm] : digestOf(algorithm, raw)
  return { path, query, bodyDigest, asked: `${request.method} ${path}\n${query}\n${bodyDigest}` }
}

function signedText(request: FastifyRequest, headers: Headers, raw: Buffer): SignedText | null {
  const { algorithm, app: appId, timestamp, nonce, matter } = headers
  const asked = askedOf(request, raw, algorithm)
  if (asked === null) return null
  const { path, query, bodyDigest } = asked
  const { method } = request
  const text = textOfCanonical({ method, path, query, bodyDigest, algorithm, appId, timestamp, nonce, matter })
  return { algorithm, text, asked: asked.asked }
}

/** The application when its secret made the signature; a secret that was renewed a moment ago counts. */
async function signedBy(
  gateway: Gateway,
  application: KnownApplication,
  signed: SignedText,
  signature: string,
): Promise<KnownApplication | null> {
  if (matches(application, signed, signature)) return application
  const fresh = await gateway.registry.application(application.appId, true)
  if (fresh && fresh.version !== application.version && matches(fresh, signed, signature)) return fresh
  return null
}

const secretKeys = new WeakMap<KnownApplication, KeyObject>()

function matches(application: KnownApplication, { algorithm, text }: SignedText, signature: string): boolean {
  // Made once: from bytes it would be made anew for every call, which costs more than the HMAC itself.
  const key = secretKeys.get(application) ?? createSecretKey(application.secret)
  secretKeys.set(application, key)
  const expected = createHmac(SIGNATURE_HASHES[algorithm], key).update(text).digest()
  return timingSafeEqual(expected, Buffer.from(signature, 'hex'))
}
