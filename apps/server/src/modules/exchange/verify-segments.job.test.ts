import { listSegments, pullSegments } from '@huitong/contract/exchange'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import {
  anotherChannel,
  channelIn,
  seal,
  startRun,
  useChannel,
  verified,
} from '../../../../../tests/harness/exchange.ts'
import { eventually } from '../../../../../tests/harness/guards.ts'
import { objectKey } from '../engine/index.ts'

describe('segments are verified on arrival', () => {
  const prepared = useChannel()
  const { platform } = prepared
  const provider = () => prepared.ground.provider
  const stateOf = (digest: string) =>
    platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.one<{ state: string; problem: { faults: string[] } | null }>(
        sql`select state, problem from segment where digest = ${digest}`,
      ),
    )

  test('good ones pass, however odd their text, and nothing of their plain text stays on disk', async () => {
    const channel = await anotherChannel(prepared)
    const run = await startRun(platform, prepared.ground, channel)
    const rows = [
      ['1', null, ''],
      ['2', '引号" 逗号, 换行\n 回车\r 𠮷 \\N', '33'],
      ['3', ' ', 'NULL'],
    ]
    const first = await seal(run.read.input, provider().signing, rows, { final: false })
    const empty = await seal(run.read.input, provider().signing, [], { previous: first.signed })
    await provider().upload(first)
    await provider().upload(empty)
    await verified(platform, channel.id, 2)
    expect(readdirSync(join(platform.dataDir, 'engine'))).toEqual([])
    const { items } = await (await platform.as('civil-officer')).call(listSegments, { params: { id: channel.id } })
    expect(items.map((one) => [one.sequence, one.state, one.rows, one.final])).toEqual([
      [2, 'verified', '0', true],
      [1, 'verified', '3', false],
    ])
    const facts = await platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.many<{ payload: object }>(
        sql`select payload from event where type = 'segment.verified' and payload->>'channelId' = ${channel.id} order by id`,
      ),
    )
    const fact = { streamId: channel.id, generation: 1, channelId: channel.id, datasetId: channel.datasetId }
    expect(facts.map((one) => one.payload)).toEqual([
      { ...fact, sequence: 1 },
      { ...fact, sequence: 2 },
    ])
  })

  test('a segment whose lines have other columns than it says is rejected, named, and ends the run at both ends', async () => {
    const channel = await anotherChannel(prepared)
    const run = await startRun(platform, prepared.ground, channel)
    const secret = '330106199001011234'
    const segment = await seal(run.read.input, provider().signing, [['x', 'y', 'z']], {
      plain: Buffer.from(`1,"${secret}"\n`),
    })
    await provider().upload(segment)
    const failed = await channelIn(platform, channel.id, 'failed')
    expect(failed.problem).toMatchObject({
      code: 'segment.content',
      message: { zh: expect.stringContaining('批次 1') },
    })
    expect(JSON.stringify(failed)).not.toContain(secret)
    expect(await stateOf(segment.signed.manifest.sealedDigest)).toMatchObject({
      state: 'rejected',
      problem: { faults: [expect.stringContaining('column_count')] },
    })
    expect((await provider().poll({ running: [run.read.id] })).revoked).toEqual([run.read.id])
    expect((await prepared.ground.consumer.poll({ running: [run.apply.id] })).revoked).toEqual([run.apply.id])
  })

  test('a rejected segment never reaches the consumer, nor anything after it', async () => {
    const channel = await anotherChannel(prepared)
    const run = await startRun(platform, prepared.ground, channel)
    const good = await seal(run.read.input, provider().signing, [['1', 'a', '33']], { final: false })
    const bad = await seal(run.read.input, provider().signing, [['x', 'y', 'z']], {
      previous: good.signed,
      final: false,
      plain: Buffer.from('1\n'),
    })
    const after = await seal(run.read.input, provider().signing, [['2', 'b', '33']], { previous: bad.signed })
    for (const one of [good, bad, after]) await provider().upload(one)
    await channelIn(platform, channel.id, 'failed')
    await eventually(
      () => stateOf(after.signed.manifest.sealedDigest),
      (one) => one.state === 'verified',
    )
    const query = { generation: '1', after: '0' }
    const { segments } = await prepared.ground.consumer.call(pullSegments, { params: { id: channel.id }, query })
    expect(segments.map((one) => one.sequence)).toEqual([1])
  })

  test('a segment that is not sealed to the platform is rejected', async () => {
    const channel = await anotherChannel(prepared)
    const run = await startRun(platform, prepared.ground, channel)
    const toConsumer = { ...run.read.input, recipients: run.read.input.recipients.slice(1) }
    const segment = await seal(toConsumer, provider().signing, [['1', 'a', '33']])
    await provider().upload(segment)
    await channelIn(platform, channel.id, 'failed')
    expect(await stateOf(segment.signed.manifest.sealedDigest)).toMatchObject({
      problem: { faults: ['not_a_recipient'] },
    })
  })

  test('a segment that the store lost is rejected and does not hold up the others', async () => {
    const [lost, other] = [await anotherChannel(prepared), await anotherChannel(prepared)]
    const { services } = platform.server
    const run = await startRun(platform, prepared.ground, lost)
    const segment = await seal(run.read.input, provider().signing, [['1', 'a', '33']])
    const { sealedDigest } = segment.signed.manifest
    const { get } = services.objects
    services.objects.get = async (key, range) => {
      if (key === objectKey(sealedDigest)) await services.objects.delete(key)
      return get.call(services.objects, key, range)
    }
    await provider().upload(segment)
    await channelIn(platform, lost.id, 'failed')
    services.objects.get = get
    expect(await stateOf(sealedDigest)).toMatchObject({ state: 'rejected', problem: { faults: ['storage.absent'] } })
    const good = await startRun(platform, prepared.ground, other)
    await provider().upload(await seal(good.read.input, provider().signing, [['1', 'a', '33']]))
    await verified(platform, other.id, 1)
  })

  test('each verdict is an audited act of the platform', async () => {
    const { n } = await platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.one<{ n: number }>(sql`select count(*)::int as n from audit a join segment s on s.digest = a.object_id
        where a.action = 'job.verify_segment' and s.state in ('verified', 'rejected')`),
    )
    expect(n).toBeGreaterThanOrEqual(8)
  })
})
