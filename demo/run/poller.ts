import { existsSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import type { DeadSpan } from './platform.ts'

const INTERVAL_MS = 50
const TIMEOUT_MS = 10_000
/** A reset counts as a kill's when the kill fell into the request's life or just before it. */
const KILL_SLACK_MS = 500

/** What the public port answered, counted by the demonstration. */
export interface PollFigures {
  polls: number
  ok: number
  /** 503: the starting page, or the platform naming the part that is being restarted. */
  starting: number
  not_found: number
  other_status: number
  refused: number
  /** Refused or reset while no supervisor lived, which only a kill of the supervisor itself can cause. */
  while_supervisor_dead: number
  resets_at_kill: number
  resets_otherwise: number
  timeouts: number
  /** Longest time in milliseconds in which no poll was answered with a success. */
  longest_outage_ms: number
}

export interface Poller {
  /** Counts from here on. */
  begin(): void
  /** Notes that a process was just killed. */
  killed(): void
  figures(): PollFigures
  /** Stops polling and waits for the requests in flight. */
  stop(): Promise<void>
}

type Counter = Exclude<keyof PollFigures, 'polls' | 'longest_outage_ms'>

const zero = (): PollFigures => ({
  polls: 0,
  ok: 0,
  starting: 0,
  not_found: 0,
  other_status: 0,
  refused: 0,
  while_supervisor_dead: 0,
  resets_at_kill: 0,
  resets_otherwise: 0,
  timeouts: 0,
  longest_outage_ms: 0,
})

/** The paths to ask for: the page that people meet first, when this checkout has pages, and an endpoint of the API. */
export function polledPaths(): string[] {
  const hasPages = existsSync(join(import.meta.dirname, '../../apps/web/index.html'))
  return hasPages ? ['/', '/api/v1/setup'] : ['/api/v1/setup']
}

/** Asks the public port every 50 ms, each time on a new connection, the given paths in turn. */
export function startPoller(baseUrl: string, paths: readonly string[], deadSpans: readonly DeadSpan[]): Poller {
  let figures = zero()
  let lastOkAt = performance.now()
  let turn = 0
  const kills: number[] = []
  const flying = new Set<Promise<void>>()
  const outcomeOf = (status: number | null, code: string, begun: number): Counter => {
    const now = performance.now()
    if (status !== null) {
      if (status >= 200 && status < 300) return 'ok'
      return status === 503 ? 'starting' : status === 404 ? 'not_found' : 'other_status'
    }
    if (deadSpans.some((one) => begun <= one.until && now >= one.from)) return 'while_supervisor_dead'
    if (code === 'ECONNREFUSED') return 'refused'
    if (code === 'ETIMEDOUT') return 'timeouts'
    return kills.some((at) => at >= begun - KILL_SLACK_MS && at <= now) ? 'resets_at_kill' : 'resets_otherwise'
  }
  const poll = async (): Promise<void> => {
    const mine = figures
    const begun = performance.now()
    const { status, code } = await ask(`${baseUrl}${paths[turn++ % paths.length]}`)
    const outcome = outcomeOf(status, code, begun)
    mine.polls++
    mine[outcome]++
    if (outcome !== 'ok') return
    mine.longest_outage_ms = Math.max(mine.longest_outage_ms, Math.round(performance.now() - lastOkAt))
    lastOkAt = performance.now()
  }
  const timer = setInterval(() => {
    const one = poll().finally(() => flying.delete(one))
    flying.add(one)
  }, INTERVAL_MS)
  return {
    begin() {
      figures = zero()
      lastOkAt = performance.now()
    },
    killed: () => void kills.push(performance.now()),
    figures: () => ({ ...figures }),
    async stop() {
      clearInterval(timer)
      await Promise.all(flying)
    },
  }
}

function ask(url: string): Promise<{ status: number | null; code: string }> {
  return new Promise((resolve) => {
    const asked = request(url, { agent: false, headers: { accept: 'text/html,application/json' } }, (reply) => {
      reply.resume()
      reply.once('end', () => resolve({ status: reply.statusCode ?? 0, code: '' }))
      reply.once('error', (error: NodeJS.ErrnoException) => resolve({ status: null, code: error.code ?? 'ECONNRESET' }))
    })
    asked.setTimeout(TIMEOUT_MS, () => asked.destroy(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' })))
    asked.once('error', (error: NodeJS.ErrnoException) => resolve({ status: null, code: error.code ?? '' }))
    asked.end()
  })
}
