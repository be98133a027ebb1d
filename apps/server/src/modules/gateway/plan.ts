import type { ErrorCode } from '@huitong/contract'
import {
  compileGrant,
  momentOf,
  validityAt,
  type GrantDocument,
  type Plan,
  type Predicate,
  type Times,
} from '@huitong/policy'
import type { ApplicationActor } from '../../kernel/actor.ts'
import { place, refuse } from '../../kernel/errors.ts'
import type { KnownService, Opening } from './registry.ts'

type Allowed = Extract<Plan, { allowed: true }>
type Reason = Extract<Plan, { allowed: false }>['reason']

/** The code under which each reason of the policy is answered. */
const CODES: Readonly<Record<Reason, ErrorCode>> = {
  revoked: 'service.grant_revoked',
  not_yet: 'service.grant_not_yet',
  expired: 'service.grant_expired',
  grantee: 'service.not_granted',
  items: 'service.item_not_granted',
  purpose: 'service.matter_not_granted',
}

/** What was found for a department and matter, as long as both grants are in force: all else is of the service's version. */
interface Found {
  readonly opening: Opening
  readonly periods: readonly { readonly from: Date; readonly until: Date }[]
}
const found = new WeakMap<KnownService, Map<string, Found>>()
const FOUND_MAX = 1_000

/**
 * The opening under which this application calls: its department's, for the matter that the call names. Refuses what
 * stands in the way, from the outside in; items and rows come later. What was found is remembered with the service as it
 * was read; when it was read anew, or a grant is no longer in force, it is looked for again.
 */
export function openingFor(actor: ApplicationActor, service: KnownService, times: Times): Opening {
  const name = `${actor.jurisdiction}/${actor.departmentId}/${actor.call.matter}`
  const remembered = found.get(service) ?? new Map<string, Found>()
  const known = remembered.get(name)
  if (known?.periods.every((one) => validityAt(one, times) === 'active')) return known.opening
  const opening = lookFor(actor, service, times)
  if (remembered.size >= FOUND_MAX) remembered.clear()
  const grants = service.landing ? [opening.grant, service.landing.grant] : [opening.grant]
  remembered.set(name, { opening, periods: grants.map(periodOf) })
  found.set(service, remembered)
  return opening
}

const ANOMALOUS = place(
  '#/opening',
  '调用异常，已由平台自动暂停；请联系数据提供部门核实后解除',
  'suspended by the platform for unusual calls; the department that provides the data may release it',
)
const periodOf = (grant: GrantDocument) => ({ from: new Date(grant.validFrom), until: new Date(grant.validUntil) })

function lookFor(actor: ApplicationActor, service: KnownService, times: Times): Opening {
  if (actor.jurisdiction !== service.jurisdiction) refuse('service.unknown')
  const own = service.openings.filter((one) => one.departmentId === actor.departmentId)
  if (own.length === 0) refuse('service.not_granted')
  if (actor.call.matter === '') refuse('service.matter_missing')
  const forMatter = own.filter((one) => one.matterCode === actor.call.matter)
  if (forMatter.length === 0) refuse('service.matter_not_granted')
  // Of several grants for one matter (a renewed one beside the old) whichever is in force.
  const usable = forMatter.find((one) => planOf(one, actor.departmentId, times, null).allowed && !one.suspended)
  const opening = usable ?? forMatter[0]!
  if (service.state === 'stopped') refuse('service.stopped')
  const plan = planOf(opening, actor.departmentId, times, null)
  if (!plan.allowed) refuse(CODES[plan.reason])
  const kept = service.landing === null || isInForce(service.landing, times)
  if (opening.suspended || !kept)
    refuse('service.suspended', {
      detail: kept ? 'the opening' : 'the table may no longer be kept',
      ...(opening.anomalous ? { places: [ANOMALOUS] } : {}),
    })
  return opening
}

const isInForce = ({ grant, revoked }: NonNullable<KnownService['landing']>, times: Times): boolean =>
  compileGrant(grant, { departmentId: grant.grantee.departmentId, ...momentOf(times), items: null, revoked }).allowed

function planOf(
  opening: Opening,
  departmentId: string,
  times: Times,
  items: readonly string[] | null,
  rows?: Predicate,
) {
  const use = { departmentId, ...momentOf(times), items, revoked: opening.revoked, matterCode: opening.matterCode }
  return compileGrant(opening.grant, rows ? { ...use, rows } : use)
}

/** What the call gets of the opening: columns with masks, rows. */
export function compileCall(
  opening: Opening,
  given: { departmentId: string; times: Times; items: readonly string[] | null; rows?: Predicate },
): Allowed {
  const plan = planOf(opening, given.departmentId, given.times, given.items, given.rows)
  return plan.allowed ? plan : refuse(CODES[plan.reason])
}
