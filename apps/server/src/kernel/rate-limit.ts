import { refuse } from './errors.ts'

/** A quiet caller may send so many seconds' worth at once: pages fetch a screen's worth together. */
const BURST_SECONDS = 10
const KEPT_MAX = 10_000

interface Bucket {
  tokens: number
  at: number
}

/**
 * Counts requests by caller: each has a bucket that fills at `perSecond` and holds ten seconds' worth. Kept in this process's
 * memory only, for at most ten thousand callers; a caller who is forgotten begins anew with a full bucket.
 */
export class RateLimit {
  readonly #perSecond: number
  readonly #now: () => number
  readonly #buckets = new Map<string, Bucket>()

  /** `now` answers milliseconds of a clock that never goes back. 0 a second: no limit. */
  constructor(perSecond: number, now: () => number = () => performance.now()) {
    this.#perSecond = perSecond
    this.#now = now
  }

  /** Takes one request. @throws Refusal `request.rate_limited` with the seconds after which one will pass. */
  take(caller: string): void {
    if (this.#perSecond === 0) return
    const now = this.#now()
    const full = this.#perSecond * BURST_SECONDS
    const known = this.#buckets.get(caller)
    const tokens =
      known === undefined ? full : Math.min(full, known.tokens + ((now - known.at) / 1000) * this.#perSecond)
    // The newest last, so that the first is always the one that was quiet longest.
    this.#buckets.delete(caller)
    this.#buckets.set(caller, { tokens: tokens < 1 ? tokens : tokens - 1, at: now })
    if (this.#buckets.size > KEPT_MAX) this.#buckets.delete(this.#buckets.keys().next().value!)
    if (tokens < 1)
      refuse('request.rate_limited', {
        detail: caller,
        retryAfterSeconds: Math.max(1, Math.ceil((1 - tokens) / this.#perSecond)),
      })
  }
}
