import { decideViolation, listViolations, stateViolation } from '@huitong/contract/governance'
import { beforeAll, describe, expect, test } from 'vitest'
import { guards, NOBODY, refused } from '../../../../../tests/harness/guards.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'
import { apply, notice, setLegalTime } from './testing/late.ts'

describe('suspected violations', () => {
  const NOW = new Date('2026-09-29T02:00:00Z')
  const platform = usePlatform({ clock: { now: () => NOW }, jobs: false })
  const statement = { statement: '系统迁移期间延误，已于今日答复' }
  const decision = { decision: 'dismissed', reason: '情况属实，不作违规认定' } as const
  beforeAll(async () => {
    await apply(platform)
    await apply(platform)
    await setLegalTime(platform, '2026-10-20T01:00:00Z')
    await notice(platform)
  })
  guards(platform, listViolations, { input: () => ({ query: {} }), denied: ['auditor'] })
  guards(platform, stateViolation, {
    input: () => ({ params: { id: NOBODY }, body: statement }),
    denied: ['civil-officer', 'authority'],
  })
  guards(platform, decideViolation, {
    input: () => ({ params: { id: NOBODY }, body: decision }),
    denied: ['civil-head', 'centre'],
  })

  test('the department is heard before the authority decides; each once, with versions', async () => {
    const head = await platform.as('civil-head')
    const authority = await platform.as('authority')
    const { items } = await head.call(listViolations, { query: { state: 'undecided' } })
    expect(items).toHaveLength(2)
    const [one] = items
    expect(one).toMatchObject({
      state: 'suspected',
      rule: 'D6',
      ruleWords: { zh: '校核申请处理' },
      mayState: true,
      mayDecide: false,
    })
    const params = { id: one!.id }
    await refused(authority.call(decideViolation, { params, body: decision }, { match: 1 }), 'object.state')
    await refused(head.call(stateViolation, { params, body: statement }, { match: 9 }), 'object.changed')
    const stated = await head.call(stateViolation, { params, body: statement }, { match: one!.version })
    expect(stated).toMatchObject({ state: 'stated', ...statement, mayState: false })
    await refused(head.call(stateViolation, { params, body: statement }, { match: stated.version }), 'object.state')
    await refused(authority.call(decideViolation, { params, body: decision }, { match: 9 }), 'object.changed')
    const decided = await authority.call(decideViolation, { params, body: decision }, { match: stated.version })
    expect(decided).toMatchObject({ state: 'dismissed', decision: decision.reason, mayDecide: false })
    const { items: done } = await authority.call(listViolations, { query: { state: 'decided' } })
    expect(done.map((row) => row.id)).toEqual([one!.id])
  })

  test('another department neither sees nor states it', async () => {
    const works = await platform.as('works-head')
    expect((await works.call(listViolations, { query: {} })).items).toEqual([])
    const { items } = await (await platform.as('civil-head')).call(listViolations, { query: { state: 'undecided' } })
    await refused(
      works.call(stateViolation, { params: { id: items[0]!.id }, body: statement }, { match: 1 }),
      'object.not_found',
    )
    await refused(
      (await platform.as('authority')).call(decideViolation, { params: { id: NOBODY }, body: decision }, { match: 1 }),
      'object.not_found',
    )
  })
})
