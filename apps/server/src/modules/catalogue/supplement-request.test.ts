import { supplementRequest, type RequestContent, type RequestDetail } from '@huitong/contract/catalogue'
import type { Static } from 'typebox'
import { beforeAll, describe, expect, test } from 'vitest'
import { clientOf, usePlatform } from '../../../../../tests/harness/platform.ts'
import { NO_ID } from '../identity/testing/people.ts'
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

  test.each(['head_sign', 'form_check', 'provider_answer'] as const)(
    '200: it goes on at %s, which returned it',
    async (step) => {
      const returned = await returnedAt(step)
      expect(returned).toMatchObject({ state: 'supplement', step })
      expect(returned.steps.find((one) => one.step === step)).toMatchObject({ state: 'returned', reason: back.reason })
      const again = await supplement(returned)
      expect(again).toMatchObject({ state: 'running', step, content: { legalBasis: '第八条第二款' } })
      expect((await decide(platform, again, { decision: 'agree' })).state).toBe('running')
    },
  )

  test('200: neither the return nor the supplement stops or renews the provider’s clock', async () => {
    const returned = await returnedAt('provider_answer')
    expect(returned.deadline).toMatchObject({ rule: 'D4', fulfilledAt: null })
    expect((await supplement(returned)).deadline).toEqual(returned.deadline)
  })

  test('400, 409: what holds for a request holds for its supplement', async () => {
    const returned = await returnedAt('form_check')
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
