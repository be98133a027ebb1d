import { setSchedule } from '@huitong/contract/exchange'
import { beforeAll, describe, expect, test } from 'vitest'
import { copied, cursorChannel, useFollowed } from '../../../../../tests/harness/follow.ts'
import type { Channel } from '../../../../../tests/harness/exchange.ts'
import { guards, NOBODY, refused } from '../../../../../tests/harness/guards.ts'

describe('set how often changes are brought', () => {
  const followed = useFollowed()
  const { platform } = followed
  let channel: Channel
  beforeAll(async () => {
    channel = await copied(followed, await cursorChannel(followed))
  })
  const body = { intervalSeconds: 3_600, lagSeconds: 5 }
  const set = async (id: string, match: number, over: object = {}) =>
    (await platform.as('centre')).call(setSchedule, { params: { id }, body: { ...body, ...over } }, { match })
  guards(platform, setSchedule, {
    input: () => ({ params: { id: channel.id }, body }),
    denied: ['civil-officer', 'operator', 'works-head'],
    allowed: 'centre',
  })

  test('404, 400: a channel that does not exist; an interval out of bounds', async () => {
    await refused(set(NOBODY, 1), 'object.not_found')
    await refused(set(channel.id, channel.version, { intervalSeconds: 1 }), 'request.invalid')
    await refused(set(channel.id, channel.version, { lagSeconds: 90_000 }), 'request.invalid')
  })

  test('200: the next look is no later than the new interval', async () => {
    const { follow } = await set(channel.id, channel.version)
    expect(follow).toMatchObject(body)
    expect(Date.parse(follow!.nextAt!) - Date.now()).toBeLessThanOrEqual(3_600_000)
  })
})
