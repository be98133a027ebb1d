/** How fast a run goes and how long it will take, from what the last seconds showed. */

export interface Sample {
  /** Milliseconds on the page's own clock. */
  readonly at: number
  readonly rows: bigint
}
const WINDOW_MS = 20_000

/** Adds a sample and forgets what is older than twenty seconds. A count that falls starts anew: a new generation. */
export function withSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  const last = samples[samples.length - 1]
  if (last && sample.rows < last.rows) return [sample]
  return [...samples.filter((old) => sample.at - old.at <= WINDOW_MS), sample]
}

/** Rows a second over the window; null when there is too little to tell. */
export function rateOf(samples: readonly Sample[]): number | null {
  const first = samples[0]
  const last = samples[samples.length - 1]
  if (!first || !last || last.at - first.at < 1_500) return null
  return (Number(last.rows - first.rows) * 1_000) / (last.at - first.at)
}

export interface Total {
  readonly rows: bigint
  /** The source has been read to its end: the total is counted, not estimated. */
  readonly exact: boolean
}

/** How many rows the run will carry: what was sealed once reading ended, the source's estimate before. */
export function totalOf(rowsSealed: string, sealedComplete: boolean, estimate: string | null): Total | null {
  const sealed = BigInt(rowsSealed)
  if (sealedComplete) return { rows: sealed, exact: true }
  if (estimate === null) return null
  const guess = BigInt(estimate)
  return guess > sealed ? { rows: guess, exact: false } : null
}

/** Whole percent of a total; an estimate never says that it is done. */
export function percentOf(done: string, total: Total | null): number | null {
  if (!total) return null
  if (total.rows === 0n) return total.exact ? 100 : null
  const percent = Number((BigInt(done) * 100n) / total.rows)
  return Math.min(percent, total.exact ? 100 : 99)
}

/** Seconds until the rest is done at this rate. */
export function remainingSeconds(done: string, total: Total | null, rate: number | null): number | null {
  if (!total || !rate || rate <= 0) return null
  const left = total.rows - BigInt(done)
  return left <= 0n ? 0 : Number(left) / rate
}
