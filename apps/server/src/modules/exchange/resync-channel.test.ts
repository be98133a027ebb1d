import { readChannel, resumeChannel, resyncChannel } from '@huitong/contract/exchange'
import { beforeAll, describe, expect, test } from 'vitest'
import { channelIn, useChannel, type Channel } from '../../../../../tests/harness/exchange.ts'
import { eventually, guards, NOBODY, refused } from '../../../../../tests/harness/guards.ts'
import { at, copiedLog, logChannel, SLOT, streamOf } from '../../../../../tests/harness/logged.ts'

describe('synchronise again after a gap', () => {
  const prepared = useChannel()
  let channel: Channel
  const logging = () => ({ platform: prepared.platform, ground: prepared.ground, dataset: prepared.dataset })
  beforeAll(async () => {
    channel = await copiedLog(logging(), await logChannel(logging()))
  })
  const centre = () => prepared.platform.as('centre')
  const resync = async (id: string, match: number) =>
    (await centre()).call(resyncChannel, { params: { id } }, { match })
  guards(prepared.platform, resyncChannel, {
    input: () => ({ params: { id: channel.id } }),
    denied: ['civil-officer', 'operator', 'works-head'],
  })

  test('404 and 409: not there, still following', async () => {
    await refused(resync(NOBODY, 1), 'object.not_found')
    await refused(resync(channel.id, channel.version), 'object.state')
  })

  test('202: never simply on; a new slot is compared, and where nothing differs the log goes on from its beginning', async () => {
    const { provider, consumer } = prepared.ground
    const { capture } = await streamOf(logging(), channel.id)
    await provider.fail(capture, 'connector.log_gap')
    const stopped = await channelIn(prepared.platform, channel.id, 'failed')
    expect(stopped.log).toMatchObject({ state: 'gap' })
    const params = { id: channel.id }
    await refused((await centre()).call(resumeChannel, { params }, { match: stopped.version }), 'object.state')
    const { reconciliationId } = await resync(channel.id, stopped.version)
    const slot = await provider.work('slot', channel.id)
    const fresh = { ...SLOT, slot: 'huitong_test_2', start: at(64).since }
    await provider.finish(slot, { slot: fresh, snapshot: '00000003-00000002-1' })
    const source = await provider.work('reconcile', reconciliationId)
    const target = await consumer.work('reconcile', reconciliationId)
    expect(source.input).toMatchObject({ snapshot: '00000003-00000002-1' })
    expect(target.input).not.toHaveProperty('snapshot')
    const digests = {
      rows: '1',
      buckets: [{ bucket: 1, rows: '1', sum: '5' }],
      rowDigests: [],
      at: new Date().toISOString(),
    }
    await provider.finish(source, digests)
    await consumer.finish(target, digests)
    const again = await streamOf(logging(), channel.id)
    expect(again.capture.input).toMatchObject({ slot: { slot: 'huitong_test_2' }, from: { since: at(64).since } })
    expect(again.apply.input).toMatchObject({ log: { rebase: { since: at(64).since } } })
    const read = async () => (await centre()).call(readChannel, { params })
    const going = await eventually(read, ({ state }) => state === 'following')
    expect(going).toMatchObject({ problem: null, log: { state: 'reading' }, reconciliations: [{ state: 'equal' }] })
  })
})
