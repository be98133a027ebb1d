import { listIncrements, readChannel, startIncrement } from '@huitong/contract/exchange'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  bring,
  copied,
  cursorAt,
  cursorChannel,
  nothingChanged,
  readingOf,
  sealChanges,
  startNow,
  useFollowed,
} from '../../../../../tests/harness/follow.ts'
import { channelIn, seal, type Channel } from '../../../../../tests/harness/exchange.ts'
import { eventually, guards, NOBODY, refused } from '../../../../../tests/harness/guards.ts'

describe('bring changes now', () => {
  const followed = useFollowed()
  const { platform } = followed
  let channel: Channel
  beforeAll(async () => {
    channel = await copied(followed, await cursorChannel(followed))
  })
  const read = async (id = channel.id) => (await platform.as('centre')).call(readChannel, { params: { id } })
  const ended = (id: string, number: number) =>
    eventually(
      () => read(id),
      ({ follow }) => follow!.last?.number === number && follow!.last.state !== 'running',
    )
  guards(platform, startIncrement, {
    input: () => ({ params: { id: channel.id } }),
    denied: ['civil-officer', 'operator', 'works-head'],
  })

  test('404: a channel that does not exist; 409: one that does not follow', async () => {
    await refused(startNow(followed, NOBODY), 'object.not_found')
    await refused(startNow(followed, (await cursorChannel(followed)).id), 'object.state')
  })

  test('a full copy leaves the channel following from the position that the reader named', () => {
    expect(channel).toMatchObject({
      state: 'following',
      mode: 'cursor',
      follow: { position: cursorAt(0).since, increments: 0, held: { rows: '0' }, last: null },
    })
  })

  test('202: what changed travels with its operations, is applied once and counted per kind; the position moves', async () => {
    const rows = [
      ['I', '2', 'b', '33'],
      ['U', '1', 'c', '33'],
      ['D', '9', null, null],
    ]
    const { read: input, apply } = await bring(
      followed,
      channel,
      rows,
      { inserted: '1', updated: '1', absent: '1' },
      cursorAt(1),
    )
    expect(input).toMatchObject({
      payload: 'changes',
      keys: null,
      changes: { convention: { operation: 'op', updatedAt: 'updated_at' }, cursor: cursorAt(0), lagSeconds: 0 },
    })
    expect(apply).toMatchObject({ payload: 'changes', deleteKeys: null })
    const { follow } = await ended(channel.id, 1)
    expect(follow).toMatchObject({
      position: cursorAt(1).since,
      increments: 1,
      totals: { inserted: '1', updated: '1', deleted: '0', absent: '1' },
      last: {
        state: 'done',
        cause: 'person',
        source: { insert: '1', update: '1', delete: '1' },
        applied: { inserted: '1', updated: '1', absent: '1' },
        segments: 1,
        since: cursorAt(0).since,
        until: cursorAt(1).since,
      },
    })
  })

  test('one at a time; one that finds nothing needs no consumer and leaves the position', async () => {
    const increment = await startNow(followed, channel.id)
    await refused(startNow(followed, channel.id), 'object.state')
    await nothingChanged(followed, increment, cursorAt(2))
    const { follow } = await ended(channel.id, increment.number)
    expect(follow).toMatchObject({ position: cursorAt(1).since, increments: 1, last: { state: 'empty', segments: 0 } })
    const page = await (
      await platform.as('works-officer')
    ).call(listIncrements, {
      params: { id: channel.id },
      query: {},
    })
    expect(page.items.map((one) => one.state)).toEqual(['empty', 'done'])
  })

  test('rows counted by the source, received and applied that are not all equal fail it; the position stays', async () => {
    const other = await copied(followed, await cursorChannel(followed))
    await bring(followed, other, [['U', '1', 'c', '33']], { updated: '2' }, cursorAt(3))
    const failed = await channelIn(platform, other.id, 'failed')
    expect(failed).toMatchObject({ problem: { code: 'segment.content' }, follow: { position: cursorAt(0).since } })
    await refused(startNow(followed, other.id), 'object.state')
  })

  test('segments without operations, or whose rows are not what their manifest counts, are not taken', async () => {
    const other = await copied(followed, await cursorChannel(followed))
    const { provider } = followed.ground
    const { input } = await readingOf(followed, await startNow(followed, other.id))
    await refused(provider.announce(await seal(input, provider.signing, [['1', 'a', '33']])), 'segment.content')
    const declared = { insert: '0', update: '0', delete: '1' }
    await provider.upload(
      await sealChanges(input, provider.signing, [['I', '1', 'a', '33']], cursorAt(4), { declared }),
    )
    const failed = await channelIn(platform, other.id, 'failed')
    expect(failed).toMatchObject({ problem: { code: 'segment.content' }, follow: { last: { state: 'failed' } } })
  })

  test('a lost snapshot is read again from the same position; what passes by itself is tried again', async () => {
    const other = await copied(followed, await cursorChannel(followed))
    const { provider } = followed.ground
    const increment = await startNow(followed, other.id)
    await provider.fail(await readingOf(followed, increment), 'snapshot.lost')
    const again = await readingOf(followed, increment)
    expect(again.input).toMatchObject({ generation: 2, changes: { cursor: cursorAt(0) } })
    await provider.fail(again, 'source.unreachable')
    const waiting = await eventually(
      () => read(other.id),
      ({ problem }) => problem !== null,
    )
    expect(waiting).toMatchObject({ state: 'following', problem: { code: 'source.unreachable' } })
    expect(waiting.follow!.nextAt).not.toBeNull()
  })
})
