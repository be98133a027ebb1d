import { listWorkOrders, openWorkOrder, readWorkOrder, recheckWorkOrder } from '@huitong/contract/governance'
import { describe, expect, test } from 'vitest'
import { eventually, guards, NOBODY, refused } from '../../../../../tests/harness/guards.ts'
import { DIRTY, useQuality } from './testing/quality.ts'

describe('work orders', () => {
  const quality = useQuality()
  const { platform } = quality
  const nobody = { params: { id: NOBODY } }
  guards(platform, openWorkOrder, { input: () => nobody, denied: ['civil-officer', 'authority'] })
  guards(platform, listWorkOrders, { input: () => ({ query: {} }), denied: ['auditor'] })
  guards(platform, readWorkOrder, { input: () => nobody, denied: ['auditor'] })
  guards(platform, recheckWorkOrder, { input: () => nobody, denied: ['centre', 'authority', 'civil-head'] })

  test('findings go to the provider with a limit; repaired at the source and arrived, a recheck of the named rows closes', async () => {
    await quality.send(DIRTY)
    const run = await quality.checked(await quality.suite())
    const centre = await platform.as('centre')
    const order = await centre.call(openWorkOrder, { params: { id: run.id } })
    expect(order).toMatchObject({ state: 'open', findings: '3', findingsOpen: '3', overdue: false, mine: false })
    expect(order.causes.map((one) => [one.code, one.found, one.open])).toEqual([
      ['id_check', '1', '1'],
      ['name_missing', '1', '1'],
      ['id_unique', '2', '2'],
    ])
    expect(order.causes[1]!.advice.zh).toBe('「姓名」未填写')
    await refused(centre.call(openWorkOrder, { params: { id: run.id } }), 'object.exists')

    const officer = await platform.as('civil-officer')
    const recheck = async () => {
      const { version } = await officer.call(readWorkOrder, { params: { id: order.id } })
      await officer.call(recheckWorkOrder, { params: { id: order.id } }, { match: version })
      return eventually(
        () => officer.call(readWorkOrder, { params: { id: order.id } }),
        (one) => one.state !== 'rechecking',
      )
    }
    expect((await officer.call(readWorkOrder, { params: { id: order.id } })).mine).toBe(true)
    // One of the three rows repaired, and a new bad row that the order does not name.
    const worse = ['5', null, null, null, null, null]
    await quality.send([DIRTY[0]!, DIRTY[1]!, ['3', '赵六', null, null, null, null], DIRTY[3]!, worse])
    const half = await recheck()
    expect(half).toMatchObject({ state: 'open', findings: '3', findingsOpen: '2' })
    expect(half.rechecks[0]).toMatchObject({ kind: 'recheck', state: 'done', rows: '3', findings: '2' })
    expect(half.causes.map((one) => [one.code, one.open])).toEqual([
      ['id_check', '0'],
      ['name_missing', '0'],
      ['id_unique', '2'],
    ])
    // A row that is gone is repaired too.
    await quality.send([DIRTY[0]!, DIRTY[1]!, ['3', '赵六', null, null, null, null], worse])
    const closed = await recheck()
    expect(closed).toMatchObject({ state: 'closed', findingsOpen: '0', mine: false })
    expect(closed.closedAt).not.toBeNull()
    const { items } = await (await platform.as('authority')).call(listWorkOrders, { query: { state: 'closed' } })
    expect(items.map((one) => one.id)).toEqual([order.id])
    expect((await (await platform.as('works-officer')).call(listWorkOrders, { query: {} })).items).toEqual([])
    await refused(
      officer.call(recheckWorkOrder, { params: { id: order.id } }, { match: closed.version }),
      'object.state',
    )
  })

  test('412 with an older version; 409 for a check that found nothing; 404 for other departments', async () => {
    const centre = await platform.as('centre')
    await quality.send([DIRTY[0]!])
    const clean = await quality.checked(await quality.suite())
    await refused(centre.call(openWorkOrder, { params: { id: clean.id } }), 'object.state')
    await quality.send(DIRTY)
    const order = await centre.call(openWorkOrder, {
      params: { id: (await quality.checked(await quality.suite())).id },
    })
    const officer = await platform.as('civil-officer')
    await refused(
      officer.call(recheckWorkOrder, { params: { id: order.id } }, { match: order.version + 7 }),
      'object.changed',
    )
    const works = await platform.as('works-officer')
    await refused(works.call(readWorkOrder, { params: { id: order.id } }), 'object.not_found')
    await refused(
      works.call(recheckWorkOrder, { params: { id: order.id } }, { match: order.version }),
      'object.not_found',
    )
  })
})
