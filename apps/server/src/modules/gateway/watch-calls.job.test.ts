import { readService } from '@huitong/contract/gateway'
import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  callService,
  credential,
  MATTER,
  serve,
  type Credential,
  type Served,
} from '../../../../../tests/harness/gateway.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { isEnumeration, isGrowth } from './anomaly.ts'
import { watchCallsJob } from './watch-calls.job.ts'

describe('watch calls', () => {
  const platform = usePlatform({ centre: true })
  let served: Served
  let app: Credential
  beforeAll(async () => {
    served = await serve(platform)
    app = await credential(platform)
  })
  const turn = { fence: '1', signal: new AbortController().signal }
  const watch = () => watchCallsJob.run(platform.server.services, turn)
  const row = (id: string) => callService(platform, app, '/api/v1/services/people/row', { query: { id } })
  const opening = async () =>
    (await (await platform.as('centre')).call(readService, { params: { id: served.service.id } })).openings[0]!

  test('what is normal is left alone: rows that are there, and misses now and then', async () => {
    for (let at = 0; at < 40; at++) await row('2')
    for (let at = 0; at < 20; at++) await row(String(1_000 + at))
    await watch()
    expect(await opening()).toMatchObject({ state: 'active', suspension: null })
  })

  test('sudden growth against the busiest hour of the week before', async () => {
    // A quiet week, and an hour that outgrows it: as the sealed minutes have it.
    await platform.server.services.db.write(SYSTEM_ROWS, async (db) => {
      const minutes = sql`values (interval '3 days', 90), (interval '2 minutes', 6000)`
      await db.run(sql`update service_opening set released_at = now() - interval '1 hour'`)
      await db.run(sql`insert into call_root (id, jurisdiction, minute, application_id, department_id, service_id, root, calls, made_at)
        select '6f2d1c1e-0000-4000-8000-000000000001', jurisdiction, now(), ${app.id}, department_id, service_id,
          sha256('x'), 1, now() from service_opening`)
      await db.run(sql`insert into call_count (root_id, minute, jurisdiction, application_id, department_id, service_id,
          provider_department_id, matter_code, outcome, calls, rows)
        select '6f2d1c1e-0000-4000-8000-000000000001', now() - x.ago, o.jurisdiction, ${app.id}, o.department_id, o.service_id,
          o.provider_department_id, ${MATTER}, 'ok', x.calls, x.calls
        from service_opening o, (${minutes}) x (ago, calls)`)
    })
    await watch()
    const { suspension } = await opening()
    expect(suspension).toMatchObject({ cause: 'growth' })
    expect(suspension!.seen!.en).toContain('the busiest hour of the week before (90)')
  })

  test('the bounds', () => {
    expect([isEnumeration({ calls: 300, misses: 299 }), isEnumeration({ calls: 300, misses: 300 })]).toEqual([
      false,
      true,
    ])
    expect([isEnumeration({ calls: 376, misses: 300 }), isEnumeration({ calls: 375, misses: 300 })]).toEqual([
      false,
      true,
    ])
    expect([isGrowth(4_999, 10), isGrowth(5_000, 0), isGrowth(5_000, 501), isGrowth(5_000, 500)]).toEqual([
      false,
      false,
      false,
      true,
    ])
  })

  test('replayed it changes nothing: what is suspended is not suspended again', async () => {
    const { version } = await opening()
    await watch()
    expect((await opening()).version).toBe(version)
    const audits = await platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.many<{ object_id: string }>(sql`select object_id from audit where action = 'job.watch_calls'`),
    )
    expect(audits).toEqual([{ object_id: served.service.openings[0]!.id }])
  })
})
