import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import type { Writer } from '../../kernel/db.ts'
import type { Services } from '../../kernel/services.ts'
import { settleQuotas, type QuotaUse } from './quotas.ts'

/** A call as it enters the account: by whom, under what, and what it is about to be answered. */
export interface Accounted {
  readonly jurisdiction: string
  readonly applicationId: string
  readonly appId: string
  readonly departmentId: string
  readonly nonce: string
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

interface Waiting {
  readonly call: Accounted
  readonly resolve: (verdict: Verdict) => void
  readonly reject: (error: unknown) => void
}

/** While one transaction is on its way, the calls that come meanwhile gather for the next: one fsync serves many. */
export function openAccount(services: Services): Account {
  let waiting: Waiting[] = []
  let running = false
  const run = async (): Promise<void> => {
    running = true
    while (waiting.length > 0) {
      const batch = waiting.slice(0, BATCH_MAX)
      waiting = waiting.slice(BATCH_MAX)
      try {
        const verdicts = await services.db.tick((db) =>
          settleAll(
            db,
            batch.map((one) => one.call),
          ),
        )
        batch.forEach((one, at) => one.resolve(verdicts[at]!))
      } catch (error) {
        for (const one of batch) one.reject(error)
      }
    }
    running = false
  }
  return {
    settle: (call) =>
      new Promise((resolve, reject) => {
        waiting.push({ call, resolve, reject })
        if (!running) void run()
      }),
  }
}

async function settleAll(db: Writer, calls: readonly Accounted[]): Promise<Verdict[]> {
  const stale = await staleOf(db, calls)
  const current = calls.filter((_, at) => !stale[at])
  const fresh = await spendNonces(db, current)
  const unused = current.filter((_, at) => fresh[at])
  const quotas = await settleQuotas(
    db,
    unused.map((one) => one.quota),
  )
  const verdictOf = new Map<Accounted, Verdict>()
  current.forEach((call, at) => verdictOf.set(call, { kind: fresh[at] ? 'admitted' : 'replayed' }))
  unused.forEach((call, at) => {
    const refused = quotas[at]
    if (refused) verdictOf.set(call, { kind: 'over_quota', ...refused })
  })
  await writeDown(
    db,
    current.map((call) => [call, verdictOf.get(call)!] as const),
  )
  return calls.map((call) => verdictOf.get(call) ?? { kind: 'stale' })
}

const TABLES = { a: 'application', s: 'service', o: 'service_opening', g: 'access_grant' } as const

/** Which calls rest on something that has another version by now: revoked, suspended, stopped, renewed. */
async function staleOf(db: Writer, calls: readonly Accounted[]): Promise<boolean[]> {
  const ids = (kind: keyof typeof TABLES) => [
    ...new Set(calls.flatMap((call) => call.versions.filter((one) => one[0] === kind).map((one) => one[1]))),
  ]
  const rows = await db.many<{ kind: string; id: string; version: number }>(sql`
    select 'a' as kind, id, version from application where id = any(${ids('a')}::uuid[])
    union all select 's', id, version from service where id = any(${ids('s')}::uuid[])
    union all select 'o', id, version from service_opening where id = any(${ids('o')}::uuid[])
    union all select 'g', id, version from access_grant where id = any(${ids('g')}::uuid[])`)
  const now = new Map(rows.map((row) => [`${row.kind}/${row.id}`, row.version]))
  return calls.map((call) => call.versions.some(([kind, id, version]) => now.get(`${kind}/${id}`) !== version))
}

/** Whether each call's nonce is used for the first time; of two equal ones in a batch the first is. */
async function spendNonces(db: Writer, calls: readonly Accounted[]): Promise<boolean[]> {
  if (calls.length === 0) return []
  const rows = await db.many<{ key_id: string; nonce: string }>(sql`insert into request_nonce (key_id, nonce, at)
    select k, n, now() from unnest(${calls.map((one) => one.appId)}::text[], ${calls.map((one) => one.nonce)}::text[]) x (k, n)
    order by 1, 2 on conflict do nothing returning key_id, nonce`)
  const fresh = new Set(rows.map((row) => `${row.key_id}/${row.nonce}`))
  return calls.map((call) => fresh.delete(`${call.appId}/${call.nonce}`))
}

const outcomeOf = (call: Accounted, verdict: Verdict): string => {
  if (verdict.kind === 'replayed') return 'service.replayed'
  return verdict.kind === 'over_quota' ? 'service.over_quota' : call.outcome
}

async function writeDown(db: Writer, calls: readonly (readonly [Accounted, Verdict])[]): Promise<void> {
  if (calls.length === 0) return
  const column = <T>(take: (call: Accounted, verdict: Verdict) => T): T[] =>
    calls.map(([call, verdict]) => take(call, verdict))
  await db.run(sql`insert into service_call (at, minute, jurisdiction, application_id, department_id, service_id, opening_id,
      provider_department_id, matter_code, outcome, rows, request_id, query_digest, salt)
    select date_trunc('milliseconds', now()), date_trunc('minute', now()), x.*
    from unnest(${column((one) => one.jurisdiction)}::text[], ${column((one) => one.applicationId)}::uuid[],
      ${column((one) => one.departmentId)}::uuid[], ${column((one) => one.serviceId)}::uuid[],
      ${column((one) => one.openingId)}::uuid[], ${column((one) => one.providerDepartmentId)}::uuid[],
      ${column((one) => one.matter)}::text[], ${column(outcomeOf)}::text[],
      ${column((one, verdict) => (verdict.kind === 'admitted' ? one.rows : 0))}::bigint[],
      ${column((one) => one.requestId)}::text[], ${column((one) => one.queryDigest)}::bytea[],
      ${column(() => randomBytes(16))}::bytea[]) x`)
}
