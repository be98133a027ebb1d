import { listObligations } from '@huitong/contract/catalogue'
import { readChannel } from '@huitong/contract/exchange'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import {
  acknowledge,
  anotherChannel,
  channelIn,
  receiptFor,
  runWhole,
  seal,
  startRun,
  useChannel,
  verified,
  type Channel,
  type Run,
} from '../../../../../tests/harness/exchange.ts'
import { eventually, refused } from '../../../../../tests/harness/guards.ts'

describe('a run follows what its nodes report', () => {
  const prepared = useChannel()
  const { platform } = prepared
  const provider = () => prepared.ground.provider
  const consumer = () => prepared.ground.consumer
  const digest = 'a'.repeat(64)

  test('completed: the duty to provide is fulfilled', async () => {
    const open = async () =>
      (await (await platform.as('civil-officer')).call(listObligations, { query: { state: 'open' } })).items.filter(
        (one) => one.rule === 'D5',
      )
    expect(await open()).toHaveLength(1)
    await runWhole(prepared, prepared.channel, [
      ['1', 'a', '33'],
      ['2', 'b', '33'],
    ])
    await eventually(open, (list) => list.length === 0)
  })

  test('zero rows are a success only where the source says zero', async () => {
    const channel = await anotherChannel(prepared)
    await runWhole(prepared, channel, [])
    expect(await channelIn(platform, channel.id, 'completed')).toMatchObject({
      progress: { rowsApplied: '0', rowsReceived: '0' },
    })
  })

  const failing = async (channel: Channel, run: Run, result: { read?: unknown; apply?: unknown }) => {
    const segment = await seal(run.read.input, provider().signing, [['1', 'a', '33']])
    await provider().upload(segment)
    await verified(platform, channel.id, 1)
    await acknowledge(consumer(), receiptFor(segment, consumer().signing))
    await provider().finish(run.read, result.read ?? { rows: '1', segments: 1, finalDigest: digest })
    await consumer()
      .finish(run.apply, result.apply ?? { generation: 1, sequence: 1, rows: '1' })
      .catch(() => undefined)
    return channelIn(platform, channel.id, 'failed')
  }

  test('failed: source, received and applied rows that are not all equal, each of them', async () => {
    for (const result of [
      { read: { rows: '2', segments: 1, finalDigest: digest } },
      { apply: { generation: 1, sequence: 1, rows: '0' } },
      { apply: { generation: 1, sequence: 1, rows: '2' } },
    ]) {
      const channel = await anotherChannel(prepared)
      const { problem } = await failing(channel, await startRun(platform, prepared.ground, channel), result)
      expect(problem).toMatchObject({
        code: 'segment.content',
        message: { zh: expect.stringContaining('行数不一致：源') },
      })
    }
  })

  test('a malformed result fails its own run and nothing else', async () => {
    for (const read of [{ rows: 'many', segments: 1, finalDigest: digest }, { rows: 1 }, null, 'x']) {
      const channel = await anotherChannel(prepared)
      const run = await startRun(platform, prepared.ground, channel)
      await provider().finish(run.read, read)
      expect((await channelIn(platform, channel.id, 'failed')).problem).toMatchObject({ code: 'request.invalid' })
    }
    const { stuck } = await platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.one<{ stuck: number }>(sql`select count(*)::int as stuck from event_cursor where failures > 0`),
    )
    expect(stuck).toBe(0)
  })

  test('a node that fails ends the run with its own words, and the other end is told to drop it', async () => {
    const channel = await anotherChannel(prepared)
    const run = await startRun(platform, prepared.ground, channel)
    await consumer().fail(run.apply, 'source.unreachable')
    expect((await channelIn(platform, channel.id, 'failed')).problem).toMatchObject({
      code: 'source.unreachable',
      message: { zh: '失败' },
    })
    expect((await provider().poll({ running: [run.read.id] })).revoked).toEqual([run.read.id])
  })

  test('a table that changed under the job fails the run, and says so', async () => {
    const channel = await anotherChannel(prepared)
    const run = await startRun(platform, prepared.ground, channel)
    await provider().fail(run.read, 'source.changed')
    expect((await channelIn(platform, channel.id, 'failed')).problem).toMatchObject({ code: 'source.changed' })
  })

  test('a lost snapshot begins generation 2; what was sealed of the first is refused; the consumer goes on', async () => {
    const channel = await anotherChannel(prepared)
    const run = await startRun(platform, prepared.ground, channel)
    const half = await seal(run.read.input, provider().signing, [['1', 'a', '33']], { final: false })
    await provider().upload(half)
    await verified(platform, channel.id, 1)
    await provider().fail(run.read, 'snapshot.lost')
    const again = await provider().work('read', channel.id)
    const input = again.input as Run['read']['input']
    expect(input.generation).toBe(2)
    const late = await seal(run.read.input, provider().signing, [['2', 'b', '33']], { previous: half.signed })
    await refused(provider().announce(late), 'node.fenced')
    expect((await consumer().poll({ running: [run.apply.id] })).revoked).toEqual([])
    const whole = await seal(input, provider().signing, [
      ['1', 'a', '33'],
      ['2', 'b', '33'],
    ])
    await provider().upload(whole)
    const centre = await platform.as('centre')
    await eventually(
      () => centre.call(readChannel, { params: { id: channel.id } }),
      (one) => one.progress.generation === 2 && one.progress.segmentsVerified === 1,
    )
    await acknowledge(consumer(), receiptFor(whole, consumer().signing))
    await provider().finish(again, { rows: '2', segments: 1, finalDigest: whole.signed.manifest.sealedDigest })
    await consumer().finish(run.apply, { generation: 2, sequence: 1, rows: '2' })
    expect(await channelIn(platform, channel.id, 'completed')).toMatchObject({
      progress: { generation: 2, rowsReceived: '2' },
    })
  })

  test.each(['before', 'after'] as const)(
    'a snapshot that is lost when the consumer has ended already (told %s the loss): the next generation is applied too',
    async (order) => {
      const channel = await anotherChannel(prepared)
      const run = await startRun(platform, prepared.ground, channel)
      const rows = [['1', 'a', '33']]
      const first = await seal(run.read.input, provider().signing, rows)
      await provider().upload(first)
      await verified(platform, channel.id, 1)
      await acknowledge(consumer(), receiptFor(first, consumer().signing))
      const ended = () => consumer().finish(run.apply, { generation: 1, sequence: 1, rows: '1' })
      if (order === 'before') await ended()
      await provider().fail(run.read, 'snapshot.lost')
      const again = await provider().work('read', channel.id)
      const input = again.input as Run['read']['input']
      expect(input.generation).toBe(2)
      if (order === 'after') await ended()
      const whole = await seal(input, provider().signing, rows)
      await provider().upload(whole)
      await provider().finish(again, { rows: '1', segments: 1, finalDigest: whole.signed.manifest.sealedDigest })
      const apply = await consumer().work('apply', channel.id)
      expect(apply.id).not.toBe(run.apply.id)
      const centre = await platform.as('centre')
      const now = await eventually(
        () => centre.call(readChannel, { params: { id: channel.id } }),
        (one) => one.progress.generation === 2 && one.progress.segmentsVerified === 1,
      )
      expect(now.state).toBe('running')
      await acknowledge(consumer(), receiptFor(whole, consumer().signing))
      await consumer().finish(apply, { generation: 2, sequence: 1, rows: '1' })
      expect(await channelIn(platform, channel.id, 'completed')).toMatchObject({ progress: { generation: 2 } })
    },
  )

  test('a completed channel runs again as a new generation', async () => {
    await runWhole(prepared, prepared.channel, [['1', 'a', '33']])
    expect(await channelIn(platform, prepared.channel.id, 'completed')).toMatchObject({
      progress: { generation: 2, rowsApplied: '1' },
    })
  })
})
