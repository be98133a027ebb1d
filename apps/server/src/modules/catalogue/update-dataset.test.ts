import { createDataset, readDataset, updateDataset, type DatasetContent } from '@huitong/contract/catalogue'
import { describe, expect, test } from 'vitest'
import { clientOf, usePlatform } from '../../../../../tests/harness/platform.ts'
import { NO_ID } from '../identity/testing/people.ts'
import { publishDataset, signedDataset, villages } from './testing/content.ts'

describe('update dataset', () => {
  const platform = usePlatform()
  const draft = async (zh: string) => (await platform.as('civil-officer')).call(createDataset, { body: villages(zh) })
  const update = async (id: string, body: DatasetContent, match: number) =>
    (await platform.as('civil-officer')).call(updateDataset, { params: { id }, body }, { match })

  test('200: a draft changes in place', async () => {
    const { id } = await draft('草稿')
    const changed = await update(id, villages('草稿（改）', { updateCycle: 'daily' }), 1)
    expect(changed).toMatchObject({ pending: { number: 1, state: 'draft' }, version: 2, updateCycle: 'daily' })
    expect(changed.content.name.zh).toBe('草稿（改）')
  })

  test('200: a change of a published entry stands beside it; others see the published one unchanged', async () => {
    const live = await publishDataset(platform, villages('已发布'))
    const works = await platform.as('works-officer')
    const read = () => works.call(readDataset, { params: { id: live.id }, query: {} })
    const before = await read()
    const changed = await update(live.id, villages('已发布', { updateCycle: 'daily' }), live.version)
    expect(changed).toMatchObject({ live: { number: 1 }, pending: { number: 2, state: 'draft' } })
    expect(changed.content.updateCycle).toBe('daily')
    const after = await read()
    expect({ ...after, updatedAt: '', version: 0 }).toEqual({ ...before, updatedAt: '', version: 0 })
    expect(after).toMatchObject({ pending: null, pendingState: null, updateCycle: 'yearly', missing: [] })
    const asked = await works.call(readDataset, { params: { id: live.id }, query: { version: 'pending' } })
    expect(asked.content).toEqual(before.content)
  })

  test('400: the rules of content hold for a change too', async () => {
    const { id } = await draft('改坏')
    await expect(update(id, villages('改坏', { level: 'general_1' }), 1)).rejects.toMatchObject({
      places: [{ path: '/level' }],
    })
  })

  test('401, 403, 404: own officers only; another department does not even see the draft', async () => {
    const { id } = await draft('权限')
    const call = (client: ReturnType<typeof clientOf>, to: string) =>
      client.call(updateDataset, { params: { id: to }, body: villages('夺取') }, { match: 1 })
    await expect(call(clientOf(platform.server), id)).rejects.toMatchObject({ status: 401 })
    await expect(call(await platform.as('civil-head'), id)).rejects.toMatchObject({ status: 403 })
    await expect(call(await platform.as('works-officer'), id)).rejects.toMatchObject({ status: 404 })
    await expect(call(await platform.as('civil-officer'), NO_ID)).rejects.toMatchObject({ status: 404 })
    const live = await publishDataset(platform, villages('可见不可改'))
    await expect(
      (await platform.as('works-officer')).call(
        updateDataset,
        { params: { id: live.id }, body: villages('夺取') },
        { match: live.version },
      ),
    ).rejects.toMatchObject({ code: 'permission.denied', status: 403 })
  })

  test('409: not while the head or the authority has it, and not under the name of another entry', async () => {
    const signed = await signedDataset(platform, villages('审核中'))
    await expect(update(signed.id, villages('审核中'), signed.version)).rejects.toMatchObject({
      code: 'object.state',
      status: 409,
    })
    const other = await draft('另一个')
    await expect(update(other.id, villages('审核 中'), other.version)).rejects.toMatchObject({ code: 'object.exists' })
  })

  test('412 and 428: of two officers who read the same version one is told', async () => {
    const { id } = await draft('两人')
    const results = await Promise.allSettled([1, 2].map((n) => update(id, villages(`两人${n}`), 1)))
    expect(results.filter((one) => one.status === 'fulfilled')).toHaveLength(1)
    expect(results.find((one) => one.status === 'rejected')?.reason).toMatchObject({
      code: 'object.changed',
      status: 412,
    })
    await expect(
      (await platform.as('civil-officer')).call(updateDataset, { params: { id }, body: villages('两人') }),
    ).rejects.toMatchObject({ code: 'object.match_required', status: 428 })
  })
})
