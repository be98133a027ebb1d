import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { sql } from 'kysely'
import { endIfFatal } from './fatal.ts'
import type { Services } from './services.ts'

/** Recurring work of the platform. Its lease (with a fence) is a row; wake-ups only make it look sooner. */
export interface Job {
  readonly name: string
  /** Looks again at least this often. */
  readonly everyMs: number
  /** Also looks whenever one of these is woken; `job:<name>` when none is named. */
  readonly topics?: readonly string[]
  /** Rests so long after a turn that found no more, however often it is woken: for work that is cheaper in batches. */
  readonly restMs?: number
  /** Does one bounded piece of work; true: there is more, come back at once. */
  readonly run: (services: Services, turn: Turn) => Promise<boolean>
}

export interface Turn {
  readonly fence: string
  readonly signal: AbortSignal
}

export const job = (given: Job): Job => given

const LEASE_MS = 3_000
const RENEW_MS = 1_000
/** A lease of ours younger than this needs no question: most turns of a busy job then cost no transaction for it. */
const SURE_MS = 1_000
const BACKOFF_MS_MAX = 10_000

/** Runs the jobs until stopped; of several processes only the holder of a job's lease runs it. */
export function startJobs(services: Services, jobs: readonly Job[]): { stop(): Promise<void> } {
  const holder = randomUUID()
  const ending = new AbortController()
  const loops = jobs.map((one) => loop(services, one, holder, ending.signal))
  return {
    async stop() {
      ending.abort()
      await Promise.all(loops)
    },
  }
}

async function loop(services: Services, one: Job, holder: string, signal: AbortSignal): Promise<void> {
  let failures = 0
  const lease = leaseOf(services, one.name, holder)
  while (!signal.aborted) {
    const woken = new AbortController()
    const wake = services.wake.wait(
      one.topics ?? `job:${one.name}`,
      one.everyMs,
      AbortSignal.any([signal, woken.signal]),
    )
    try {
      const more = await takeTurn(services, one, lease, signal)
      failures = 0
      if (more) woken.abort()
      else if (one.restMs !== undefined) await rest(one.restMs, signal)
    } catch (error) {
      endIfFatal(error)
      if (signal.aborted) break
      failures++
      services.metrics.jobs.inc({ job: one.name, outcome: 'failed' })
      services.log.warn({ err: error, job: one.name, failures }, 'job failed; it will be tried again')
      await services.wake.wait(`retry:${one.name}`, Math.min(BACKOFF_MS_MAX, 100 * 2 ** failures), signal)
      woken.abort()
    }
    await wake
  }
  await release(services, one.name, holder).catch(() => undefined)
}

async function rest(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined)
}

async function takeTurn(services: Services, one: Job, lease: Lease, signal: AbortSignal): Promise<boolean> {
  const fence = await lease.hold()
  if (fence === null) return false
  const lost = new AbortController()
  const renewal = setInterval(() => {
    lease.renew().then(
      (current) => current !== fence && lost.abort(),
      () => undefined,
    )
  }, RENEW_MS)
  try {
    const more = await one.run(services, { fence, signal: AbortSignal.any([signal, lost.signal]) })
    services.metrics.jobs.inc({ job: one.name, outcome: more ? 'more' : 'done' })
    return more
  } finally {
    clearInterval(renewal)
  }
}

interface Lease {
  /** The fence when we hold the lease now, else null. */
  hold(): Promise<string | null>
  /** The same, asked of the database in any case. */
  renew(): Promise<string | null>
}

function leaseOf(services: Services, name: string, holder: string): Lease {
  let held: { fence: string; since: number } | null = null
  const renew = async () => {
    // Counted from before the question, so that the row never ends before we think it does.
    const since = performance.now()
    const fence = await acquire(services, name, holder)
    held = fence === null ? null : { fence, since }
    return fence
  }
  return {
    hold: async () => (held && performance.now() - held.since < SURE_MS ? held.fence : renew()),
    renew,
  }
}

const ACQUIRE = {
  name: 'lease-acquire',
  text: `insert into lease as l (name, holder, fence, until) values ($1, $2, 1, $3)
    on conflict (name) do update set holder = excluded.holder, until = excluded.until,
      fence = l.fence + case when l.holder = excluded.holder then 0 else 1 end
    where l.holder = excluded.holder or l.until < $4
    returning fence`,
}

/** The fence when we hold the lease now, else null. A new holder gets a larger fence. */
async function acquire(services: Services, name: string, holder: string): Promise<string | null> {
  const now = services.clock.now()
  const until = new Date(now.getTime() + LEASE_MS)
  // Each job asks so once a second for ever: a transaction of its own would cost three questions instead of one.
  const [row] = await services.db.tickOnce<{ fence: string }>({ ...ACQUIRE, values: [name, holder, until, now] })
  return row?.fence ?? null
}

async function release(services: Services, name: string, holder: string): Promise<void> {
  await services.db.tick((db) =>
    db.run(sql`update lease set until = 'epoch' where name = ${name} and holder = ${holder}`),
  )
}
