import { createDataset, listObligations, signDataset, submitDataset, updateDataset } from '@huitong/contract/catalogue'
import { describe, expect, test } from 'vitest'
import { clientOf, usePlatform } from '../../../../../tests/harness/platform.ts'
import { enter, hire, NO_ID } from '../identity/testing/people.ts'
import { signedDataset, villages } from './testing/content.ts'

describe('sign dataset', () => {
  const platform = usePlatform()

  async function submitted(zh: string, officer?: ReturnType<typeof clientOf>) {
    const by = officer ?? (await platform.as('civil-officer'))
    const draft = await by.call(createDataset, { body: villages(zh) })
    return by.call(submitDataset, { params: { id: draft.id } }, { match: draft.version })
  }
  const sign = (client: ReturnType<typeof clientOf>, id: string, match: number, body: object = { decision: 'agree' }) =>
    client.call(signDataset, { params: { id }, body: body as never }, { match })

  test('200: the signed version goes to the authority, whose two working days begin', async () => {
    const dataset = await signedDataset(platform, villages('签发'))
    expect(dataset).toMatchObject({ state: 'draft', pending: { state: 'signed' } })
    const authority = await platform.as('authority')
    const { items } = await authority.call(listObligations, { query: { state: 'open' } })
    expect(items).toEqual([
      expect.objectContaining({
        rule: 'D2',
        subjectId: dataset.id,
        subjectName: dataset.code,
        departmentId: platform.departments.bureau,
        overdue: false,
      }),
    ])
  })

  test('200: a return goes back to the officer with the reason; no deadline begins', async () => {
    const { id, version } = await submitted('退回')
    const head = await platform.as('civil-head')
    await expect(sign(head, id, version, { decision: 'return' })).rejects.toMatchObject({
      code: 'request.reason_required',
      status: 400,
      places: [{ path: '/opinion' }],
    })
    const returned = await sign(head, id, version, { decision: 'return', opinion: '补充共享范围' })
    expect(returned.pending).toMatchObject({ state: 'returned', opinion: '补充共享范围' })
    const officer = await platform.as('civil-officer')
    const mended = await officer.call(
      updateDataset,
      { params: { id }, body: villages('退回', { shareScope: '市区两级' }) },
      { match: returned.version },
    )
    const again = await officer.call(submitDataset, { params: { id } }, { match: mended.version })
    expect(again.pending).toMatchObject({ state: 'submitted', opinion: null })
    const { items } = await (await platform.as('authority')).call(listObligations, { query: {} })
    expect(items.map((one) => one.subjectId)).not.toContain(id)
  })

  test('409: nobody signs what he submitted himself, and the page says so', async () => {
    await hire(platform, 'civil-both', platform.departments.civil, ['data_officer', 'department_head'])
    const both = await enter(platform, 'civil-both')
    const { id, version, actions } = await submitted('自编自签', both)
    expect(actions.find((one) => one.name === 'sign')).toMatchObject({
      allowed: false,
      reason: { zh: expect.any(String) },
    })
    await expect(sign(both, id, version)).rejects.toMatchObject({ code: 'request.same_person', status: 409 })
    await sign(await platform.as('civil-head'), id, version)
  })

  test('401, 403, 404, 409, 412', async () => {
    const { id, version } = await submitted('权限')
    const head = await platform.as('civil-head')
    await expect(sign(clientOf(platform.server), id, version)).rejects.toMatchObject({ status: 401 })
    await expect(sign(await platform.as('civil-officer'), id, version)).rejects.toMatchObject({ status: 403 })
    await expect(sign(await platform.as('works-head'), id, version)).rejects.toMatchObject({ status: 404 })
    await expect(sign(head, NO_ID, 1)).rejects.toMatchObject({ status: 404 })
    await expect(sign(head, id, version + 1)).rejects.toMatchObject({ status: 412 })
    await sign(head, id, version)
    await expect(sign(head, id, version + 1)).rejects.toMatchObject({ code: 'object.state', status: 409 })
  })
})
