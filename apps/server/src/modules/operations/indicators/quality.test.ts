import { openWorkOrder, readWorkOrder, recheckWorkOrder } from '@huitong/contract/governance'
import { readReport } from '@huitong/contract/operations'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { eventually } from '../../../../../../tests/harness/guards.ts'
import { SYSTEM_ROWS } from '../../../kernel/db.ts'
import { DIRTY, useQuality } from '../../governance/testing/quality.ts'
import { findOwner } from '../alert-rule.ts'
import { checkFailed } from '../rules/check-failed.ts'

describe('quality in the report', () => {
  const quality = useQuality()
  const { platform } = quality
  const figures = async () => {
    const { departments } = await (await platform.as('authority')).call(readReport, { query: {} })
    return departments.find((one) => one.id === quality.landed.channel.providerDepartmentId)!.figures
  }

  test('of the last complete check; work orders as they are given out and closed; a failed check is an alert', async () => {
    expect(await figures()).toMatchObject({
      quality: { value: null },
      work_orders: { value: '0' },
      work_orders_closed: { value: null },
    })
    await quality.send(DIRTY)
    const run = await quality.checked(await quality.suite())
    const judged = run.scores.reduce((sum, one) => sum + Number(one.judged), 0)
    const { quality: dirty } = await figures()
    expect(dirty!.whole).toBe(String(judged))
    expect(Number(dirty!.part)).toBeLessThan(judged)
    expect(dirty!.value).toBe(((100 * Number(dirty!.part)) / judged).toFixed(2))

    const order = await (await platform.as('centre')).call(openWorkOrder, { params: { id: run.id } })
    expect(await figures()).toMatchObject({
      work_orders: { value: '1' },
      work_orders_closed: { value: '0.00', part: '0', whole: '1' },
    })
    await quality.send([DIRTY[0]!])
    const officer = await platform.as('civil-officer')
    const params = { id: order.id }
    const { version } = await officer.call(readWorkOrder, { params })
    await officer.call(recheckWorkOrder, { params }, { match: version })
    await eventually(
      () => officer.call(readWorkOrder, { params }),
      (one) => one.state === 'closed',
    )
    // A recheck of some rows is no complete check.
    expect(await figures()).toMatchObject({ work_orders_closed: { value: '100.00' }, quality: dirty! })

    const find = () =>
      platform.server.services.db.read(SYSTEM_ROWS, async (db) => {
        const { services } = platform.server
        return checkFailed.find({ db, services, now: services.clock.now(), owner: (await findOwner(db))! })
      })
    expect(await find()).toEqual([])
    await platform.server.services.db.write(SYSTEM_ROWS, (db) => db.run(sql`update check_run set state = 'failed'`))
    expect(await find()).toMatchObject([{ subjectKind: 'check_run' }])
  })
})
