import { createRequest, decideRequest, readGrant, readRequest, type RequestStep } from '@huitong/contract/catalogue'
import type { GrantDocument } from '@huitong/policy'
import { beforeAll, describe, expect, test } from 'vitest'
import { clientOf, usePlatform, type Account } from '../../../../../tests/harness/platform.ts'
import { enter, hire, NO_ID } from '../identity/testing/people.ts'
import { agreeUpTo, askFor, decide, grantRequest, publishDataset, requestFor, VILLAGES } from './testing/content.ts'

describe('decide a step of a request', () => {
  // Tuesday 29 September 2026, 10:00 in Shanghai, before the National Day holidays.
  const clock = { now: () => new Date('2026-09-29T02:00:00Z') }
  const platform = usePlatform({ clock })
  let datasetId = ''
  let freeId = ''
  beforeAll(async () => {
    datasetId = (await publishDataset(platform, VILLAGES)).id
    const items = VILLAGES.items!.slice(0, 4).map((item) => ({ ...item, shareAttribute: 'unconditional' as const }))
    const free = { ...VILLAGES, name: { zh: '无条件' }, shareAttribute: 'unconditional' as const, items }
    freeId = (await publishDataset(platform, free)).id
  })
  const ask = () => askFor(platform, requestFor(datasetId))
  const by = async (account: Account, id: string, match: number, body: object) =>
    (await platform.as(account)).call(decideRequest, { params: { id }, body: body as never }, { match })
  const agree = { decision: 'agree' } as const
  const asOf = async (account: Account, id: string) =>
    (await platform.as(account)).call(readRequest, { params: { id } })

  test('200: the whole chain ends in a signed grant, and the duty to provide within 20 working days', async () => {
    const answered = await agreeUpTo(platform, await ask(), 'provider_sign')
    expect(answered.grantId).toBeNull()
    const granted = await decide(platform, answered, agree)
    expect(granted).toMatchObject({
      step: 'centre_configure',
      state: 'running',
      answeredItems: ['code', 'name', 'province', 'head_name'],
      deadline: { rule: 'D5', dueAt: '2026-11-02T16:00:00.000Z' },
    })
    const works = await platform.as('works-officer')
    const grant = await works.call(readGrant, { params: { id: granted.grantId! } })
    expect(grant.document).toMatchObject({
      requestId: granted.id,
      grantor: { departmentId: platform.departments.civil },
      grantee: { departmentId: platform.departments.works },
      matterCode: '330100-017-0042',
      rowFilter: { op: 'true' },
      // From the first instant of the first day to the last of the last, in Shanghai.
      validFrom: '2025-12-31T16:00:00.000Z',
      validUntil: '2099-12-31T16:00:00.000Z',
    })
  })

  test('200: the provider’s ten working days leave out National Day and count the make-up Saturday', async () => {
    const at = await agreeUpTo(platform, await ask(), 'provider_answer')
    // 30 Sep, 8, 9, 10 (Saturday, worked), 12 to 16, 19 Oct
    expect(at.deadline).toMatchObject({
      rule: 'D4',
      departmentId: platform.departments.civil,
      startedAt: '2026-09-29T02:00:00.000Z',
      dueAt: '2026-10-19T16:00:00.000Z',
      overdue: false,
      remainingMinutes: 10 * 24 * 60 + 14 * 60,
    })
  })

  test('200: unconditional data are answered on the next working day, without the authority', async () => {
    const free = await askFor(platform, requestFor(freeId))
    const at = await agreeUpTo(platform, free, 'provider_answer')
    expect(at.deadline).toMatchObject({ rule: 'D3', dueAt: '2026-09-30T16:00:00.000Z' })
    expect(at.steps.map((one) => one.step)).not.toContain('authority_accept')
  })

  test('200: partial approval by item; the narrower of both row filters holds; masks within the agreement', async () => {
    const rowFilter = { op: 'eq', field: 'province', value: { type: 'text', value: '33' } } as const
    const narrower = { op: 'startsWith', field: 'code', value: { type: 'text', value: '3301' } } as const
    const masks = [{ item: 'head_name', mask: 'name' as const }]
    const answer = { decision: 'agree', items: ['code', 'head_name'], rowFilter: narrower, masks, rowsPerDayMax: 5000 }
    const granted = await grantRequest(platform, requestFor(datasetId, { rowFilter }), answer as never)
    expect(granted.answeredItems).toEqual(['code', 'head_name'])
    const head = await platform.as('civil-head')
    const { document } = await head.call(readGrant, { params: { id: granted.grantId! } })
    expect(document as GrantDocument).toMatchObject({
      items: ['code', 'head_name'],
      rowFilter: { op: 'and', args: [rowFilter, narrower] },
      masks,
      rowsPerDayMax: 5000,
    })
  })

  test('what the provider’s officer answered is the provider’s own until the head signs', async () => {
    const at = await agreeUpTo(platform, await ask(), 'provider_answer')
    const refusal = { decision: 'refuse', reason: '与申请事项无关' } as const
    const answered = await decide(platform, at, refusal)
    expect(await asOf('civil-head', at.id)).toMatchObject({ answer: { decision: 'refuse', reason: refusal.reason } })
    for (const account of ['works-officer', 'authority', 'centre'] as const) {
      const seen = await asOf(account, at.id)
      expect(seen.answer, account).toBeNull()
      expect(JSON.stringify(seen), account).not.toContain(refusal.reason)
    }
    const signed = await decide(platform, answered, agree)
    expect(signed).toMatchObject({ state: 'refused', step: null, grantId: null, deadline: null })
    expect(await asOf('works-officer', at.id)).toMatchObject({ answer: { decision: 'refuse', reason: refusal.reason } })
  })

  test('200: the head returns the answer to the officer; the deadline stays what it was', async () => {
    const at = await agreeUpTo(platform, await ask(), 'provider_answer')
    const answered = await decide(platform, at, agree)
    const back = await decide(platform, answered, { decision: 'return', reason: '脱敏不够' })
    expect(back).toMatchObject({ step: 'provider_answer', state: 'running', deadline: { id: at.deadline!.id } })
    const masks = [{ item: 'head_name', mask: 'name' as const }]
    const granted = await decide(platform, await decide(platform, back, { ...agree, masks }), agree)
    expect(granted.grantId).not.toBeNull()
  })

  test('400: a refusal or return needs a reason (条例 21)', async () => {
    const request = await ask()
    for (const decision of ['refuse', 'return'] as const)
      await expect(decide(platform, request, { decision })).rejects.toMatchObject({
        code: 'request.reason_required',
        status: 400,
        places: [{ path: '/reason' }],
      })
  })

  test('400: masks outside the agreement or twice, and filters over unknown items', async () => {
    const at = await agreeUpTo(platform, await ask(), 'provider_answer')
    const mask = 'name' as const
    await expect(
      decide(platform, at, {
        ...agree,
        items: ['code', 'name'],
        masks: [
          { item: 'head_name', mask },
          { item: 'name', mask },
          { item: 'name', mask: 'null' },
        ],
        rowFilter: { op: 'isNull', field: 'street' } as never,
      }),
    ).rejects.toMatchObject({
      code: 'request.invalid',
      places: [{ path: '/masks/0/item' }, { path: '/masks/2/item' }, { path: '/rowFilter/field' }],
    })
  })

  test('401, 403, 404: only the person whose step it is; a provider sees nothing before its turn', async () => {
    const request = await ask()
    const { id, version } = request
    const body = { step: 'head_sign' as const, decision: 'agree' as const }
    await expect(
      clientOf(platform.server).call(decideRequest, { params: { id }, body }, { match: version }),
    ).rejects.toMatchObject({ status: 401 })
    for (const account of ['works-officer', 'centre', 'authority'] as const)
      await expect(by(account, id, version, body), account).rejects.toMatchObject({ code: 'permission.denied' })
    for (const account of ['civil-head', 'civil-officer', 'police-officer'] as const)
      await expect(by(account, id, version, body), account).rejects.toMatchObject({ code: 'object.not_found' })
    await expect(by('works-head', NO_ID, 1, body)).rejects.toMatchObject({ status: 404 })
    const at = await agreeUpTo(platform, request, 'provider_answer')
    const answer = { step: 'provider_answer', decision: 'agree' }
    await expect(by('police-officer', id, at.version, answer)).rejects.toMatchObject({ status: 404 })
    await expect(by('works-officer', id, at.version, answer)).rejects.toMatchObject({ status: 403 })
    await expect(by('civil-head', id, at.version, answer)).rejects.toMatchObject({ status: 403 })
  })

  test('409: form check and acceptance cannot refuse (条例 21), the centre configures by a channel only', async () => {
    let request = await agreeUpTo(platform, await ask(), 'form_check')
    for (const step of ['form_check', 'authority_accept', 'provider_sign', 'centre_configure'] as const) {
      request = await agreeUpTo(platform, request, step)
      const account: Account =
        step === 'provider_sign' ? 'civil-head' : step === 'authority_accept' ? 'authority' : 'centre'
      const decision = step === 'centre_configure' ? 'agree' : 'refuse'
      await expect(
        by(account, request.id, request.version, { step, decision, reason: '材料不全' }),
      ).rejects.toMatchObject({
        code: 'object.state',
        places: [{ path: '/decision' }],
      })
    }
  })

  test('409: items that were not asked for cannot be agreed', async () => {
    const at = await agreeUpTo(
      platform,
      await askFor(platform, requestFor(datasetId, { items: ['code'] })),
      'provider_answer',
    )
    await expect(decide(platform, at, { ...agree, items: ['code', 'head_name'] })).rejects.toMatchObject({
      code: 'request.item_refused',
      places: [{ path: '/items/1' }],
    })
  })

  test('409: nobody signs his own request or his own answer, nor checks his own request in another role', async () => {
    const { works, civil } = platform.departments
    await hire(platform, 'works-all', works, ['data_officer', 'department_head', 'data_centre', 'authority'])
    await hire(platform, 'civil-all', civil, ['data_officer', 'department_head'])
    const [mine, theirs] = [await enter(platform, 'works-all'), await enter(platform, 'civil-all')]
    let request = await mine.call(createRequest, { body: requestFor(datasetId) })
    const call = (client: typeof mine, step: RequestStep) =>
      client.call(decideRequest, { params: { id: request.id }, body: { step, ...agree } }, { match: request.version })
    for (const step of ['head_sign', 'form_check', 'authority_accept'] as const) {
      await expect(call(mine, step), step).rejects.toMatchObject({ code: 'request.same_person', status: 409 })
      request = await decide(platform, request, agree)
    }
    request = await call(theirs, 'provider_answer')
    await expect(call(theirs, 'provider_sign')).rejects.toMatchObject({ code: 'request.same_person' })
    request = await decide(platform, request, agree)
    expect(request.grantId).not.toBeNull()
  })

  test('409 and 412: a step that is over, and two decisions at once', async () => {
    const request = await ask()
    const body = { step: 'head_sign', decision: 'agree' }
    await expect(by('works-head', request.id, request.version + 1, body)).rejects.toMatchObject({ status: 412 })
    const both = await Promise.allSettled([1, 2].map(() => by('works-head', request.id, request.version, body)))
    expect(both.filter((one) => one.status === 'fulfilled')).toHaveLength(1)
    await expect(by('works-head', request.id, request.version + 1, body)).rejects.toMatchObject({
      code: 'object.state',
    })
  })
})

