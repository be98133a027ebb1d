import type { Services } from '../../kernel/services.ts'
import { gathering } from './gather.ts'

/** What calls of one application under one opening have in common: by whom, of what, under which limits. */
export interface CallGround {
  readonly appId: string
  readonly jurisdiction: string
  readonly applicationId: string
  readonly departmentId: string
  readonly serviceId: string | null
  readonly openingId: string | null
  readonly providerDepartmentId: string | null
  readonly matter: string
  /** Limits of the opening, and of the grant the rows that may be handed out a day; of no meaning without an opening. */
  readonly perSecondMax: number
  readonly perDayMax: number
  readonly totalMax: bigint | null
  readonly rowsPerDayMax: number | null
  /** Versions of what the answer rests on: of the application, the service, the opening, the grants. */
  readonly versions: readonly (readonly [kind: 'a' | 's' | 'o' | 'g', id: string, version: number])[]
}

/** A call as it enters the account: under what, and what it is about to be answered. */
export interface Accounted {
  readonly ground: CallGround
  /** Used once; null for a call that has none. */
  readonly nonce: string | null
  readonly outcome: string
  readonly rows: number
  readonly requestId: string
  readonly queryDigest: Buffer
  /** What it uses of the quotas: nothing when it was refused before anything was read; a further part of an answer rows only. */
  readonly uses: 'nothing' | 'call' | 'rows'
}

/**
 * `admitted`: the account is durable, the answer may go out. `stale`: something changed since it was read; nothing was
 * written, read it again.
 */
export type Verdict =
  | { readonly kind: 'admitted' }
  | { readonly kind: 'stale' }
  | { readonly kind: 'replayed' }
  | {
      readonly kind: 'over_quota'
      readonly span: 'second' | 'day' | 'total' | 'rows'
      readonly retryAfterSeconds: number
    }

/** The account of calls: nonces, quotas and call rows of many calls in one durable transaction, before their replies. */
export interface Account {
  settle(call: Accounted): Promise<Verdict>
}

const BATCH_MAX = 500

/** While one transaction is on its way, the calls that come meanwhile gather for the next: one fsync serves many. */
export function openAccount(services: Services): Account {
  return { settle: gathering((batch) => settleBatch(services, batch), { most: BATCH_MAX }) }
}

const PARAMETERS = 23
const SETTLE = {
  name: 'settle_calls',
  text: `select huitong_settle_calls(${Array.from({ length: PARAMETERS }, (_, at) => `$${at + 1}`).join(', ')}) as verdicts`,
}
const USES = { nothing: 0, call: 1, rows: 2 } as const

/** One statement settles all of them and is a transaction of its own; `0020_settle.sql` says what it does in which order. */
async function settleBatch(services: Services, calls: readonly Accounted[]): Promise<Verdict[]> {
  const numbers = new Map<CallGround, number>()
  for (const { ground } of calls) if (!numbers.has(ground)) numbers.set(ground, numbers.size + 1)
  const grounds = [...numbers.keys()]
  const versions = grounds.flatMap((ground, at) => ground.versions.map((one) => [at + 1, ...one] as const))
  const ground = <T>(take: (one: CallGround) => T): T[] => grounds.map(take)
  const call = <T>(take: (one: Accounted) => T): T[] => calls.map(take)
  const values = [
    versions.map((one) => one[0]),
    versions.map((one) => one[1]),
    versions.map((one) => one[2]),
    versions.map((one) => one[3]),
    ground((one) => one.appId),
    ground((one) => one.jurisdiction),
    ground((one) => one.applicationId),
    ground((one) => one.departmentId),
    ground((one) => one.serviceId),
    ground((one) => one.openingId),
    ground((one) => one.providerDepartmentId),
    ground((one) => one.matter),
    ground((one) => one.perSecondMax),
    ground((one) => one.perDayMax),
    ground((one) => (one.totalMax === null ? null : String(one.totalMax))),
    ground((one) => one.rowsPerDayMax),
    call((one) => numbers.get(one.ground)!),
    call((one) => one.nonce),
    call((one) => USES[one.uses]),
    call((one) => one.outcome),
    call((one) => one.rows),
    call((one) => one.requestId),
    call((one) => one.queryDigest),
  ]
  const [row] = await services.db.tickOnce<{ verdicts: string[] }>({ ...SETTLE, values })
  const [epoch, ...verdicts] = row!.verdicts.map(Number)
  return verdicts.map((code) => verdictOf(code, epoch!))
}

const SHANGHAI_SECONDS = 8 * 3_600
const DAY_SECONDS = 86_400
const SPANS = { 3: 'second', 4: 'day', 5: 'total', 6: 'rows' } as const

function verdictOf(code: number, epoch: number): Verdict {
  if (code === 0) return { kind: 'admitted' }
  if (code === 1) return { kind: 'stale' }
  if (code === 2) return { kind: 'replayed' }
  const span = SPANS[code as keyof typeof SPANS]
  const untilTomorrow = DAY_SECONDS - ((epoch + SHANGHAI_SECONDS) % DAY_SECONDS)
  // The quota of a whole grant does not come back by itself: asking again tomorrow costs nobody anything.
  const seconds = { second: 1, day: untilTomorrow, total: DAY_SECONDS, rows: untilTomorrow }
  return { kind: 'over_quota', span, retryAfterSeconds: seconds[span] }
}
