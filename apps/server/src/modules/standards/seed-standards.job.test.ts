import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { DIVISION, usePlatform } from '../../../../../tests/harness/platform.ts'
import { missingStandards } from './seed-national.ts'
import { seedStandardsJob } from './seed-standards.job.ts'

describe('national standards after an upgrade', () => {
  const platform = usePlatform({ jobs: false })
  const db = () => platform.server.services.db
  const turn = () =>
    seedStandardsJob.run(platform.server.services, { fence: '1', signal: new AbortController().signal })
  const missing = () => db().read(SYSTEM_ROWS, (tx) => missingStandards(tx, DIVISION))

  test('set-up gave all of them; a platform that is older than a table gets it, once', async () => {
    expect([await missing(), await turn()]).toEqual([0, false])
    await db().write(SYSTEM_ROWS, (tx) =>
      tx.run(sql`insert into deadline_rule (jurisdiction, code, working_days, working_days_max, extension_max, words, source)
        select '440300', code, working_days, working_days_max, extension_max, words, source from deadline_rule
        where jurisdiction = ${DIVISION} and code = 'D1'`),
    )
    expect([await turn(), await turn()]).toEqual([true, false])
    const rows = await db().read(SYSTEM_ROWS, (tx) =>
      tx.many<{ code: string; n: number }>(sql`select s.code, jsonb_array_length(v.codes) as n from code_set s
        join code_set_version v on v.code_set_id = s.id where s.jurisdiction = '440300' order by s.code`),
    )
    expect(rows.map((row) => row.code)).toEqual([
      'GB/T 2260',
      'GB/T 2261.1',
      'GB/T 2261.2',
      'GB/T 3304',
      'GB/T 4754-门类',
      'GB/T 4762',
    ])
    expect(rows.find((row) => row.code === 'GB/T 3304')!.n).toBe(56)
  })

  test('a set that a jurisdiction calls by the same name stays its own', async () => {
    await db().write(SYSTEM_ROWS, (tx) =>
      tx.run(
        sql`update code_set set national = false, source = '本地' where code = 'GB/T 4762' and jurisdiction = '440300'`,
      ),
    )
    expect(await turn()).toBe(false)
  })
})
