import { sql } from 'kysely'
import { systemActor } from '../../kernel/actor.ts'
import { SYSTEM_ROWS, type Reader } from '../../kernel/db.ts'
import { act } from '../../kernel/execute.ts'
import { job } from '../../kernel/jobs.ts'
import type { Services } from '../../kernel/services.ts'
import { GROWTH, isEnumeration, isGrowth, MISSES, type Anomaly, type Figures } from './anomaly.ts'

interface Recent {
  id: string
  version: number
  service_id: string
  department_id: string
  matter_code: string
  calls: string
  lately: string
  misses: string
}

/**
 * Suspends openings whose calls are out of the ordinary, from the next call on, on every process: the account checks the
 * opening's version. The department whose data it is lets it run again (`release-opening.ts`).
 */
export const watchCallsJob = job({
  name: 'watch-calls',
  everyMs: 10_000,
  async run(services) {
    const now = services.clock.now()
    const found = await services.db.read(SYSTEM_ROWS, async (db) => {
      const suspicious: { row: Recent; cause: Anomaly; figures: Figures }[] = []
      for (const row of await recentOf(db, now)) {
        const seen = await judge(db, now, row)
        if (seen) suspicious.push({ row, ...seen })
      }
      return suspicious
    })
    for (const one of found) await suspend(services, one.row, one.cause, one.figures)
    return false
  },
})

/** Calls of the last hour by opening: sealed minutes and open ones, those before a release left out. */
const recentOf = (db: Reader, now: Date) =>
  db.many<Recent>(sql`with recent as (
      select minute, service_id, department_id, matter_code, outcome, calls from call_count
        where minute >= ${minutesBefore(now, GROWTH.minutes)}
      union all select minute, service_id, department_id, matter_code, outcome, 1 from service_call
        where root_id is null and minute >= ${minutesBefore(now, GROWTH.minutes)})
    select o.id, o.version, o.service_id, o.department_id, o.matter_code, sum(r.calls)::text as calls,
      coalesce(sum(r.calls) filter (where r.minute >= ${minutesBefore(now, MISSES.minutes)}), 0)::text as lately,
      coalesce(sum(r.calls) filter (where r.minute >= ${minutesBefore(now, MISSES.minutes)}
        and r.outcome = 'service.row_not_found'), 0)::text as misses
    from service_opening o join recent r on r.service_id = o.service_id and r.department_id = o.department_id
      and r.matter_code = o.matter_code and r.minute > coalesce(o.released_at, '-infinity')
    where o.suspended_at is null and r.outcome in ('ok', 'service.row_not_found')
    group by o.id having sum(r.calls) >= ${Math.min(MISSES.misses, GROWTH.calls)}`)

const minutesBefore = (now: Date, minutes: number) => new Date(now.getTime() - minutes * 60_000)

async function judge(db: Reader, now: Date, row: Recent): Promise<{ cause: Anomaly; figures: Figures } | null> {
  const [calls, lately, misses] = [Number(row.calls), Number(row.lately), Number(row.misses)]
  if (isEnumeration({ calls: lately, misses }))
    return { cause: 'misses', figures: { calls: lately, misses, minutes: MISSES.minutes, before: null } }
  if (calls < GROWTH.calls) return null
  const { before } = await db.one<{ before: string }>(sql`select coalesce(max(n), 0)::text as before from (
    select sum(calls) as n from call_count where service_id = ${row.service_id} and department_id = ${row.department_id}
      and matter_code = ${row.matter_code} and outcome in ('ok', 'service.row_not_found')
      and minute >= ${minutesBefore(now, GROWTH.days * 1_440)} and minute < ${minutesBefore(now, GROWTH.minutes)}
    group by date_trunc('hour', minute)) x`)
  if (!isGrowth(calls, Number(before))) return null
  return { cause: 'growth', figures: { calls, misses, minutes: GROWTH.minutes, before: Number(before) } }
}

const suspend = (services: Services, { id, version }: Recent, cause: Anomaly, figures: Figures) =>
  act(services, systemActor('watch-calls'), 'job.watch_calls', async ({ db, now }) => {
    const changed = await db.run(sql`update service_opening set suspended_at = ${now}, suspended_cause = ${cause},
        suspended_figures = ${JSON.stringify(figures)}, version = version + 1
      where id = ${id} and version = ${version} and suspended_at is null`)
    const detail = { cause, calls: figures.calls, misses: figures.misses, minutes: figures.minutes }
    return { value: undefined, audit: changed === 0 ? null : { objectKind: 'service_opening', objectId: id, detail } }
  })
