import { readReconciliation, startReconciliation } from '@huitong/contract/exchange'
import type { ReconcileInput, ReconcileResult } from '@huitong/contract/work'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  copied,
  cursorAt,
  cursorChannel,
  nothingChanged,
  readingOf,
  startNow,
  useFollowed,
} from '../../../../../tests/harness/follow.ts'
import { channelIn, type Channel } from '../../../../../tests/harness/exchange.ts'
import { eventually, refused } from '../../../../../tests/harness/guards.ts'

describe('a channel that follows is compared at one position', () => {
  const followed = useFollowed()
  const { platform } = followed
  let channel: Channel
  beforeAll(async () => {
    channel = await copied(followed, await cursorChannel(followed))
  })
  const start = async (id = channel.id) =>
    (await platform.as('works-officer')).call(startReconciliation, { params: { id } })
  const read = async (id: string) => (await platform.as('centre')).call(readReconciliation, { params: { id } })
  const incrementOf = async (id = channel.id) =>
    (
      await eventually(
        () => channelIn(platform, id, 'following'),
        ({ follow }) => follow!.last?.state === 'running',
      )
    ).follow!.last!
  const answer = (bucket: string, rowDigests: ReconcileResult['rowDigests'], inFlight?: string[][]) => ({
    rows: '2',
    buckets: [{ bucket: 3, rows: '2', sum: bucket }],
    rowDigests,
    ...(inFlight === undefined ? {} : { inFlight }),
    at: new Date().toISOString(),
  })
  const row = (key: string, digest: string) => ({ key: [key], digest: digest.repeat(16).slice(0, 32) })
  const both = async (id: string, results: [ReconcileResult, ReconcileResult]) => {
    const { provider, consumer } = followed.ground
    const [source, target] = [await provider.work('reconcile', id), await consumer.work('reconcile', id)]
    await provider.finish(source, results[0])
    await consumer.finish(target, results[1])
    return [source.input, target.input] as [ReconcileInput, ReconcileInput]
  }

  test('the latest changes come first; what may have changed since is no difference; anything else is', async () => {
    const { id } = await start()
    const increment = await incrementOf()
    expect(increment.cause).toBe('reconciliation')
    await refused(start(), 'object.state')
    await nothingChanged(followed, increment, cursorAt(7))
    const [source, target] = await both(id, [answer('1', []), answer('2', [])])
    expect(source.changes).toMatchObject({ convention: { operation: 'op' }, since: cursorAt(7).since })
    expect(target.changes).toBeUndefined()
    await refused(startNow(followed, channel.id), 'object.state')
    await both(id, [answer('1', [row('1', 'a'), row('2', 'b')], [['2']]), answer('2', [row('1', 'a'), row('2', 'c')])])
    const done = await eventually(
      () => read(id),
      (one) => one.state !== 'running',
    )
    expect(done).toMatchObject({ state: 'equal', position: cursorAt(7).since, inFlight: 1, differences: [] })
    expect(JSON.parse(done.report!.document)).toMatchObject({ position: cursorAt(7).since, inFlight: 1 })

    const again = await start()
    await nothingChanged(followed, await incrementOf(), cursorAt(8))
    await both(again.id, [answer('1', []), answer('2', [])])
    await both(again.id, [
      answer('1', [row('1', 'a'), row('2', 'b')], [['2']]),
      answer('2', [row('1', 'x'), row('2', 'c')]),
    ])
    const found = await eventually(
      () => read(again.id),
      (one) => one.state !== 'running',
    )
    expect(found).toMatchObject({
      state: 'different',
      inFlight: 1,
      differences: [{ key: ['1'], kind: 'different' }],
      repair: { state: 'proposed', upserts: 1, deletes: 0 },
    })
  })

  test('when the latest changes cannot be had, the comparison says so instead of comparing', async () => {
    const other = await copied(followed, await cursorChannel(followed))
    const { id } = await start(other.id)
    const increment = await incrementOf(other.id)
    await followed.ground.provider.fail(await readingOf(followed, increment), 'source.unreachable')
    const failed = await eventually(
      () => read(id),
      (one) => one.state !== 'running',
    )
    expect(failed).toMatchObject({ state: 'failed', problem: { zh: '失败' } })
  })
})
