import { createDataset, submitDataset, type DatasetContent } from '@huitong/contract/catalogue'
import { describe, expect, test } from 'vitest'
import { clientOf, usePlatform } from '../../../../../tests/harness/platform.ts'
import { VILLAGES, villages } from './testing/content.ts'

describe('create dataset', () => {
  const platform = usePlatform()
  const create = async (body: DatasetContent) => (await platform.as('civil-officer')).call(createDataset, { body })

  test('201: a draft may be incomplete; what it still lacks is listed, and the code is provisional', async () => {
    const draft = await create({ name: { zh: '低保对象' } })
    expect(draft).toMatchObject({ state: 'draft', live: null, pending: { number: 1, state: 'draft' }, version: 1 })
    expect(draft.code).toMatch(/^300000\/T\d{6}$/)
    expect(draft.missing.map((one) => one.path)).toContain('/secrecyAssessment')
    expect(draft.actions.find((one) => one.name === 'submit')).toEqual({ name: 'submit', allowed: true, reason: null })
    const classified = await create(villages('婚姻登记'))
    expect(classified.code).toMatch(/^306001\/T\d{6}$/)
    expect(classified.missing).toEqual([])
  })

  test('201: drafts made at the same time get different codes', async () => {
    const names = Array.from({ length: 8 }, (_, n) => `并发目录${n}`)
    const codes = (await Promise.all(names.map((zh) => create(villages(zh))))).map((one) => one.code)
    expect(new Set(codes).size).toBe(8)
  })

  test('400: unknown keys, wrong types and values outside the lists, each with its place', async () => {
    const body = { ...VILLAGES, shareAttribute: 'maybe', level: 3, official: 'x' } as never
    await expect(create(body)).rejects.toMatchObject({
      code: 'request.invalid',
      status: 400,
      places: expect.arrayContaining(
        ['/shareAttribute', '/level', '/official'].map((path) => expect.objectContaining({ path })),
      ),
    })
  })

  test('400: local rules are no legal basis for not sharing (条例 15)', async () => {
    const refusalBasis = { kind: 'local_regulation', title: '某市数据条例', article: '第三条' } as never
    await expect(create(villages('不共享', { shareAttribute: 'refused', refusalBasis }))).rejects.toMatchObject({
      places: expect.arrayContaining([expect.objectContaining({ path: '/refusalBasis/kind' })]),
    })
  })

  test('400: a dataset is at least as sensitive as its items (就高从严), and no item freer than its dataset', async () => {
    const [first, ...rest] = VILLAGES.items!
    const wrong = villages('级别过低', {
      level: 'general_2',
      items: [{ ...first!, shareAttribute: 'unconditional' }, ...rest],
    })
    await expect(create(wrong)).rejects.toMatchObject({
      code: 'request.invalid',
      places: [{ path: '/level' }, { path: '/items/0/shareAttribute' }],
    })
    await create(villages('级别正好', { level: 'general_3' }))
  })

  test('400: an item code used twice, and names of spaces only', async () => {
    const [first] = VILLAGES.items!
    await expect(create(villages('重复', { items: [first!, { ...first!, name: { zh: ' ' } }] }))).rejects.toMatchObject(
      {
        places: [{ path: '/items/1/name/zh' }, { path: '/items/1/code' }],
      },
    )
    await expect(create(villages('　'))).rejects.toMatchObject({ places: [{ path: '/name/zh' }] })
  })

  test('400: an assessment on a day that does not exist', async () => {
    const secrecyAssessment = { ...VILLAGES.secrecyAssessment!, on: '2026-02-30' }
    await expect(create(villages('日期', { secrecyAssessment }))).rejects.toMatchObject({
      places: [{ path: '/secrecyAssessment/on' }],
    })
  })

  test('401 without a session, 403 for everybody but data officers', async () => {
    await expect(clientOf(platform.server).call(createDataset, { body: VILLAGES })).rejects.toMatchObject({
      status: 401,
    })
    for (const account of ['civil-head', 'authority', 'centre', 'sysadmin', 'works-developer'] as const)
      await expect((await platform.as(account)).call(createDataset, { body: VILLAGES })).rejects.toMatchObject({
        code: 'permission.denied',
        status: 403,
      })
  })

  test('409: one name once in a department, whatever its spaces and width; another department may use it', async () => {
    await create(villages('社会组织（登记）'))
    for (const zh of ['社会组织（登记）', '社会组织(登记)', ' 社会 组织（登记） '])
      await expect(create(villages(zh)), zh).rejects.toMatchObject({
        code: 'object.exists',
        status: 409,
        places: [{ path: '/name/zh' }],
      })
    const works = await platform.as('works-officer')
    await works.call(createDataset, { body: villages('社会组织（登记）') })
  })

  test('409: of two drafts of one name at the same time one is made', async () => {
    const results = await Promise.allSettled(Array.from({ length: 4 }, () => create(villages('同时编制'))))
    expect(results.filter((one) => one.status === 'fulfilled')).toHaveLength(1)
  })

  test('a lost reply is asked for again with the same Idempotency-Key, and makes no second draft', async () => {
    const officer = await platform.as('civil-officer')
    const send = () => officer.call(createDataset, { body: villages('幂等') }, { idempotencyKey: 'draft-0001' })
    const first = await send()
    expect(await send()).toEqual(first)
    await officer.call(submitDataset, { params: { id: first.id } }, { match: 1 })
  })
})
