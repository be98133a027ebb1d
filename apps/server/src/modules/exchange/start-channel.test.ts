import { readChannel, startChannel } from '@huitong/contract/exchange'
import { beforeAll, describe, expect, test } from 'vitest'
import { useEngine } from '../../../../../tests/harness/engine.ts'
import {
  acknowledge,
  grantTo,
  prepareGround,
  publishMounted,
  readyChannel,
  receiptFor,
  seal,
  startRun,
  type Channel,
  type Ground,
} from '../../../../../tests/harness/exchange.ts'
import { eventually, guards, NOBODY, refused } from '../../../../../tests/harness/guards.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'

describe('start a channel', () => {
  const platform = usePlatform()
  useEngine(platform)
  let ground: Ground
  let channel: Channel
  beforeAll(async () => {
    ground = await prepareGround(platform)
    const dataset = await publishMounted(platform, ground.table)
    channel = await readyChannel(platform, ground, await grantTo(platform, dataset))
  })

  guards(platform, startChannel, {
    input: () => ({ params: { id: channel.id } }),
    denied: ['civil-officer', 'operator', 'works-head'],
    allowed: 'centre',
  })

  test('404: a channel that does not exist', async () => {
    const centre = await platform.as('centre')
    await refused(centre.call(startChannel, { params: { id: NOBODY } }, { match: 1 }), 'object.not_found')
  })

  test('202: rows flow sealed, verified, pulled, applied, and the channel completes with equal counts', async () => {
    const run = await startRun(platform, ground, channel)
    expect(run.channel).toMatchObject({ state: 'running', progress: { generation: 1 } })
    const first = await seal(
      run.read.input,
      ground.provider.signing,
      [
        ['1', '甲', '33'],
        ['2', null, '33'],
      ],
      { final: false },
    )
    const second = await seal(run.read.input, ground.provider.signing, [['3', '𠮷', '']], { previous: first.signed })
    await ground.provider.upload(first)
    await ground.provider.upload(second)
    const centre = await platform.as('centre')
    const read = () => centre.call(readChannel, { params: { id: channel.id } })
    await eventually(read, (one) => one.progress.segmentsVerified === 2)
    for (const segment of [first, second])
      await acknowledge(ground.consumer, receiptFor(segment, ground.consumer.signing))
    const { sealedDigest } = second.signed.manifest
    await ground.provider.finish(run.read, { rows: '3', segments: 2, finalDigest: sealedDigest })
    await ground.consumer.finish(run.apply, { generation: 1, sequence: 2, rows: '3' })
    const done = await eventually(read, (one) => one.state !== 'running')
    expect(done).toMatchObject({
      state: 'completed',
      problem: null,
      progress: {
        generation: 1,
        segmentsReceived: 2,
        segmentsApplied: 2,
        rowsReceived: '3',
        rowsApplied: '3',
        rowsSealed: '3',
      },
    })
  })
})
