import {
  decideRequest,
  readDataset,
  supplementRequest,
  type RequestContent,
  type RequestDetail,
} from '@huitong/contract/catalogue'
import type { Static } from 'typebox'
import { beforeAll, describe, expect, test } from 'vitest'
import { clientOf, usePlatform } from '../../../../../tests/harness/platform.ts'
import { enter, hire, NO_ID } from '../identity/testing/people.ts'
import { agreeUpTo, askFor, decide, publishDataset, requestFor, VILLAGES, villages } from './testing/content.ts'

type Request = Static<typeof RequestDetail>

describe('supplement a returned request', () => {
  const platform = usePlatform({ clock: { now: () => new Date('2026-09-29T02:00:00Z') } })
  let datasetId = ''
  beforeAll(async () => {
    datasetId = (await publishDataset(platform, VILLAGES)).id
  })
  const back = { decision: 'return', reason: '补充法律依据条款' } as const
  const returnedAt = async (step: 'head_sign' | 'form_check' | 'provider_answer', body = requestFor(datasetId)) =>
    decide(platform, await agreeUpTo(platform, await askFor(platform, body), step), back)
  const supplement = async (
    request: Request,
    change: Partial<RequestContent> = {},
    client?: ReturnType<typeof clientOf>,
  ) =>
    (client ?? (await platform.as('works-officer'))).call(
      supplementRequest,
      { params: { id: request.id }, body: requestFor(datasetId, { legalBasis: '第八条第二款', ...change }) },
      { match: request.version },
    )

  /** Only the explanation is another. */
  const explain = async (request: Request, id = datasetId) =>
    (await platform.as('works-officer')).call(
      supplementRequest,
      { params: { id: request.id }, body: requestFor(id, { scenario: '受理窗口逐户核对' }) },
      { match: request.version },
    )

  test.each(['head_sign', 'form_check', 'provider_answer'] as const)(
    '200: with another explanation only, it goes on at %s, which returned it',
    async (step) => {
      const returned = await returnedAt(step)
      expect(returned).toMatchObject({ state: 'supplement', step })
      expect(returned.steps.find((one) => one.step === step)).toMatchObject({ state: 'returned', reason: back.reason })
      const again = await explain(returned)
      expect(again).toMatchObject({ state: 'running', step, content: { scenario: '受理窗口逐户核对' } })
      expect((await decide(platform, again, { decision: 'agree' })).state).toBe('running')
    },
  )

  test.each([
    ['items', { items: ['code', 'name'] }],
    ['purpose', { purpose: '统计分析' }],
    ['legal basis', { legalBasis: '第八条第二款' }],
    ['period', { until: '2098-12-31' }],
    ['matter', { matter: { code: '330100-017-0043', name: '公租房资格确认' } }],
    ['scope', { scope: '住建局全局' }],
    ['row filter', { rowFilter: { op: 'eq', field: 'province', value: { type: 'text', value: '33' } } }],
    ['frequency', { frequency: 'daily' }],
  ] as [string, Partial<RequestContent>][])(
    '200: with another %s the head signs anew, and everybody after him decides anew',
    async (_name, change) => {
      const returned = await returnedAt('provider_answer')
      const again = await supplement(returned, { legalBasis: requestFor(datasetId).legalBasis, ...change })
      expect(again).toMatchObject({ state: 'running', step: 'head_sign', deadline: returned.deadline, content: change })
      const states = Object.fromEntries(again.steps.map((one) => [one.step, one.state]))
      expect(states).toMatchObject({ head_sign: 'current', form_check: 'waiting', authority_accept: 'waiting' })
      const signed = await decide(platform, again, { decision: 'agree' })
      expect(signed).toMatchObject({ step: 'form_check', state: 'running' })
    },
  )

  test('200: a dataset that was published anew meanwhile is signed for anew', async () => {
    const first = await publishDataset(platform, villages('将变更'))
    const returned = await returnedAt('form_check', requestFor(first.id))
    const officer = await platform.as('civil-officer')
    const now = await officer.call(readDataset, { params: { id: first.id } })
    await publishDataset(platform, villages('将变更', { useConditions: '另行约定' }), now)
    const again = await explain(returned, first.id)
    expect(again).toMatchObject({ step: 'head_sign', content: { scenario: '受理窗口逐户核对' } })
  })

  test('409: a person of both roles does not sign what he wrote into the request of another', async () => {
    await hire(platform, 'works-both', platform.departments.works, ['data_officer', 'department_head'])
    const both = await enter(platform, 'works-both')
    const again = await supplement(await returnedAt('form_check'), { purpose: '本人所写' }, both)
    const input = { params: { id: again.id }, body: { step: 'head_sign', decision: 'agree' } } as const
    await expect(both.call(decideRequest, input, { match: again.version })).rejects.toMatchObject({
      code: 'request.same_person',
    })
    expect((await decide(platform, again, { decision: 'agree' })).step).toBe('form_check')
  })

  test('200: neither the return nor the supplement stops or renews the provider’s clock', async () => {
    const returned = await returnedAt('provider_answer')
    expect(returned.deadline).toMatchObject({ rule: 'D4', fulfilledAt: null })
    expect((await supplement(returned)).deadline).toEqual(returned.deadline)
  })

  test('400, 409: what holds for a request holds for its supplement', async () => {
    const returned = await returnedAt('form_check')
    await expect(supplement(returned, { until: '2026-09-28' })).rejects.toMatchObject({ places: [{ path: '/until' }] })
    await expect(supplement(returned, { until: '2025-01-01' })).rejects.toMatchObject({ places: [{ path: '/until' }] })
    await expect(supplement(returned, { items: ['head_id'] })).rejects.toMatchObject({ code: 'request.item_refused' })
    await expect(supplement(returned, { datasetId: NO_ID })).rejects.toMatchObject({ code: 'object.state' })
  })

  test('409: conditional items do not slip into a request for unconditional ones', async () => {
    const items = VILLAGES.items!.map((item) =>
      item.code === 'code' ? { ...item, shareAttribute: 'unconditional' as const } : item,
    )
    const mixed = await publishDataset(platform, villages('混合', { shareAttribute: 'unconditional', items }))
    const returned = await returnedAt('form_check', requestFor(mixed.id, { items: ['code'] }))
    await expect(supplement(returned, { datasetId: mixed.id, items: ['code', 'name'] })).rejects.toMatchObject({
      code: 'object.state',
      places: [{ path: '/items' }],
    })
    await supplement(returned, { datasetId: mixed.id, items: ['code'] })
  })

  test('401, 403, 404, 409, 412: the applicant alone, while it was returned', async () => {
    const returned = await returnedAt('provider_answer')
    await expect(supplement(returned, {}, clientOf(platform.server))).rejects.toMatchObject({ status: 401 })
    await expect(supplement(returned, {}, await platform.as('civil-officer'))).rejects.toMatchObject({ status: 403 })
    await expect(supplement(returned, {}, await platform.as('works-head'))).rejects.toMatchObject({ status: 403 })
    await expect(supplement(returned, {}, await platform.as('police-officer'))).rejects.toMatchObject({ status: 404 })
    await expect(supplement({ ...returned, version: 1 })).rejects.toMatchObject({ status: 412 })
    const again = await supplement(returned)
    await expect(supplement(again)).rejects.toMatchObject({ code: 'object.state', status: 409 })
  })
})
