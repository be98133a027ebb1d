import { CallError } from '@huitong/contract'
import { keepNodeLog, type NodeLogLine } from '@huitong/contract/nodes'
import { waitFor } from './ferry/orders.ts'
import type { PlatformLink } from './platform.ts'
import type { RecentLog } from './recent-log.ts'
import { isPassing } from './retry.ts'

/** The platform is told at most so often; what is new meanwhile goes with the next. */
const EVERY_MS = 5_000
const AWAY_MS_MAX = 60_000
const TIMEOUT_MS = 10_000
const LAST_TIMEOUT_MS = 1_000

type Link = Pick<PlatformLink, 'call'>

/**
 * Tells the platform what is new in the log, until `signal` is aborted, and then once more. Whatever goes wrong on the way
 * is tried again later, ever more rarely, and disturbs nothing else.
 */
export async function sendLog(recent: RecentLog, platform: Link, signal: AbortSignal): Promise<void> {
  let wait = EVERY_MS
  while (!signal.aborted) {
    const lines = await recent.waiting(signal)
    if (signal.aborted) break
    try {
      await platform.call(keepNodeLog, { body: { lines: [...lines] } }, { signal, timeoutMs: TIMEOUT_MS })
      recent.forget(lines)
      wait = EVERY_MS
    } catch (error) {
      const bad = refusedOf(error, lines)
      recent.forget(bad)
      // What is left may pass at once; a platform that is away or knows no such thing is asked again later.
      wait = bad.length > 0 ? EVERY_MS : Math.min(AWAY_MS_MAX, wait * 2)
    }
    await waitFor(wait, signal)
  }
  await sendRest(recent, platform)
}

/** The last words of a life: what is not taken now goes with the next one. */
async function sendRest(recent: RecentLog, platform: Link): Promise<void> {
  const signal = AbortSignal.timeout(LAST_TIMEOUT_MS)
  const lines = await recent.waiting(AbortSignal.abort())
  if (lines.length === 0) return
  await platform.call(keepNodeLog, { body: { lines: [...lines] } }, { signal }).then(
    () => recent.forget(lines),
    () => undefined,
  )
}

/** Lines that the platform names as wrong: an older one does not know the newest kinds. */
function refusedOf(error: unknown, lines: readonly NodeLogLine[]): NodeLogLine[] {
  if (!(error instanceof CallError)) return []
  const { places } = error
  if (isPassing(error)) return []
  const at = places.flatMap(({ path }) => /^\/lines\/(\d+)(?:\/|$)/.exec(path)?.[1] ?? [])
  return lines.filter((_line, n) => at.includes(String(n)))
}
