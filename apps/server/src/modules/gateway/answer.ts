import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import type { ErrorCode } from '@huitong/contract'
import type { Times } from '@huitong/policy'
import type { ApplicationActor } from '../../kernel/actor.ts'
import { codeOf, place, Refusal, refuse } from '../../kernel/errors.ts'
import { endIfFatal } from '../../kernel/fatal.ts'
import type { Services } from '../../kernel/services.ts'
import type { Accounted, CallGround, Verdict } from './account.ts'
import type { Gateway } from './gateway.ts'
import { offerOf, type Offer } from './parameters.ts'
import { openingFor } from './plan.ts'
import type { KnownService, Opening } from './registry.ts'

export interface CallContext {
  readonly actor: ApplicationActor
  readonly requestId: string
  readonly now: Date
  readonly services: Services
  /** A further part of an answer whose first part was settled: nonce and calls are counted, only its rows are not. */
  readonly further?: boolean
}

/** What a way of calling reads under an opening. */
export interface Ground {
  readonly service: KnownService
  readonly opening: Opening
  readonly offer: Offer
  /** When the call came: what validity of grants is counted by. */
  readonly times: Times
}
export interface Answer<R> {
  readonly reply: R
  /** Rows that the reply hands out. */
  readonly rows: number
}

/** Outcome of a call in the account. */
const OK = 'ok'
const TRIES_MAX = 3

/** Reasons of refusal that may have been lifted since the service was last read. */
const MAY_HAVE_CHANGED: ReadonlySet<ErrorCode> = new Set([
  'service.unknown',
  'service.not_granted',
  'service.matter_not_granted',
  'service.stopped',
  'service.suspended',
  'service.grant_revoked',
  'service.grant_not_yet',
  'service.grant_expired',
])

/** Whether a call may still be answered, as the database says now; refuses with the reason when it may not. */
export async function stillAllowed(gateway: Gateway, context: CallContext, code: string): Promise<void> {
  requireSameSecret(context.actor, await gateway.registry.application(context.actor.appId, true))
  const tried: Tried<never> = { ground: null, service: null, application: null, answer: null, failure: null }
  await groundOf(gateway, context, code, tried, true)
}

/**
 * Answers a call: finds the opening, reads, then settles the account — nonce, quota, the call's own row — in one durable
 * transaction, and only then lets the answer out. What was read for a call that turns out to be a replay, over quota or
 * stale is thrown away. A refusal of a known application is accounted for in the same way.
 */
export async function answerCall<R>(
  gateway: Gateway,
  context: CallContext,
  code: string,
  read: (ground: Ground) => Promise<Answer<R>>,
  kind: 'dataset' | 'proxied' = 'dataset',
): Promise<R> {
  const readOf = (ground: Ground) => (kindOf(ground) === kind ? read(ground) : refuse('service.way_unknown'))
  for (let attempt = 1; ; attempt++) {
    const tried = await tryOnce(gateway, context, code, readOf, attempt > 1)
    const verdict = await gateway.account.settle(accountOf(context, tried))
    if (verdict.kind === 'stale' && attempt < TRIES_MAX) {
      gateway.registry.forget(context.actor.appId, code)
      continue
    }
    refuseBy(verdict, gateway, tried.ground)
    if (tried.failure) throw tried.failure
    return tried.answer!.reply
  }
}

/** A service answers in the ways of its own kind only. */
const kindOf = ({ service }: Ground) => (service.proxied ? 'proxied' : 'dataset')

interface Tried<R> {
  ground: Ground | null
  service: KnownService | null
  application: { id: string; version: number; revoked?: boolean } | null
  answer: Answer<R> | null
  failure: unknown
}

