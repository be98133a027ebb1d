import { answerCorrection } from '@huitong/contract/governance'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'
import { raiseViolations } from './raise-violations.subscriber.ts'
import { apply, notice, setLegalTime } from './testing/late.ts'

describe('what is overdue is suspected', () => {
  const NOW = new Date('2026-09-29T02:00:00Z')
  const platform = usePlatform({ clock: { now: () => NOW }, jobs: false })
  const violations = () =>
    platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.many<{ subject_id: string; state: string; number: string }>(
        sql`select subject_id, state, number from violation order by number`,
      ),
    )

  test('only after ten working days, only what nobody answered, once however often it is told', async () => {
    const late = await apply(platform)
    const answered = await apply(platform)
    const officer = await platform.as('civil-officer')
    const body = { outcome: 'rejected', answer: '牌匾有误' } as const
    await officer.call(answerCorrection, { params: { id: answered.id }, body }, { match: answered.version })
    await setLegalTime(platform, '2026-10-19T15:59:59Z')
    await notice(platform)
    expect(await violations()).toEqual([])
    await setLegalTime(platform, '2026-10-19T16:00:00Z')
    await notice(platform)
    expect(await violations()).toMatchObject([{ subject_id: late.id, state: 'suspected' }])
    // Told again, as after a crash before the cursor moved.
    const again = await platform.server.services.db.write(SYSTEM_ROWS, async (db) => {
      const { id } = await db.one<{ id: string }>(sql`select id from obligation where subject_id = ${late.id}`)
      const context = { db, now: NOW, legalNow: NOW, services: platform.server.services } as never
      return raiseViolations.handle(context, { payload: { obligationId: id } } as never)
    })
    expect(again).toBeNull()
    expect(await violations()).toHaveLength(1)
  })
})
