import { setTimeout as sleep } from 'node:timers/promises'
import { ConnectorError } from '@huitong/connectors'
import { CallError } from '@huitong/contract'

const FIRST_WAIT_MS = 100
const WAIT_MS_MAX = 2_000
/** How long a database that restarts is waited for, counted from the last step forward. */
export const DATABASE_PATIENCE_MS = 60_000

/** Waits of a caller that tries again: 100 ms to 2 s, doubled each time, spread so that nodes do not come together. */
export class Backoff {
  #next = FIRST_WAIT_MS
  /** Waits once more. @throws the signal's reason when it is aborted. */
  async wait(signal: AbortSignal): Promise<void> {
    const ms = this.#next * (0.75 + Math.random() / 2)
    this.#next = Math.min(WAIT_MS_MAX, this.#next * 2)
    await sleep(ms, undefined, { signal }).catch(() => undefined)
    signal.throwIfAborted()
  }
  reset(): void {
    this.#next = FIRST_WAIT_MS
  }
}

/**
 * Whether the platform may answer otherwise later: no reply, a reply that is not ours, 5xx, too many requests, or a
 * signature that it cannot check just now (its clock or its keys are being restored).
 */
export function isPassing(error: unknown): error is CallError {
  if (!(error instanceof CallError)) return false
  if (error.code === 'network' || error.status >= 500) return true
  return (
    error.code === 'request.rate_limited' || error.code === 'request.replayed' || error.code === 'signature.invalid'
  )
}

/** Tries until the platform answers, however long that takes; a refusal is thrown at once. */
export async function untilAnswered<T>(signal: AbortSignal, attempt: () => Promise<T>): Promise<T> {
  const backoff = new Backoff()
  for (;;) {
    signal.throwIfAborted()
    try {
      return await attempt()
    } catch (error) {
      signal.throwIfAborted()
      if (!isPassing(error)) throw error
    }
    await backoff.wait(signal)
  }
}

/** Whether a database may do it later: it restarts, the line broke, or another holder of the token is going. */
function isRecovering(error: unknown): boolean {
  return error instanceof ConnectorError && (error.retryable || error.code === 'fenced')
}

/**
 * Repeats `attempt` while the database recovers, for at most `patienceMs` since the last `progress()` it reported.
 * `attempt` must be able to start again from what it finds.
 */
export async function throughRestarts<T>(
  signal: AbortSignal,
  attempt: (progress: () => void) => Promise<T>,
  options: { readonly patienceMs?: number; readonly onWait?: (error: Error) => void } = {},
): Promise<T> {
  const patienceMs = options.patienceMs ?? DATABASE_PATIENCE_MS
  const backoff = new Backoff()
  let since = performance.now()
  for (;;) {
    signal.throwIfAborted()
    try {
      return await attempt(() => {
        since = performance.now()
        backoff.reset()
      })
    } catch (error) {
      signal.throwIfAborted()
      if (!isRecovering(error) || performance.now() - since > patienceMs) throw error
      options.onWait?.(error as Error)
    }
    await backoff.wait(signal)
  }
}
