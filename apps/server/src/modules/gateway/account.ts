import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import type { Writer } from '../../kernel/db.ts'
import type { Services } from '../../kernel/services.ts'
import { gathering } from './gather.ts'
import { takeQuotas, type QuotaUse, type UseRow } from './quotas.ts'

/** A call as it enters the account: by whom, under what, and what it is about to be answered. */
export interface Accounted {
  readonly jurisdiction: string
  readonly applicationId: string
  readonly appId: string
  readonly departmentId: string
  /** Used once; null for a call that has none. */
  readonly nonce: string | null
  readonly serviceId: string | null
  readonly openingId: string | null
  readonly providerDepartmentId: string | null
  readonly matter: string
  readonly outcome: string
  readonly rows: number
  readonly requestId: string
  readonly queryDigest: Buffer
  /** The quota that the call uses; null when it was refused before anything was read. */
  readonly quota: QuotaUse | null
  /** Versions of what the answer rests on, by id: `a/<application>`, `s/<service>`, `o/<opening>`, `g/<grant>`. */
  readonly versions: readonly (readonly [kind: 'a' | 's' | 'o' | 'g', id: string, version: number])[]
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

/** Something that calls rest on changed: nothing of their batch may be written with them in it. */
class Stale extends Error {
  readonly calls: ReadonlySet<Accounted>
  constructor(calls: ReadonlySet<Accounted>) {
    super('stale')
    this.calls = calls
  }
}

/** Settles a batch; calls that turn out to be stale are taken out of it, and the others are settled without them. */
async function settleBatch(services: Services, batch: readonly Accounted[]): Promise<Verdict[]> {
  const stale = new Set<Accounted>()
  for (;;) {
    const current = batch.filter((call) => !stale.has(call))
    try {
      const verdicts = current.length === 0 ? [] : await services.db.tick((db) => settleAll(db, current))
      const verdictOf = new Map(current.map((call, at) => [call, verdicts[at]!]))
      return batch.map((call) => verdictOf.get(call) ?? { kind: 'stale' })
    } catch (error) {
      if (!(error instanceof Stale)) throw error
      for (const call of error.calls) stale.add(call)
    }
  }
}

async function settleAll(db: Writer, calls: readonly Accounted[]): Promise<Verdict[]> {
  const admitted = await admit(db, calls)
  const stale = calls.filter((call) =>
    call.versions.some(([kind, id, version]) => admitted.versionOf(kind, id) !== version),
  )
  if (stale.length > 0) throw new Stale(new Set(stale))
  const fresh = admitted.isFresh(calls)
  const { over, uses } = takeQuotas(
    calls.map((call, at) => (fresh[at] ? call.quota : null)),
    admitted.uses,
    admitted.epoch,
  )
  const verdicts = calls.map((_, at): Verdict => {
    const refused = over[at]
    if (!fresh[at]) return { kind: 'replayed' }
    return refused ? { kind: 'over_quota', ...refused } : { kind: 'admitted' }
  })
  await record(db, uses, calls, verdicts)
  return verdicts
}

interface Admitted {
  readonly uses: readonly UseRow[]
  readonly epoch: bigint
  versionOf(kind: string, id: string): number | undefined
  /** Whether each call's nonce is used for the first time; of two equal ones in a batch the first is. */
  isFresh(calls: readonly Accounted[]): boolean[]
}
interface AdmittedRow {
  fresh: [appId: string, nonce: string][] | null
  versions: Record<string, number> | null
  uses: UseRow[] | null
  epoch: string
}

/** Spends the nonces, locks the counters, reads the versions of what the calls rest on: all of it in one question. */
async function admit(db: Writer, calls: readonly Accounted[]): Promise<Admitted> {
  const ids = { a: new Set<string>(), s: new Set<string>(), o: new Set<string>(), g: new Set<string>() }
  const counted = new Set<string>()
  for (const call of calls) {
    for (const [kind, id] of call.versions) ids[kind].add(id)
    if (call.quota) counted.add(call.quota.openingId)
  }
  const once = calls.filter((call) => call.nonce !== null)
  const { fresh, versions, uses, epoch } = await db.one<AdmittedRow>(sql`select * from huitong_admit_calls(
    ${once.map((one) => one.appId)}::text[], ${once.map((one) => one.nonce)}::text[], ${[...counted].sort()}::uuid[],
    ${[...ids.a]}::uuid[], ${[...ids.s]}::uuid[], ${[...ids.o]}::uuid[], ${[...ids.g]}::uuid[])`)
  return {
    uses: uses ?? [],
    epoch: BigInt(epoch),
    versionOf: (kind, id) => versions?.[`${kind}/${id}`],
    isFresh(all) {
      if (fresh === null) return all.map(() => true)
      const left = new Set(fresh.map((one) => one.join('/')))
      return all.map((call) => call.nonce === null || left.delete(`${call.appId}/${call.nonce}`))
    },
  }
}

const outcomeOf = (call: Accounted, verdict: Verdict): string => {
  if (verdict.kind === 'replayed') return 'service.replayed'
  return verdict.kind === 'over_quota' ? 'service.over_quota' : call.outcome
}

const SALT_BYTES = 16

async function record(
  db: Writer,
  uses: readonly UseRow[],
  calls: readonly Accounted[],
  verdicts: readonly Verdict[],
): Promise<void> {
  const column = <T>(take: (call: Accounted, at: number) => T): T[] => calls.map(take)
  const used = (part: 0 | 1 | 2 | 3 | 4) => uses.map((one) => one[part])
  const salts = randomBytes(SALT_BYTES * calls.length)
  await db.run(sql`select huitong_record_calls(${used(0)}::uuid[], ${used(1)}::text[], ${used(2)}::bigint[],
    ${used(3)}::bigint[], ${used(4)}::bigint[], ${column((one) => one.jurisdiction)}::text[],
    ${column((one) => one.applicationId)}::uuid[], ${column((one) => one.departmentId)}::uuid[],
    ${column((one) => one.serviceId)}::uuid[], ${column((one) => one.openingId)}::uuid[],
    ${column((one) => one.providerDepartmentId)}::uuid[], ${column((one) => one.matter)}::text[],
    ${column((one, at) => outcomeOf(one, verdicts[at]!))}::text[],
    ${column((one, at) => (verdicts[at]!.kind === 'admitted' ? one.rows : 0))}::bigint[],
    ${column((one) => one.requestId)}::text[], ${column((one) => one.queryDigest)}::bytea[],
    ${column((_, at) => salts.subarray(at * SALT_BYTES, (at + 1) * SALT_BYTES))}::bytea[])`)
}
