import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { ErrorCode } from '@huitong/contract'
import { CALL_HEADERS, CALL_WINDOW_SECONDS, canonicalQuery, textToSign } from '@huitong/contract/application-signature'
import type { FastifyRequest } from 'fastify'
import type { ApplicationActor } from '../../kernel/actor.ts'
import { place, Refusal } from '../../kernel/errors.ts'
import type { Services } from '../../kernel/services.ts'
import type { Gateway } from './gateway.ts'
import type { KnownApplication } from './registry.ts'

const FORMS = {
  app: /^ht[a-z2-7]{20}$/,
  timestamp: /^\d{10,12}$/,
  nonce: /^[A-Za-z0-9_-]{16,64}$/,
  signature: /^[0-9a-f]{64}$/,
  matter: /^[\x21-\x7e]{1,64}$/,
} as const

interface Headers {
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
  await claimOf(services, gateway, request)
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
  const { headers, application } = await claimOf(services, gateway, request)
  const signed = signedText(request, headers, raw)
  if (signed === null)
    return stop('service.signature_wrong', application, { detail: 'the query has no canonical form' })
  const good = await signedBy(gateway, application, signed, headers.signature)
  if (good === null) return stop('service.signature_wrong', application)
  if (good.revoked && (await gateway.registry.application(headers.app, true))?.revoked !== false)
    return stop('service.app_revoked', application)
  return {
    kind: 'application',
    id: good.id,
    name: good.name,
    departmentId: good.departmentId,
    jurisdiction: good.jurisdiction,
    appId: good.appId,
    version: good.version,
    call: { nonce: headers.nonce, matter: headers.matter, asked: signed.asked },
  }
}

function readHeaders(request: FastifyRequest): Headers | { missing: ReturnType<typeof place>[] } {
  const read = (name: keyof typeof CALL_HEADERS) => {
    const value = request.headers[CALL_HEADERS[name]]
    return typeof value === 'string' && value !== '' ? value : null
  }
  const [app, timestamp, nonce, signature] = [read('app'), read('timestamp'), read('nonce'), read('signature')]
  const matter = read('matter') ?? ''
  const given: readonly (readonly [keyof typeof CALL_HEADERS, string | null, RegExp | null])[] = [
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
  return { app: app!, timestamp: timestamp!, nonce: nonce!, matter, signature: signature! }
}

interface SignedText {
  readonly text: string
  readonly asked: string
}

function signedText(request: FastifyRequest, headers: Headers, raw: Buffer): SignedText | null {
  const at = request.url.indexOf('?')
  const path = at < 0 ? request.url : request.url.slice(0, at)
  const query = at < 0 ? '' : request.url.slice(at + 1)
  const bodySha256 = createHash('sha256').update(raw).digest('hex')
  const { app: appId, timestamp, nonce, matter } = headers
  const text = textToSign({ method: request.method, path, query, bodySha256, appId, timestamp, nonce, matter })
  if (text === null) return null
  return { text, asked: `${request.method} ${path}\n${canonicalQuery(query)}\n${bodySha256}` }
}

/** The application when its secret made the signature; a secret that was renewed a moment ago counts. */
async function signedBy(
  gateway: Gateway,
  application: KnownApplication,
  signed: SignedText,
  signature: string,
): Promise<KnownApplication | null> {
  if (matches(application, signed.text, signature)) return application
  const fresh = await gateway.registry.application(application.appId, true)
  if (fresh && fresh.version !== application.version && matches(fresh, signed.text, signature)) return fresh
  return null
}

function matches({ secret }: KnownApplication, text: string, signature: string): boolean {
  const expected = createHmac('sha256', secret).update(text).digest()
  return timingSafeEqual(expected, Buffer.from(signature, 'hex'))
}
