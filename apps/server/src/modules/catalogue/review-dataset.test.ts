import {
  createDataset,
  signDataset,
  submitDataset,
  listDatasets,
  listObligations,
  listDatasetVersions,
  readDataset,
  reviewDataset,
} from '@huitong/contract/catalogue'
import { describe, expect, test } from 'vitest'
import { clientOf, usePlatform } from '../../../../../tests/harness/platform.ts'
import { enter, hire, NO_ID } from '../identity/testing/people.ts'
import { publishDataset, signedDataset, VILLAGES, villages } from './testing/content.ts'

describe('review dataset', () => {
  const platform = usePlatform()
  const review = (
    client: ReturnType<typeof clientOf>,
    id: string,
    match: number,
    body: object = { decision: 'publish' },
  ) => client.call(reviewDataset, { params: { id }, body: body as never }, { match })

  test('200: the published version is found by other departments, and the duty of the authority is done', async () => {
    const dataset = await publishDataset(platform, villages('发布'))
    expect(dataset).toMatchObject({ state: 'published', live: { number: 1 }, pending: null, itemCount: 5 })
    const works = await platform.as('works-officer')
    const { items } = await works.call(listDatasets, { query: { q: '负责人姓名' } })
    expect(items.map((one) => one.id)).toEqual([dataset.id])
    const duties = await (await platform.as('authority')).call(listObligations, { query: { state: 'fulfilled' } })
    expect(duties.items.find((one) => one.subjectId === dataset.id)).toMatchObject({ rule: 'D2', overdue: false })
  })

  test('200: a new version takes the place of the old one, which stays readable as superseded', async () => {
    const first = await publishDataset(platform, villages('换版'))
    const items = [...VILLAGES.items!, { ...VILLAGES.items![1]!, code: 'town', name: { zh: '所属乡镇' } }]
    const second = await publishDataset(platform, villages('换版', { items }), first)
    expect(second).toMatchObject({ live: { number: 2 }, pending: null, itemCount: 6, code: first.code })
    const works = await platform.as('works-officer')
    const versions = await works.call(listDatasetVersions, { params: { id: first.id } })
    expect(versions.items.map((one) => [one.number, one.state])).toEqual([
      [2, 'published'],
      [1, 'superseded'],
    ])
    expect((await works.call(listDatasets, { query: { q: '所属乡镇' } })).items).toHaveLength(1)
  })

  test('200: a return needs a reason, and ends the duty', async () => {
    const { id, version } = await signedDataset(platform, villages('退回'))
    const authority = await platform.as('authority')
    await expect(review(authority, id, version, { decision: 'return' })).rejects.toMatchObject({
      code: 'request.reason_required',
      places: [{ path: '/opinion' }],
    })
    const reply = await review(authority, id, version, { decision: 'return', opinion: '与人社局目录重复' })
    expect(reply).toMatchObject({ pending: { state: 'returned', opinion: '与人社局目录重复' }, version: version + 1 })
    await expect(authority.call(readDataset, { params: { id }, query: {} })).rejects.toMatchObject({ status: 404 })
    const officer = await platform.as('civil-officer')
    const returned = await officer.call(readDataset, { params: { id }, query: {} })
    expect(returned).toMatchObject({ state: 'draft', pending: { state: 'returned', opinion: '与人社局目录重复' } })
    const open = await authority.call(listObligations, { query: { state: 'open' } })
    expect(open.items.map((one) => one.subjectId)).not.toContain(id)
  })

  test('409: who signed for the department does not review for the authority', async () => {
    await hire(platform, 'two-hats', platform.departments.civil, ['department_head', 'authority'])
    const both = await enter(platform, 'two-hats')
    const officer = await platform.as('civil-officer')
    const draft = await officer.call(createDataset, { body: villages('两顶帽子') })
    const params = { id: draft.id }
    const submitted = await officer.call(submitDataset, { params }, { match: draft.version })
    const signed = await both.call(signDataset, { params, body: { decision: 'agree' } }, { match: submitted.version })
    await expect(review(both, draft.id, signed.version)).rejects.toMatchObject({ code: 'request.same_person' })
    await review(await platform.as('authority'), draft.id, signed.version)
  })

  test('401, 403, 404, 409, 412', async () => {
    const { id, version } = await signedDataset(platform, villages('权限'))
    const authority = await platform.as('authority')
    await expect(review(clientOf(platform.server), id, version)).rejects.toMatchObject({ status: 401 })
    for (const account of ['civil-head', 'centre', 'works-head'] as const)
      await expect(review(await platform.as(account), id, version)).rejects.toMatchObject({ status: 403 })
    await expect(review(authority, NO_ID, 1)).rejects.toMatchObject({ status: 404 })
    await expect(review(authority, id, version + 1)).rejects.toMatchObject({ status: 412 })
    const results = await Promise.allSettled([1, 2].map(() => review(authority, id, version)))
    expect(results.filter((one) => one.status === 'fulfilled')).toHaveLength(1)
    await expect(review(authority, id, version + 1)).rejects.toMatchObject({ code: 'object.state', status: 409 })
  })
})
