import { listObligations } from '@huitong/contract/catalogue'
import { shiftLegalClock } from '@huitong/contract/standards'
import { beforeAll, describe, expect, test } from 'vitest'
import { clientOf, usePlatform, type Account } from '../../../../../tests/harness/platform.ts'
import {
  agreeUpTo,
  askFor,
  grantRequest,
  publishDataset,
  requestFor,
  signedDataset,
  VILLAGES,
  villages,
} from './testing/content.ts'

describe('legal deadlines', () => {
  const NOW = new Date('2026-09-29T02:00:00Z')
  const platform = usePlatform({ clock: { now: () => NOW } })
  const list = async (account: Account, state?: 'open' | 'overdue' | 'fulfilled') =>
    (await (await platform.as(account)).call(listObligations, { query: state ? { state } : {} })).items

  beforeAll(async () => {
    const { id } = await publishDataset(platform, VILLAGES)
    await signedDataset(platform, villages('待审核'))
    await agreeUpTo(platform, await askFor(platform, requestFor(id)), 'provider_answer')
    await grantRequest(platform, requestFor(id))
  })

  test('200: the authority sees all, nearest first, each with its article’s limit over the National Day holidays', async () => {
    const open = await list('authority', 'open')
    expect(open.map((one) => [one.rule, one.dueAt])).toEqual([
      ['D2', '2026-10-08T16:00:00.000Z'],
      ['D4', '2026-10-19T16:00:00.000Z'],
      ['D5', '2026-11-02T16:00:00.000Z'],
    ])
    expect(open[1]).toMatchObject({
      words: { zh: '有条件共享答复' },
      departmentName: { zh: '民政局' },
      subjectName: expect.stringMatching(/^SQ/),
      allowedMinutes: 10 * 24 * 60 + 14 * 60,
    })
  })

  test('200: a department sees its own duties only; what was done in time is fulfilled', async () => {
    expect((await list('civil-head', 'open')).map((one) => one.rule)).toEqual(['D4', 'D5'])
    expect(await list('works-officer')).toEqual([])
    const done = await list('authority', 'fulfilled')
    expect(done.map((one) => [one.rule, one.overdue]).sort()).toEqual([
      ['D2', false],
      ['D4', false],
    ])
  })

  test('200: working time runs out by legal time: none passes in the holidays, and the limit is its last instant', async () => {
    const at = async (to: string) => {
      const offsetSeconds = (Date.parse(to) - NOW.getTime()) / 1000
      await (await platform.as('centre')).call(shiftLegalClock, { body: { offsetSeconds } })
      return (await list('civil-head', 'open'))[0]!
    }
    const DAY = 24 * 60
    expect((await at('2026-09-30T16:00:00Z')).remainingMinutes).toBe(9 * DAY)
    expect((await at('2026-10-07T15:59:00Z')).remainingMinutes).toBe(9 * DAY)
    expect((await at('2026-10-10T16:00:00Z')).remainingMinutes).toBe(6 * DAY)
    expect(await list('civil-head', 'overdue')).toEqual([])
    expect(await at('2026-10-20T16:00:00Z')).toMatchObject({ rule: 'D4', overdue: true, remainingMinutes: -DAY })
    expect((await list('civil-head', 'overdue')).map((one) => one.rule)).toEqual(['D4'])
    await at(NOW.toISOString())
  })

  test('200: pages hold each deadline once; 400, 401, 403', async () => {
    const authority = await platform.as('authority')
    const ids: string[] = []
    let after: string | null = null
    do {
      const page: Awaited<ReturnType<typeof authority.call<typeof listObligations>>> = await authority.call(
        listObligations,
        { query: { limit: '2', ...(after ? { after } : {}) } },
      )
      ids.push(...page.items.map((one) => one.id))
      after = page.next
    } while (after)
    expect(ids).toEqual((await list('authority')).map((one) => one.id))
    const made = Buffer.from('["tomorrow","x"]').toString('base64url')
    await expect(authority.call(listObligations, { query: { after: made } })).rejects.toMatchObject({
      places: [{ path: '#/query/after' }],
    })
    await expect(clientOf(platform.server).call(listObligations)).rejects.toMatchObject({ status: 401 })
    await expect(list('operator')).rejects.toMatchObject({ status: 403 })
  })
})