describe('decide across the Spring Festival', () => {
  // Friday 13 February 2026, 16:00 in Shanghai.
  const platform = usePlatform({ clock: { now: () => new Date('2026-02-13T08:00:00Z') } })

  test('the nine days off are left out, both make-up Saturdays count', async () => {
    const { id } = await publishDataset(platform, VILLAGES)
    const at = await agreeUpTo(platform, await askFor(platform, requestFor(id)), 'provider_answer')
    // 14 (Saturday, worked), 24 to 27, 28 Feb (Saturday, worked), 2 to 5 Mar
    expect(at.deadline).toMatchObject({ rule: 'D4', dueAt: '2026-03-05T16:00:00.000Z' })
  })
})

describe('decide when the period asked for ends', () => {
  // Ten minutes before midnight in Shanghai.
  const clock = { at: new Date('2026-09-29T15:50:00Z'), now: () => clock.at }
  const platform = usePlatform({ clock })

  test('409: no head signs for a period that is over; it is returned', async () => {
    const { id } = await publishDataset(platform, VILLAGES)
    const ask = () => askFor(platform, requestFor(id, { from: '2026-09-01', until: '2026-09-29' }))
    const [mine, theirs] = [await ask(), await agreeUpTo(platform, await ask(), 'provider_sign')]
    expect((await decide(platform, await ask(), { decision: 'agree' })).step).toBe('form_check')
    clock.at = new Date('2026-09-29T16:00:00Z')
    for (const request of [mine, theirs])
      await expect(decide(platform, request, { decision: 'agree' }), request.step!).rejects.toMatchObject({
        code: 'object.state',
        places: [{ path: '/decision' }],
      })
    const back = { decision: 'return', reason: '期限已过' } as const
    expect((await decide(platform, mine, back)).state).toBe('supplement')
    expect((await decide(platform, theirs, back)).step).toBe('provider_answer')
  })
})
