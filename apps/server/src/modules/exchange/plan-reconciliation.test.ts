import { planReconciliation, readChannel } from '@huitong/contract/exchange'
import { describe, expect, test } from 'vitest'
import { useChannel } from '../../../../../tests/harness/exchange.ts'
import { guards, NOBODY, refused } from '../../../../../tests/harness/guards.ts'

describe('set when a channel is compared by itself', () => {
  const prepared = useChannel()
  const { platform } = prepared
  const body = { afterCopy: true, everyHours: 24 }
  const read = async () =>
    (await platform.as('works-officer')).call(readChannel, { params: { id: prepared.channel.id } })
  const plan = async (match: number, over: object = {}, id = prepared.channel.id) =>
    (await platform.as('works-officer')).call(
      planReconciliation,
      { params: { id }, body: { ...body, ...over } },
      { match },
    )
  guards(platform, planReconciliation, {
    input: () => ({ params: { id: prepared.channel.id }, body }),
    denied: ['operator', 'works-head', 'authority'],
    allowed: 'centre',
  })

  test('200: nothing by itself at first; what was set is read again, and can be taken back', async () => {
    const before = await read()
    expect(before.reconcilePlan).toEqual({ afterCopy: false, everyHours: null })
    expect(await plan(before.version)).toEqual(body)
    const after = await read()
    expect(after).toMatchObject({ reconcilePlan: body, version: before.version + 1 })
    expect(await plan(after.version, { afterCopy: false, everyHours: null })).toEqual({
      afterCopy: false,
      everyHours: null,
    })
  })

  test('400: hours out of bounds; 404: for who is no party, and for a channel that does not exist', async () => {
    const { version } = await read()
    await refused(plan(version, { everyHours: 0 }), 'request.invalid')
    await refused(plan(version, { everyHours: 8_761 }), 'request.invalid')
    await refused(plan(version, {}, NOBODY), 'object.not_found')
    const police = await platform.as('police-officer')
    await refused(
      police.call(planReconciliation, { params: { id: prepared.channel.id }, body }, { match: version }),
      'object.not_found',
    )
  })
})
