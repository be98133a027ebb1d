import { createDataset, createRequest, readRequest, type RequestContent } from '@huitong/contract/catalogue'
import { shanghaiDate } from '@huitong/codes'
import { beforeAll, describe, expect, test } from 'vitest'
import { clientOf, usePlatform } from '../../../../../tests/harness/platform.ts'
import { NO_ID } from '../identity/testing/people.ts'
import { askFor, publishDataset, requestFor, VILLAGES, villages } from './testing/content.ts'

describe('make an access request', () => {
  const platform = usePlatform()
  let datasetId = ''
  beforeAll(async () => {
    datasetId = (await publishDataset(platform, VILLAGES)).id
  })
  const ask = (change: Partial<RequestContent> = {}) => askFor(platform, requestFor(datasetId, change))
  const text = (value: string) => ({ type: 'text' as const, value })

  test('201: the chain of conditional sharing begins with the applicant’s own head', async () => {
    const request = await ask()
    expect(request).toMatchObject({
      state: 'running',
      step: 'head_sign',
      shareAttribute: 'conditional',
      applicantDepartmentId: platform.departments.works,
      providerDepartmentId: platform.departments.civil,
      deadline: null,
      grantId: null,
      mine: false,
    })
    expect(request.number).toMatch(/^SQ\d{8}-\d{4}$/)
    expect(request.steps.map((one) => [one.step, one.state, one.legal])).toEqual([
      ['head_sign', 'current', true],
      ['form_check', 'waiting', false],
      ['authority_accept', 'waiting', false],
      ['provider_answer', 'waiting', true],
      ['provider_sign', 'waiting', true],
      ['centre_configure', 'waiting', false],
      ['applicant_confirm', 'waiting', false],
    ])
  })

  test('201: unconditional data take the short chain, but one conditional item takes the long one', async () => {
    const items = VILLAGES.items!.map((item) =>
      item.shareAttribute === 'refused' || item.code === 'head_name'
        ? item
        : { ...item, shareAttribute: 'unconditional' as const },
    )
    const mixed = await publishDataset(platform, villages('混合', { shareAttribute: 'unconditional', items }))
    const free = await askFor(platform, requestFor(mixed.id, { items: ['code', 'name'] }))
    expect(free.shareAttribute).toBe('unconditional')
    expect(free.steps.map((one) => one.step)).not.toContain('authority_accept')
    const strict = await askFor(platform, requestFor(mixed.id, { items: ['code', 'head_name'] }))
    expect(strict.shareAttribute).toBe('conditional')
    expect(strict.steps.map((one) => one.step)).toContain('authority_accept')
  })

  test('201: a row filter over shareable items', async () => {
    const rowFilter = { op: 'eq', field: 'province', value: text('33') } as const
    expect((await ask({ items: ['code'], rowFilter })).content.rowFilter).toEqual(rowFilter)
  })

  test('400: a row filter over unknown or refused items, and values that are not of their type', async () => {
    const rowFilter = {
      op: 'and',
      args: [
        { op: 'eq', field: 'street', value: text('x') },
        { op: 'not', arg: { op: 'startsWith', field: 'head_id', value: text('33') } },
        { op: 'in', field: 'code', values: [text('1'), { type: 'integer', value: 'two' }] },
      ],
    } as const
    await expect(ask({ rowFilter: rowFilter as never })).rejects.toMatchObject({
      code: 'request.invalid',
      places: [
        { path: '/rowFilter/args/0/field' },
        { path: '/rowFilter/args/1/arg/field' },
        { path: '/rowFilter/args/2/values/1' },
      ],
    })
  })

  test('400: legal basis, matter, purpose and the declaration are mandatory (条例 20)', async () => {
    const { legalBasis: _basis, purpose: _purpose, ...lacking } = requestFor(datasetId)
    const officer = await platform.as('works-officer')
    await expect(
      officer.call(createRequest, { body: { ...lacking, matter: { code: '', name: 'x' }, declared: false } as never }),
    ).rejects.toMatchObject({
      places: expect.arrayContaining(
        ['/legalBasis', '/purpose', '/matter/code', '/declared'].map((path) => expect.objectContaining({ path })),
      ),
    })
  })

  test('400: a way that is not offered, a period that ends before it begins, a day that does not exist', async () => {
    await expect(ask({ method: 'service', from: '2026-06-01', until: '2026-05-31' })).rejects.toMatchObject({
      places: [{ path: '/method' }, { path: '/until' }],
    })
    const yesterday = shanghaiDate(new Date(Date.now() - 86_400_000))
    await expect(ask({ from: '2020-01-01', until: yesterday })).rejects.toMatchObject({ places: [{ path: '/until' }] })
    await expect(ask({ until: '2027-02-29' })).rejects.toMatchObject({ places: [{ path: '/until' }] })
  })

  test('401 without a session, 403 for those who may not ask, 404 for what is not visible', async () => {
    const body = requestFor(datasetId)
    await expect(clientOf(platform.server).call(createRequest, { body })).rejects.toMatchObject({ status: 401 })
    for (const account of ['works-head', 'centre', 'works-developer'] as const)
      await expect((await platform.as(account)).call(createRequest, { body })).rejects.toMatchObject({ status: 403 })
    await expect(ask({ datasetId: NO_ID })).rejects.toMatchObject({ code: 'object.not_found', status: 404 })
    const hidden = await (await platform.as('civil-officer')).call(createDataset, { body: villages('草稿') })
    await expect(ask({ datasetId: hidden.id })).rejects.toMatchObject({ status: 404 })
  })

  test('409: items that do not exist or are never shared are named', async () => {
    await expect(ask({ items: ['code', 'head_id', 'street'] })).rejects.toMatchObject({
      code: 'request.item_refused',
      status: 409,
      places: [{ path: '/items/1' }, { path: '/items/2' }],
    })
  })

  test('409: a dataset that is not shared at all', async () => {
    const items = VILLAGES.items!.map((item) => ({ ...item, shareAttribute: 'refused' as const }))
    const basis = { kind: 'law', title: '保守国家秘密法', article: '第十三条' } as const
    const refused = { shareAttribute: 'refused', refusalReason: '涉密', refusalBasis: basis, items } as const
    const secret = await publishDataset(platform, villages('不予共享', { ...refused, items }))
    await expect(ask({ datasetId: secret.id })).rejects.toMatchObject({
      code: 'request.item_refused',
      places: [{ path: '/datasetId' }],
    })
  })

  test('409: nobody asks for the data of his own department', async () => {
    const own = (await platform.as('civil-officer')).call(createRequest, { body: requestFor(datasetId) })
    await expect(own).rejects.toMatchObject({ code: 'object.state', places: [{ path: '/datasetId' }] })
    const officer = await platform.as('civil-officer')
    const drafted = await officer.call(createDataset, { body: villages('自己的草稿') })
    await expect(officer.call(createRequest, { body: requestFor(drafted.id) })).rejects.toMatchObject({
      code: 'dataset.not_published',
    })
  })

  test('a repeated request with the same Idempotency-Key makes one request', async () => {
    const officer = await platform.as('works-officer')
    const body = requestFor(datasetId)
    const first = await officer.call(createRequest, { body }, { idempotencyKey: 'request-0001' })
    expect((await officer.call(createRequest, { body }, { idempotencyKey: 'request-0001' })).id).toBe(first.id)
    await officer.call(readRequest, { params: { id: first.id } })
  })
})