async function tryOnce<R>(
  gateway: Gateway,
  context: CallContext,
  code: string,
  read: (ground: Ground) => Promise<Answer<R>>,
  again: boolean,
): Promise<Tried<R>> {
  const { actor } = context
  const tried: Tried<R> = { ground: null, service: null, application: null, answer: null, failure: null }
  try {
    tried.application = again ? await gateway.registry.application(actor.appId, true) : actor
    requireSameSecret(actor, tried.application)
    let ground = await groundOf(gateway, context, code, tried, false)
    // A call over quota does not reach the account, which would tell that something changed: look whether it did.
    if (!context.further && overOf(gateway, ground)) ground = await groundOf(gateway, context, code, tried, true)
    tried.ground = ground
    if (!context.further) refuseWhileOver(gateway, context, ground)
    tried.answer = await read(ground)
  } catch (error) {
    endIfFatal(error)
    tried.failure = error
    if (error instanceof AlreadyCounted) throw error.refusal
  }
  return tried
}

/** Signature and token were made with the secret of one version of the application, and hold for no other. */
function requireSameSecret(actor: ApplicationActor, now: { version: number; revoked?: boolean } | null): void {
  if (!now || now.revoked) refuse('service.app_revoked')
  const code = actor.call.nonce === null ? 'service.token_invalid' : 'service.signature_wrong'
  if (now.version !== actor.version) refuse(code, { detail: 'the secret was renewed' })
}

async function groundOf<R>(
  gateway: Gateway,
  context: CallContext,
  code: string,
  tried: Tried<R>,
  anew: boolean,
): Promise<Ground> {
  const find = async (again: boolean): Promise<Ground> => {
    const service = await gateway.registry.service(code, again)
    tried.service = service
    if (!service) refuse('service.unknown')
    const { now } = context
    const times = { now, legalNow: new Date(now.getTime() + (await gateway.registry.legalOffsetMs())) }
    const opening = openingFor(context.actor, service, times)
    return { service, opening, offer: offerOf(service, opening), times }
  }
  return find(anew).catch((error: unknown) => {
    if (error instanceof Refusal && MAY_HAVE_CHANGED.has(error.code)) return find(true)
    throw error
  })
}

/** Openings whose quota is known to be used up, and until when: refused without reading or writing anything. */
const over = new WeakMap<Gateway, Map<string, { until: number; span: string }>>()
class AlreadyCounted extends Error {
  readonly refusal: Refusal
  constructor(refusal: Refusal) {
    super(refusal.message)
    this.refusal = refusal
  }
}

const overQuota = (span: string, retryAfterSeconds: number) =>
  new Refusal('service.over_quota', {
    retryAfterSeconds,
    places: [place(`#/quota/${span}`, QUOTA_WORDS[span]!.zh, QUOTA_WORDS[span]!.en)],
  })
const QUOTA_WORDS: Readonly<Record<string, { zh: string; en: string }>> = {
  second: { zh: '每秒调用次数', en: 'calls a second' },
  day: { zh: '每日调用次数', en: 'calls a day' },
  total: { zh: '授权期内总次数', en: 'calls in all' },
  rows: { zh: '每日返回行数', en: 'rows a day' },
}

function overOf(gateway: Gateway, { opening }: Ground): { left: number; span: string } | null {
  const known = over.get(gateway)?.get(`${opening.id}/${opening.version}`)
  const left = known ? known.until - performance.now() : 0
  return known && left > 0 ? { left, span: known.span } : null
}

function refuseWhileOver(gateway: Gateway, { actor }: CallContext, ground: Ground): void {
  const { service } = ground
  const known = overOf(gateway, ground)
  if (!known) return
  const { appId, id, departmentId, jurisdiction } = actor
  gateway.refusals.add({
    serviceCode: service.code,
    application: { appId, id, departmentId, jurisdiction },
    matter: actor.call.matter,
    outcome: 'service.over_quota',
  })
  throw new AlreadyCounted(overQuota(known.span, Math.max(1, Math.ceil(known.left / 1000))))
}

const OVER_MAX = 10_000
/** Longest time for which a used-up quota is believed without asking again: the day may end, or the limit be raised. */
const OVER_MS_MAX = 5_000

