import { listIncrements } from '@huitong/contract/exchange'
import { beforeAll, describe, expect, test } from 'vitest'
import { bring, copied, cursorAt, cursorChannel, useFollowed } from '../../../../../tests/harness/follow.ts'
import { channelIn, type Channel } from '../../../../../tests/harness/exchange.ts'
import { eventually, guards, NOBODY, refused } from '../../../../../tests/harness/guards.ts'

describe('list increments', () => {
  const followed = useFollowed()
  const { platform } = followed
  let channel: Channel
  beforeAll(async () => {
    channel = await copied(followed, await cursorChannel(followed))
    for (const number of [1, 2, 3]) {
      await bring(followed, channel, [['U', '1', String(number), '33']], { updated: '1' }, cursorAt(number))
      await eventually(
        () => channelIn(platform, channel.id, 'following'),
        ({ follow }) => follow!.increments === number,
      )
    }
  })
  guards(platform, listIncrements, { input: () => ({ params: { id: channel.id }, query: {} }) })

  test('200: newest first, page by page, for both parties', async () => {
    for (const account of ['civil-officer', 'works-officer', 'centre'] as const) {
      const client = await platform.as(account)
      const first = await client.call(listIncrements, { params: { id: channel.id }, query: { limit: '2' } })
      expect(first.items.map((one) => one.number)).toEqual([3, 2])
      const query = { limit: '2', after: first.next! }
      const second = await client.call(listIncrements, { params: { id: channel.id }, query })
      expect(second).toMatchObject({ items: [{ number: 1, source: { update: '1' } }], next: null })
    }
  })

  test('404: for who is no party, and for a channel that does not exist', async () => {
    const police = await platform.as('police-officer')
    await refused(police.call(listIncrements, { params: { id: channel.id }, query: {} }), 'object.not_found')
    await refused(police.call(listIncrements, { params: { id: NOBODY }, query: {} }), 'object.not_found')
  })
})
