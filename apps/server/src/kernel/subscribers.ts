import { setTimeout as delay } from 'node:timers/promises'
import { sql } from 'kysely'
import { systemActor } from './actor.ts'
import type { Writer } from './db.ts'
import type { EventType, StoredEvent } from './events.ts'
import { act } from './execute.ts'
import { job, type Job } from './jobs.ts'
import type { Services } from './services.ts'
import type { AuditNote, CommandContext } from './verb.ts'
import { eventTopic } from './wake.ts'

export interface SubscriberContext extends Pick<CommandContext<never>, 'db' | 'emit' | 'wake'> {
  readonly services: Services
  readonly now: Date
  readonly legalNow: Date
}

/**
 * Reads facts of some types in commit order. `handle` runs in the transaction that also moves the cursor, so each fact
 * takes effect once; it may still be called again after a crash before commit, so effects outside the database must be
 * idempotent. It answers the audit note when it changed business data, else null.
 */
export interface Subscriber<T extends EventType = EventType> {
  readonly name: string
  readonly on: readonly T[]
  readonly handle: (context: SubscriberContext, event: StoredEvent<T>) => Promise<AuditNote | null>
}

export function subscriber<T extends EventType>(given: Subscriber<T>): Subscriber {
  return given as unknown as Subscriber
}

const LOOK_AGAIN_MS = 1_000
/** How long a fact that waits for older transactions to end is left alone. */
const SETTLE_MS = 20

/** What a look found; `unsettled`: a fact is there, and an older transaction that may still write one before it is open. */
type Look = 'delivered' | 'nothing' | 'unsettled'

interface Cursor {
  xid: string
  id: string
  failures: number
  waiting: boolean
}

/** The job that feeds a subscriber. */
export function jobOf(one: Subscriber): Job {
  return job({
    name: `event:${one.name}`,
    everyMs: LOOK_AGAIN_MS,
    topics: one.on.map(eventTopic),
    async run(services) {
      const look = await lookNext(services, one)
      // Nobody wakes us when that transaction ends.
      if (look === 'unsettled') await delay(SETTLE_MS)
      return look !== 'nothing'
    },
  })
}

/** Delivers the next fact; true when there was one. A fact that fails is retried with growing pauses, and shows in health. */
export async function deliverNext(services: Services, one: Subscriber): Promise<boolean> {
  return (await lookNext(services, one)) === 'delivered'
}

/**
 * Asks as one statement whether a look is worth its transaction: most wake-ups and all idle seconds find nothing. Type by
 * type, each by the index: the planner cannot know how rare a type is.
 */
const ANYTHING = {
  name: 'event-anything',
  text: `select from (select 1) as one left join event_cursor as c on c.subscriber = $1
    where c.subscriber is null or (coalesce(c.retry_at <= now(), true) and exists (
      select from unnest($2::text[]) as t (type) cross join lateral (
        select from event as e where e.type = t.type and (e.xid, e.id) > (c.xid, c.id) order by e.xid, e.id limit 1
      ) as next))`,
}

async function lookNext(services: Services, one: Subscriber): Promise<Look> {
  try {
    const anything = await services.db.tickOnce({ ...ANYTHING, values: [one.name, [...one.on]] })
    if (anything.length === 0) return 'nothing'
    const look = await act<Look>(services, systemActor(one.name), `event.${one.name}`, async (tools) => {
      const next = await takeNext(tools.db, one)
      if (typeof next === 'string') return { value: next, audit: null }
      const audit = await one.handle({ ...tools, services }, next.event)
      await tools.db.run(sql`update event_cursor set xid = ${next.xid}::xid8, id = ${next.event.id}, failures = 0,
        problem = null, retry_at = null where subscriber = ${one.name}`)
      return { value: 'delivered', audit }
    })
    if (look === 'delivered') services.metrics.events.inc({ subscriber: one.name, outcome: 'done' })
    return look
  } catch (error) {
    services.metrics.events.inc({ subscriber: one.name, outcome: 'failed' })
    await noteFailure(services, one.name, error as Error)
    throw error
  }
}

async function takeNext(
  db: Writer,
  one: Subscriber,
): Promise<{ xid: string; event: StoredEvent } | Exclude<Look, 'delivered'>> {
  const ask = () =>
    db.maybe<Cursor>(sql`select xid::text, id, failures, coalesce(retry_at > now(), false) as waiting
      from event_cursor where subscriber = ${one.name} for update`)
  let cursor = await ask()
  if (!cursor) {
    await db.run(sql`insert into event_cursor (subscriber) values (${one.name}) on conflict do nothing`)
    cursor = (await ask())!
  }
  if (cursor.waiting) return 'nothing'
  // Ordered by the numbers: a bare `xid` would be the text of the answer, in which 1000 stands before 999.
  const row = await db.maybe<{ xid: string; settled: boolean } & StoredEvent>(sql`
    select next.xid::text, next.id, next.type, next.at, next.payload,
      next.xid < pg_snapshot_xmin(pg_current_snapshot()) as settled
    from unnest(${[...one.on]}::text[]) as t (type) cross join lateral (
      select * from event as e where e.type = t.type and (e.xid, e.id) > (${cursor.xid}::xid8, ${cursor.id}::bigint)
      order by e.xid, e.id limit 1
    ) as next
    order by next.xid, next.id limit 1`)
  if (!row) return 'nothing'
  const { xid, settled, ...event } = row
  if (!settled) return 'unsettled'
  return { xid, event }
}

async function noteFailure(services: Services, name: string, error: Error): Promise<void> {
  await services.db
    .tick((db) =>
      // The row may be missing: the first fact of a new subscriber takes it back when it fails.
      db.run(sql`insert into event_cursor as c (subscriber, failures, problem, retry_at)
        values (${name}, 1, ${error.message.slice(0, 500)}, now() + interval '100 milliseconds')
        on conflict (subscriber) do update set failures = c.failures + 1, problem = excluded.problem,
          retry_at = now() + least(power(2, c.failures), 60) * interval '100 milliseconds'`),
    )
    .catch(() => undefined)
}
