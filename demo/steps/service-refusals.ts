import { readGrant, revokeGrant } from '@huitong/contract/catalogue'
import { listApplications, readService, revokeApplication, setServiceState } from '@huitong/contract/gateway'
import { shiftLegalClock } from '@huitong/contract/standards'
import { listAll } from '../city/populate.ts'
import type { Answered, SignedCall } from '../run/signed-call.ts'
import type { World } from '../run/world.ts'
import { MATTER, newApplication, REFUSED_ITEM, SHORT_MATTER, SHORT_QUOTA, type Served } from './service-made.ts'

/** What each refused call must be answered with, planted here. */
export const REFUSALS: Readonly<Record<string, string>> = {
  'an item that is not granted': 'service.item_not_granted',
  'a masked item as a condition': 'service.item_masked',
  'a row outside the grant': 'service.row_not_found',
  'a key that is no number': 'request.invalid',
  'a wrong secret': 'service.signature_wrong',
  'another key than the signed one': 'service.signature_wrong',
  'no signature': 'service.signature_missing',
  'the same request again': 'service.replayed',
  'an old timestamp': 'service.clock_skew',
  'no purpose': 'service.matter_missing',
  'a purpose that is not granted': 'service.matter_not_granted',
  'an unknown application': 'service.app_unknown',
  'a revoked application': 'service.app_revoked',
  'an unknown service': 'service.unknown',
  'a stopped service': 'service.stopped',
  'one call over the quota': 'service.over_quota',
  'an expired grant': 'service.grant_expired',
  'a revoked grant': 'service.grant_revoked',
}

export interface Caller {
  /** Calls with the step's own application unless another one is given; counts every call under its matter. */
  call(
    given: Omit<SignedCall, 'path' | 'matter'> & { way?: string; code?: string; matter?: string },
    as?: Other,
  ): Promise<Answered>
}
interface Other {
  readonly appId: string
  readonly secret: string
}

/** Meets every refusal once; answers what each was answered with, and after how many seconds the quota comes back. */
export async function meetRefusals(
  world: World,
  served: Served,
  caller: Caller,
  { inside, outside }: { inside: string; outside: string },
): Promise<{ refusals: Record<string, string>; retryAfter: number | null }> {
  const met: Record<string, string> = {}
  const { application } = served
  const query = { id: inside }
  const meet = async (name: string, reply: Promise<Answered>): Promise<Answered> => {
    const answer = await reply
    met[name] = answer.outcome
    return answer
  }
  await meet('an item that is not granted', caller.call({ query: { ...query, items: `id,${REFUSED_ITEM}` } }))
  await meet('a masked item as a condition', caller.call({ way: 'rows', query: { 'id_number.startsWith': '33' } }))
  await meet('a row outside the grant', caller.call({ query: { id: outside } }))
  await meet('a key that is no number', caller.call({ query: { id: `${inside} or true` } }))
  await meet('a wrong secret', caller.call({ query }, { ...application, secret: `${application.secret}x` }))
  await meet('another key than the signed one', caller.call({ query, sent: { id: outside } }))
  await meet('no signature', caller.call({ query, without: 'signature' }))
  await meet('the same request again', (await caller.call({ query })).again())
  await meet('an old timestamp', caller.call({ query, timestamp: Math.floor(Date.now() / 1000) - 400 }))
  await meet('no purpose', caller.call({ query, matter: '' }))
  await meet('a purpose that is not granted', caller.call({ query, matter: `${MATTER}9` }))
  await meet('an unknown application', caller.call({ query }, { ...application, appId: `ht${'z'.repeat(20)}` }))
  await meet('an unknown service', caller.call({ query, code: `${served.code}-not` }))
  await meetRevokedApplication(world, (other) => meet('a revoked application', caller.call({ query }, other)))
  await meetStopped(world, served, () => meet('a stopped service', caller.call({ query })))
  for (let n = 0; n < SHORT_QUOTA; n++) await caller.call({ query, matter: SHORT_MATTER })
  const over = await meet('one call over the quota', caller.call({ query, matter: SHORT_MATTER }))
  await aDayLater(world, () => meet('an expired grant', caller.call({ query, matter: SHORT_MATTER })))
  await revoke(world, served.shortGrantId)
  await meet('a revoked grant', caller.call({ query, matter: SHORT_MATTER }))
  return { refusals: met, retryAfter: over.retryAfter }
}

async function meetRevokedApplication(world: World, ask: (other: Other) => Promise<unknown>): Promise<void> {
  const other = await newApplication(world, '已停用的旧系统')
  const developer = await world.as('developer')
  const known = (await listAll(developer, listApplications)).find((one) => one.id === other.id)!
  const options = { match: known.version }
  await developer.call(revokeApplication, { params: { id: other.id }, body: { reason: '旧系统已下线' } }, options)
  await ask(other)
}

async function meetStopped(world: World, { id }: Served, ask: () => Promise<unknown>): Promise<void> {
  const centre = await world.as('centre')
  const params = { id }
  const set = async (state: 'running' | 'stopped'): Promise<void> => {
    const { version } = await centre.call(readService, { params })
    await centre.call(setServiceState, { params, body: { state, reason: '数据核对' } }, { match: version })
  }
  await set('stopped')
  await ask()
  await set('running')
}

/** Legal time is moved past the end of today, and back. */
async function aDayLater(world: World, ask: () => Promise<unknown>): Promise<void> {
  const centre = await world.as('centre')
  const shift = (offsetSeconds: number) => centre.call(shiftLegalClock, { body: { offsetSeconds } })
  await shift(86_400 + 60)
  try {
    // What legal time is may be remembered for a second.
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    await ask()
  } finally {
    await shift(0)
    await new Promise((resolve) => setTimeout(resolve, 1_500))
  }
}

async function revoke(world: World, id: string): Promise<void> {
  const head = await world.as('gongan-head')
  const { version } = await head.call(readGrant, { params: { id } })
  await head.call(revokeGrant, { params: { id }, body: { reason: '试用结束' } }, { match: version })
}
