import { sql } from 'kysely'
import type { Writer } from '../../kernel/db.ts'

/** What a call uses of its opening's quotas. */
export interface QuotaUse {
  readonly openingId: string
  readonly perSecondMax: number
  readonly perDayMax: number
  readonly totalMax: bigint | null
  /** Of the grant: rows that may be handed out a day. */
  readonly rowsPerDayMax: number | null
  readonly rows: number
}

export interface OverQuota {
  readonly span: 'second' | 'day' | 'total' | 'rows'
  readonly retryAfterSeconds: number
}

const SPANS = ['second', 'day', 'total'] as const
type Span = (typeof SPANS)[number]
interface Use {
  slot: bigint
  calls: bigint
  rows: bigint
}
const SHANGHAI_SECONDS = 8n * 3_600n
const DAY_SECONDS = 86_400n
/** The quota of a whole grant does not come back by itself: asking again tomorrow costs nobody anything. */
const TOTAL_RETRY_SECONDS = 86_400

/**
 * Takes calls from their quotas in order, under the rows' locks, so that processes share them exactly; by the database's
 * clock, which all of them have in common. Answers what was over, null for each call that is admitted.
 */
export async function settleQuotas(db: Writer, calls: readonly (QuotaUse | null)[]): Promise<(OverQuota | null)[]> {
  const openings = [...new Set(calls.flatMap((one) => (one ? [one.openingId] : [])))].sort()
  if (openings.length === 0) return calls.map(() => null)
  const rows = await lockUses(db, openings)
  const { epoch } = await db.one<{ epoch: string }>(
    sql`select floor(extract(epoch from clock_timestamp()))::bigint as epoch`,
  )
  const now = BigInt(epoch)
  const slots: Record<Span, bigint> = { second: now, day: (now + SHANGHAI_SECONDS) / DAY_SECONDS, total: 0n }
  const uses = new Map<string, Use>()
  for (const row of rows) {
    const slot = slots[row.span]
    const same = BigInt(row.slot) === slot
    uses.set(`${row.opening_id}/${row.span}`, {
      slot,
      calls: same ? BigInt(row.calls) : 0n,
      rows: same ? BigInt(row.rows) : 0n,
    })
  }
  const verdicts = calls.map((one) => (one ? takeOne(one, uses, now) : null))
  await writeUses(db, uses)
  return verdicts
}

interface UseRow {
  opening_id: string
  span: Span
  slot: string
  calls: string
  rows: string
}

/** The counters of the openings, locked in one order, so that two processes never wait for each other. */
async function lockUses(db: Writer, openings: readonly string[]): Promise<UseRow[]> {
  const ids = [...openings]
  const lock = () =>
    db.many<UseRow>(sql`select opening_id, span, slot, calls, rows from service_use
      where opening_id = any(${ids}::uuid[]) order by opening_id, span for update`)
  const rows = await lock()
  if (rows.length === ids.length * SPANS.length) return rows
  await db.run(sql`insert into service_use (opening_id, span, slot, calls, rows)
    select o, s, 0, 0, 0 from unnest(${ids}::uuid[]) o cross join unnest(${[...SPANS]}::text[]) s order by o, s
    on conflict do nothing`)
  return lock()
}

function takeOne(call: QuotaUse, uses: Map<string, Use>, now: bigint): OverQuota | null {
  const of = (span: Span) => uses.get(`${call.openingId}/${span}`)!
  const [second, day, total] = [of('second'), of('day'), of('total')]
  const untilTomorrow = Number(DAY_SECONDS - ((now + SHANGHAI_SECONDS) % DAY_SECONDS))
  if (call.totalMax !== null && total.calls >= call.totalMax)
    return { span: 'total', retryAfterSeconds: TOTAL_RETRY_SECONDS }
  if (day.calls >= BigInt(call.perDayMax)) return { span: 'day', retryAfterSeconds: untilTomorrow }
  if (call.rowsPerDayMax !== null && day.rows + BigInt(call.rows) > BigInt(call.rowsPerDayMax))
    return { span: 'rows', retryAfterSeconds: untilTomorrow }
  if (second.calls >= BigInt(call.perSecondMax)) return { span: 'second', retryAfterSeconds: 1 }
  for (const use of [second, day, total]) {
    use.calls++
    use.rows += BigInt(call.rows)
  }
  return null
}

async function writeUses(db: Writer, uses: ReadonlyMap<string, Use>): Promise<void> {
  const entries = [...uses].map(([key, use]) => ({ ...use, opening: key.split('/')[0]!, span: key.split('/')[1]! }))
  const texts = (take: (one: Use) => bigint) => entries.map((one) => String(take(one)))
  await db.run(sql`update service_use u set slot = x.slot, calls = x.calls, rows = x.rows
    from unnest(${entries.map((one) => one.opening)}::uuid[], ${entries.map((one) => one.span)}::text[],
      ${texts((one) => one.slot)}::bigint[], ${texts((one) => one.calls)}::bigint[], ${texts((one) => one.rows)}::bigint[])
      x (opening_id, span, slot, calls, rows)
    where u.opening_id = x.opening_id and u.span = x.span`)
}