function refuseBy(verdict: Verdict, gateway: Gateway, ground: Ground | null): void {
  if (verdict.kind === 'admitted') return
  if (verdict.kind === 'replayed') refuse('service.replayed')
  if (verdict.kind === 'stale') refuse('object.changed', { detail: 'the service changed again and again' })
  const { span, retryAfterSeconds } = verdict
  if (ground && span !== 'rows') {
    const known = over.get(gateway) ?? new Map<string, { until: number; span: string }>()
    over.set(gateway, known)
    if (known.size > OVER_MAX) known.clear()
    // The second's quota comes back within the second; what the database counts decides then.
    const ms = span === 'second' ? 100 : Math.min(OVER_MS_MAX, retryAfterSeconds * 1000)
    known.set(`${ground.opening.id}/${ground.opening.version}`, { until: performance.now() + ms, span })
  }
  throw overQuota(span, retryAfterSeconds)
}

/** What calls of an application under an opening share in the account; both are as they were read, so it is made once. */
const shared = new WeakMap<Opening, Map<string, CallGround>>()
const SHARED_MAX = 1_000

function groundFor(actor: ApplicationActor, tried: Tried<unknown>): CallGround {
  const application = tried.application ?? actor
  const { ground } = tried
  if (!ground) return makeGround(actor, application, tried.service, null)
  const known = shared.get(ground.opening) ?? new Map<string, CallGround>()
  const name = `${application.id}/${application.version}`
  const made = known.get(name) ?? makeGround(actor, application, ground.service, ground.opening)
  if (known.size >= SHARED_MAX) known.clear()
  known.set(name, made)
  shared.set(ground.opening, known)
  return made
}

function makeGround(
  actor: ApplicationActor,
  application: { id: string; version: number },
  service: KnownService | null,
  opening: Opening | null,
): CallGround {
  const versions: CallGround['versions'] = [
    ['a', application.id, application.version],
    ...(service ? [['s', service.id, service.version] as const] : []),
    ...(service?.landing ? [['g', service.landing.id, service.landing.version] as const] : []),
    ...(opening
      ? [['o', opening.id, opening.version] as const, ['g', opening.grantId, opening.grantVersion] as const]
      : []),
  ]
  return {
    appId: actor.appId,
    jurisdiction: actor.jurisdiction,
    applicationId: actor.id,
    departmentId: actor.departmentId,
    serviceId: service?.id ?? null,
    openingId: opening?.id ?? null,
    providerDepartmentId: service?.providerDepartmentId ?? null,
    matter: actor.call.matter,
    perSecondMax: opening?.perSecondMax ?? 0,
    perDayMax: opening?.perDayMax ?? 0,
    totalMax: opening?.totalMax ?? null,
    rowsPerDayMax: opening?.grant.rowsPerDayMax ?? null,
    versions,
  }
}

function accountOf<R>({ actor, requestId, services, further = false }: CallContext, tried: Tried<R>): Accounted {
  const { ground, answer, failure } = tried
  const outcome = failure === null ? OK : codeOf(failure)
  // Whoever asks for rows that are not there uses the quota too: else keys could be tried without end.
  const reads = ground !== null && (failure === null || outcome === 'service.row_not_found')
  return {
    ground: groundFor(actor, tried),
    nonce: further ? null : actor.call.nonce,
    outcome,
    rows: answer?.rows ?? 0,
    requestId,
    queryDigest: digestOf(services, actor.call.asked),
    uses: reads ? (further ? 'rows' : 'call') : 'nothing',
  }
}

const keys = new WeakMap<Services, KeyObject>()

/** What was asked, for a later proof; keyed, because a digest alone would let identity numbers be guessed. */
function digestOf(services: Services, asked: string): Buffer {
  const key = keys.get(services) ?? createSecretKey(services.secrets.derive('gateway/asked'), 'utf8')
  keys.set(services, key)
  return createHmac('sha256', key).update(asked).digest()
}
