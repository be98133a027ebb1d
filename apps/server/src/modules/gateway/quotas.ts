/** What a call uses of its opening's quotas. */
export interface QuotaUse {
  readonly openingId: string
  readonly perSecondMax: number
  readonly perDayMax: number
  readonly totalMax: bigint | null
  /** Of the grant: rows that may be handed out a day. */
  readonly rowsPerDayMax: number | null
  readonly rows: number
  /** A further part of an answer that was counted as a call already: only its rows count. */
  readonly further: boolean
}

export interface OverQuota {
  readonly span: 'second' | 'day' | 'total' | 'rows'
  readonly retryAfterSeconds: number
}

type Span = 'second' | 'day' | 'total'
interface Use {
  readonly openingId: string
  readonly span: Span
  slot: bigint
  calls: bigint
  rows: bigint
}
const SHANGHAI_SECONDS = 8n * 3_600n
const DAY_SECONDS = 86_400n
/** The quota of a whole grant does not come back by itself: asking again tomorrow costs nobody anything. */
const TOTAL_RETRY_SECONDS = 86_400

/** A counter as the database holds it: opening, span, slot, calls, rows. */
export type UseRow = readonly [openingId: string, span: Span, slot: string, calls: string, rows: string]

/**
 * Takes calls from their quotas in order. The counters are locked by the transaction at hand, so that processes share them
 * exactly; `epoch` is of the database's clock, which all of them have in common. Answers what was over, null for each call that
 * is admitted, and the counters as they stand afterwards.
 */
export function takeQuotas(
  calls: readonly (QuotaUse | null)[],
  counted: readonly UseRow[],
  epoch: bigint,
): { over: (OverQuota | null)[]; uses: UseRow[] } {
  const slots: Record<Span, bigint> = {
    second: epoch,
    day: (epoch + SHANGHAI_SECONDS) / DAY_SECONDS,
    total: 0n,
  }
  const uses = new Map<string, Use>()
  for (const [openingId, span, slot, callsBefore, rowsBefore] of counted) {
    const now = slots[span]
    const same = BigInt(slot) === now
    const use = { openingId, span, slot: now, calls: same ? BigInt(callsBefore) : 0n, rows: 0n }
    uses.set(`${openingId}/${span}`, { ...use, rows: same ? BigInt(rowsBefore) : 0n })
  }
  const over = calls.map((one) => (one ? takeOne(one, uses, epoch) : null))
  return {
    over,
    uses: [...uses.values()].map((one) => [
      one.openingId,
      one.span,
      String(one.slot),
      String(one.calls),
      String(one.rows),
    ]),
  }
}

function takeOne(call: QuotaUse, uses: Map<string, Use>, now: bigint): OverQuota | null {
  const of = (span: Span) => uses.get(`${call.openingId}/${span}`)!
  const [second, day, total] = [of('second'), of('day'), of('total')]
  const untilTomorrow = Number(DAY_SECONDS - ((now + SHANGHAI_SECONDS) % DAY_SECONDS))
  if (!call.further && call.totalMax !== null && total.calls >= call.totalMax)
    return { span: 'total', retryAfterSeconds: TOTAL_RETRY_SECONDS }
  if (!call.further && day.calls >= BigInt(call.perDayMax)) return { span: 'day', retryAfterSeconds: untilTomorrow }
  if (call.rowsPerDayMax !== null && day.rows + BigInt(call.rows) > BigInt(call.rowsPerDayMax))
    return { span: 'rows', retryAfterSeconds: untilTomorrow }
  if (!call.further && second.calls >= BigInt(call.perSecondMax)) return { span: 'second', retryAfterSeconds: 1 }
  for (const use of [second, day, total]) {
    if (!call.further) use.calls++
    use.rows += BigInt(call.rows)
  }
  return null
}
