import {
  answerCorrection,
  decideViolation,
  listCorrections,
  openWorkOrder,
  stateViolation,
} from '@huitong/contract/governance'
import { listViolations, readWorkOrder, recheckWorkOrder } from '@huitong/contract/governance'
import { readHome } from '@huitong/contract/portal'
import { describe, expect, test } from 'vitest'
import { eventually } from '../../../../../tests/harness/guards.ts'
import { usePlatform, type Account, type TestPlatform } from '../../../../../tests/harness/platform.ts'
import { apply, notice, setLegalTime } from '../governance/testing/late.ts'
import { DIRTY, useQuality } from '../governance/testing/quality.ts'

const todoOf = async (platform: TestPlatform, account: Account) =>
  (await (await platform.as(account)).call(readHome)).todo
const kindsOf = async (platform: TestPlatform, account: Account) =>
  (await todoOf(platform, account)).map((one) => one.kind)

describe('home of who is late', () => {
  const NOW = new Date('2026-09-29T02:00:00Z')
  const platform = usePlatform({ clock: { now: () => NOW }, jobs: false })
  const kinds = (account: Account) => kindsOf(platform, account)

  test('200: an application waits for the provider’s officer with its legal limit, until it is answered; for nobody else', async () => {
    const { number } = await apply(platform)
    expect(await todoOf(platform, 'civil-officer')).toMatchObject([
      {
        kind: 'correction_answer',
        title: expect.stringContaining(number),
        link: '/quality/corrections',
        since: '2026-09-29T02:00:00.000Z',
        deadline: { rule: 'D6', overdue: false, extendedTo: null, allowedMinutes: expect.any(Number) },
      },
    ])
    for (const other of ['civil-head', 'works-officer', 'police-officer', 'authority', 'centre'] as const)
      expect(await kinds(other), other).not.toContain('correction_answer')
    const officer = await platform.as('civil-officer')
    const [one] = (await officer.call(listCorrections, { query: {} })).items
    const body = { outcome: 'corrected', answer: '已在源头更正' } as const
    await officer.call(answerCorrection, { params: { id: one!.id }, body }, { match: one!.version })
    expect(await kinds('civil-officer')).toEqual([])
  })

  test('200: a suspected violation waits for the head’s statement, then for the authority’s decision; for nobody else', async () => {
    await apply(platform)
    await setLegalTime(platform, '2026-10-20T01:00:00Z')
    await notice(platform)
    expect(await todoOf(platform, 'civil-officer')).toMatchObject([
      { kind: 'correction_answer', deadline: { overdue: true } },
    ])
    const of = async (...accounts: Account[]) =>
      Promise.all(accounts.map(async (one) => (await kinds(one)).filter((kind) => kind.startsWith('violation'))))
    expect(await of('civil-head', 'authority', 'works-head', 'civil-officer', 'centre')).toEqual([
      ['violation_state'],
      [],
      [],
      [],
      [],
    ])
    const head = await platform.as('civil-head')
    const [one] = (await head.call(listViolations, { query: {} })).items
    const params = { id: one!.id }
    await head.call(stateViolation, { params, body: { statement: '系统迁移期间延误' } }, { match: one!.version })
    expect(await of('civil-head', 'authority', 'works-head', 'centre')).toEqual([[], ['violation_decide'], [], []])
    expect((await todoOf(platform, 'authority'))[0]).toMatchObject({
      title: expect.stringContaining(one!.number),
      link: '/quality/violations',
      since: '2026-10-20T01:00:00.000Z',
      deadline: null,
    })
    const body = { decision: 'dismissed', reason: '情况属实，不予认定' } as const
    await (await platform.as('authority')).call(decideViolation, { params, body }, { match: one!.version + 1 })
    expect(await of('civil-head', 'authority')).toEqual([[], []])
  })
})

describe('home of who must mend', () => {
  const quality = useQuality()
  const { platform } = quality
  const kinds = (account: Account) => kindsOf(platform, account)

  test('200: a work order waits for the provider’s officer with its working days, also while it is rechecked, until it is closed', async () => {
    await quality.send(DIRTY)
    const run = await quality.checked(await quality.suite())
    const order = await (await platform.as('centre')).call(openWorkOrder, { params: { id: run.id } })
    const mine = `/quality/work-orders/${order.id}`
    const provider = await platform.as('civil-officer')
    const todo = async () => (await provider.call(readHome)).todo.find((one) => one.link === mine)
    expect(await todo()).toMatchObject({
      kind: 'work_order_mend',
      title: expect.stringContaining(order.number),
      deadline: { rule: null, dueAt: order.dueAt, overdue: false, allowedMinutes: order.allowedMinutes },
    })
    for (const other of ['civil-head', 'police-officer', 'works-officer', 'authority', 'centre'] as const)
      expect(await kinds(other), other).not.toContain('work_order_mend')
    await quality.send([DIRTY[0]!])
    await provider.call(recheckWorkOrder, { params: { id: order.id } }, { match: order.version })
    await eventually(
      () => provider.call(readWorkOrder, { params: { id: order.id } }),
      (one) => one.state === 'closed',
    )
    expect(await todo()).toBeUndefined()
  })
})
