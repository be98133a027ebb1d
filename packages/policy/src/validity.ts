/** One moment: real time, and legal time, which only a demonstration sets apart from it. */
export interface Times {
  readonly now: Date
  readonly legalNow: Date
}

/** The moment as {@link Use} carries it. */
export const momentOf = ({ now, legalNow }: Times): { at: string; legalAt: string } => ({
  at: now.toISOString(),
  legalAt: legalNow.toISOString(),
})

/** The later of both times: what a period is over by. */
export const latestOf = ({ now, legalNow }: Times): Date => (legalNow > now ? legalNow : now)

/**
 * Where a moment stands in a period of validity, the only place that says so: the period begins by real time and is over
 * as soon as real or legal time reaches its end. So moving legal time can end what is in force, and neither opens
 * early nor brings back anything. Without `legalNow` (a node knows real time only) real time decides alone.
 */
export function validityAt(
  period: { readonly from: Date; readonly until: Date },
  { now, legalNow = now }: Partial<Times> & Pick<Times, 'now'>,
): 'not_yet' | 'active' | 'expired' {
  if (now < period.from) return 'not_yet'
  // Written so that what is no time is never in force.
  return now < period.until && legalNow < period.until ? 'active' : 'expired'
}
