import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { fill, inCentre, land, PEOPLE_TABLE, prepareCentre, type Landed } from '../../../../../tests/harness/centre.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { createServer } from '../../server.ts'
import { countLandingsJob } from './count-landings.job.ts'

describe('count what landed', () => {
  const platform = usePlatform({ centre: true, jobs: false })
  let landed: Landed
  const turn = { fence: '1', signal: new AbortController().signal }
  const run = (services = platform.server.services) => countLandingsJob.run(services, turn)
  const counts = () =>
    platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.many<{ rows: string }>(sql`select rows from landing_count order by counted_at`),
    )
  beforeAll(async () => {
    // Subscribers move the request on, so this platform lands with jobs and is counted by hand.
    const withJobs = await createServer(platform.server.settings, { jobs: true, log: platform.server.services.log })
    landed = await land(platform, await prepareCentre(platform), PEOPLE_TABLE)
    await withJobs.stop()
    await platform.server.services.db.write(SYSTEM_ROWS, (db) => db.many(sql`select 1`))
  })

  test('one count when a position moved, with an audit row; none when nothing moved', async () => {
    while (await run()) continue
    const before = await counts()
    expect(before.at(-1)).toEqual({ rows: '3' })
    await fill(platform, landed.channel, [[randomNumber(), '钱七', null, null, null, null]])
    expect(await run()).toBe(true)
    expect(await run()).toBe(false)
    expect((await counts()).length).toBe(before.length + 1)
    const audits = await platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.many<{ content: string }>(
        sql`select content from audit where action = 'job.landing_count' order by id desc limit 1`,
      ),
    )
    expect(audits[0]!.content).toContain('"rows":"4"')
  })

  test('a generation that readers do not see yet is not counted', async () => {
    await inCentre(platform, `update huitong_position set visible = 0, updated_at = clock_timestamp()`)
    expect(await run()).toBe(false)
  })

  test('a centre that is away fails the turn, and the next one counts', async () => {
    const away = {
      ...platform.server.services,
      centre: { ...platform.server.services.centre, rows: () => Promise.reject(new Error('away')) },
    }
    await expect(run(away)).rejects.toThrow('away')
    await inCentre(platform, `update huitong_position set visible = generation, updated_at = clock_timestamp()`)
    expect(await run()).toBe(true)
  })
})

const randomNumber = () => BigInt(`0x${randomUUID().replaceAll('-', '').slice(0, 12)}`).toString()
