import type { SealedSegment } from '@huitong/segment'
import { followStream, readChannel } from '@huitong/contract/exchange'
import { beforeAll, describe, expect, test } from 'vitest'
import { channelIn, useChannel, type Channel } from '../../../../../tests/harness/exchange.ts'
import { eventually, NOBODY, refused } from '../../../../../tests/harness/guards.ts'
import { at, copiedLog, deliverLog, logChannel, sealLog, streamOf } from '../../../../../tests/harness/logged.ts'
import { clientOf } from '../../../../../tests/harness/platform.ts'

describe('the provider asks how far its log was committed', () => {
  const prepared = useChannel()
  let channel: Channel
  let works: Awaited<ReturnType<typeof streamOf>>
  let segment: SealedSegment
  const logging = () => ({ platform: prepared.platform, ground: prepared.ground, dataset: prepared.dataset })
  beforeAll(async () => {
    channel = await copiedLog(logging(), await logChannel(logging()))
    works = await streamOf(logging(), channel.id)
  })
  const ask = (
    after: number,
    over: { id?: string; generation?: number; ending?: '0' | '1'; waitSeconds?: number } = {},
  ) => ({
    params: { id: over.id ?? works.capture.input.stream },
    query: {
      generation: String(over.generation ?? 1),
      after: String(after),
      ending: over.ending ?? '0',
      waitSeconds: String(over.waitSeconds ?? 0),
    },
  })
  const asked = (...given: Parameters<typeof ask>) => prepared.ground.provider.call(followStream, ask(...given))

  test('the stream begins where the copy ends, with the slot that was made for it', () => {
    expect(works.capture.input).toMatchObject({ generation: 1, from: { since: at(16).since }, approved: [] })
    expect(works.capture.input.slot.slot).toBe('huitong_test_1')
    expect(works.apply.input).toMatchObject({ payload: 'changes', log: { rebase: null } })
  })

  test('200: nothing yet; then the segment that was acknowledged, as soon as it is; position and changes on the channel', async () => {
    expect(await asked(0)).toEqual({ generation: 1, applied: 0, end: false })
    const waiting = asked(0, { waitSeconds: 20 })
    segment = await sealLog(works.capture.input, logging(), [['U', '1', 'b', '33']], { from: at(16), to: at(32) })
    await deliverLog(logging(), channel.id, segment)
    expect(await waiting).toEqual({ generation: 1, applied: 1, end: false })
    expect(await asked(1)).toEqual({ generation: 1, applied: 1, end: false })
  })

  test('asked about another generation it names the one in force', async () => {
    expect(await asked(0, { generation: 9 })).toMatchObject({ generation: 1 })
  })

  test('404: the consumer, nobody; 401 without a key', async () => {
    await refused(prepared.ground.consumer.call(followStream, ask(0)), 'object.not_found')
    await refused(asked(0, { id: NOBODY }), 'object.not_found')
    await refused(clientOf(prepared.platform.server).call(followStream, ask(0)), 'signature.invalid')
  })

  test('a reader that was restarted begins a generation from what was committed, in pieces that may be applied already', async () => {
    const place = { from: at(32), to: at(48), previous: segment.signed }
    await prepared.ground.provider.upload(await sealLog(works.capture.input, logging(), [['U', '1', 'c', '34']], place))
    expect(works.capture.input.cuts).toEqual([])
    await prepared.ground.provider.fail(works.capture, 'snapshot.lost')
    const again = await prepared.ground.provider.work('capture', works.capture.input.stream)
    expect(again.input).toMatchObject({ generation: 2, from: { since: at(32).since }, cuts: [at(48).since] })
    expect(await asked(0)).toMatchObject({ generation: 2 })
    // One that sent nothing hands on what the one before it was told.
    await prepared.ground.provider.fail(again, 'snapshot.lost')
    const third = await prepared.ground.provider.work('capture', works.capture.input.stream)
    expect(third.input).toMatchObject({ generation: 3, from: { since: at(32).since }, cuts: [at(48).since] })
    works = { ...works, capture: third as typeof works.capture }
    const read = async () => (await prepared.platform.as('centre')).call(readChannel, { params: { id: channel.id } })
    expect(await eventually(read, ({ log }) => log!.position === at(32).since)).toMatchObject({ state: 'following' })
  })

  test('ended without an exact position behind the receiving table it goes on from there; ended before it, it fails', async () => {
    const end = { rows: '0', segments: 1, finalDigest: null, at: at(32), snapshot: null }
    await prepared.ground.provider.finish(works.capture, end)
    const done = { generation: 3, sequence: 1, rows: '1', cursor: at(48) }
    await prepared.ground.consumer.finish(works.apply, done)
    const next = await streamOf(logging(), channel.id)
    expect(next.capture.input).toMatchObject({ generation: 1, from: { since: at(48).since }, cuts: [] })
    await prepared.ground.provider.finish(next.capture, { ...end, at: at(64) })
    await prepared.ground.consumer.finish(next.apply, { ...done, generation: 1 })
    expect(await channelIn(prepared.platform, channel.id, 'failed')).toMatchObject({
      problem: { code: 'segment.content' },
    })
  })
})
