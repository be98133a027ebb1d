import { readChannel, resumeChannel, stopChannel } from '@huitong/contract/exchange'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  copied,
  cursorAt,
  cursorChannel,
  readingOf,
  sealChanges,
  startNow,
  useFollowed,
} from '../../../../../tests/harness/follow.ts'
import type { Channel } from '../../../../../tests/harness/exchange.ts'
import { guards, NOBODY, refused } from '../../../../../tests/harness/guards.ts'

describe('resume following', () => {
  const followed = useFollowed()
  const { platform } = followed
  let channel: Channel
  beforeAll(async () => {
    channel = await copied(followed, await cursorChannel(followed))
  })
  const centre = () => platform.as('centre')
  const read = async () => (await centre()).call(readChannel, { params: { id: channel.id } })
  const resume = async (id: string, match: number) =>
    (await centre()).call(resumeChannel, { params: { id } }, { match })
  guards(platform, resumeChannel, {
    input: () => ({ params: { id: channel.id } }),
    denied: ['civil-officer', 'operator', 'works-head'],
  })

  test('404 and 409: not there, not stopped, never copied', async () => {
    await refused(resume(NOBODY, 1), 'object.not_found')
    await refused(resume(channel.id, channel.version), 'object.state')
    const fresh = await cursorChannel(followed)
    await refused(resume(fresh.id, fresh.version), 'object.state')
  })

  test('200: an increment that was stopped never comes; resumed, it is read again from the same position', async () => {
    const { provider } = followed.ground
    const increment = await startNow(followed, channel.id)
    const { input } = await readingOf(followed, increment)
    const late = await sealChanges(input, provider.signing, [['U', '1', 'x', '33']], cursorAt(1))
    const { version } = await read()
    const params = { id: channel.id }
    const body = { reason: '维护' }
    const stopped = await (await centre()).call(stopChannel, { params, body }, { match: version })
    expect(stopped.progress).toMatchObject({ generation: 1, rowsApplied: '1', finishedAt: channel.progress.finishedAt })
    expect(stopped).toMatchObject({ state: 'stopped', follow: { nextAt: null, last: { state: 'stopped' } } })
    await refused(provider.announce(late), 'node.fenced')
    await refused(resume(channel.id, version), 'object.changed')
    const resumed = await resume(channel.id, stopped.version)
    expect(resumed).toMatchObject({ state: 'following', problem: null, follow: { position: cursorAt(0).since } })
    // Its time has come at once: the schedule begins it.
    const work = await provider.work('read', '"changes"')
    expect(work.input).toMatchObject({ changes: { cursor: cursorAt(0) } })
  })
})
