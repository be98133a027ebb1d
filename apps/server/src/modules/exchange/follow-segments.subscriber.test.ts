import { describe, expect, test } from 'vitest'
import {
  copied,
  cursorAt,
  cursorChannel,
  readingOf,
  sealChanges,
  startNow,
  useFollowed,
} from '../../../../../tests/harness/follow.ts'
import { deliverAll } from '../../../../../tests/harness/deliver.ts'
import { followSegments } from './follow-segments.subscriber.ts'

describe('the applying of an increment begins with its first verified segment', () => {
  const followed = useFollowed()

  test('once, however often the fact is delivered; and under the consumer’s node', async () => {
    const { ground, platform } = followed
    const channel = await copied(followed, await cursorChannel(followed))
    const increment = await startNow(followed, channel.id)
    const { input } = await readingOf(followed, increment)
    await ground.provider.upload(
      await sealChanges(input, ground.provider.signing, [['U', '1', 'x', '33']], cursorAt(1)),
    )
    const work = await ground.consumer.work('apply', increment.id)
    expect(work.input).toMatchObject({
      stream: increment.id,
      payload: 'changes',
      table: { name: channel.target.table },
    })
    await deliverAll(platform, followSegments)
    const { work: more } = await ground.consumer.poll({ running: [work.id] })
    expect(more).toEqual([])
  })
})
