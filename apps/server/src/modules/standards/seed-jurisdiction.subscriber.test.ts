import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { deliverAll } from '../../../../../tests/harness/deliver.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'
import { NATIONAL_DEADLINES } from './deadline-rules.ts'
import { seedStandards } from './seed-jurisdiction.subscriber.ts'

describe('deadlines of a new jurisdiction', () => {
  const platform = usePlatform({ jobs: false })
  const rules = (jurisdiction: string) =>
    platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.many<{ code: string; working_days: number }>(
        sql`select code, working_days from deadline_rule where jurisdiction = ${jurisdiction} order by code`,
      ),
    )
  const setUp = (jurisdiction: string) =>
    platform.server.services.db.write(SYSTEM_ROWS, (db) =>
      db.run(sql`insert into event (at, type, payload)
        values (now(), 'platform.set_up', ${JSON.stringify({ jurisdiction })})`),
    )
  const deliver = () => deliverAll(platform, seedStandards)

  test('set-up gives it the national deadlines, once', async () => {
    await setUp('440300')
    await deliver()
    expect((await rules('440300')).map((one) => one.code)).toEqual(Object.keys(NATIONAL_DEADLINES))
  })

  test('a fact that is delivered again leaves what the jurisdiction shortened', async () => {
    await platform.server.services.db.write(SYSTEM_ROWS, (db) =>
      db.run(sql`update deadline_rule set working_days = 5 where jurisdiction = '440300' and code = 'D4'`),
    )
    await setUp('440300')
    await deliver()
    expect((await rules('440300')).find((one) => one.code === 'D4')?.working_days).toBe(5)
  })

  test('no value above the statutory ceiling can be stored', async () => {
    await expect(
      platform.server.services.db.write(SYSTEM_ROWS, (db) =>
        db.run(sql`update deadline_rule set working_days = 11 where jurisdiction = '440300' and code = 'D4'`),
      ),
    ).rejects.toMatchObject({ code: '23514' })
  })
})
