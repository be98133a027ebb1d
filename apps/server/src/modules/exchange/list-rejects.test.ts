import { addDays, shanghaiDate } from '@huitong/codes'
import { issueStatement, listRejects, readChannel } from '@huitong/contract/exchange'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { useEngine } from '../../../../../tests/harness/engine.ts'
import {
  acknowledge,
  channelIn,
  receiptFor,
  seal,
  startRun,
  useChannel,
  type Channel,
} from '../../../../../tests/harness/exchange.ts'
import { eventually, guards, NOBODY, refused } from '../../../../../tests/harness/guards.ts'
import { REJECTED_CONTENT, sealRejects } from '../../../../../tests/harness/rejects.ts'
import { SYSTEM_ROWS } from '../../kernel/db.ts'

describe('records that were set aside', () => {
  const prepared = useChannel()
  useEngine(prepared.platform)
  const list = async (account: 'civil-officer' | 'works-officer' | 'centre', query = {}, id = prepared.channel.id) =>
    (await prepared.platform.as(account)).call(listRejects, { params: { id }, query })
  guards(prepared.platform, listRejects, {
    input: () => ({ params: { id: prepared.channel.id } }),
    denied: ['sysadmin'],
    allowed: 'civil-officer',
  })

  /** A copy of one good row, with three that were set aside. */
  const copied = async (channel: Channel): Promise<Channel> => {
    const { ground } = prepared
    const run = await startRun(prepared.platform, ground, channel)
    const segment = await seal(run.read.input, ground.provider.signing, [['1', 'a', '33']])
    await ground.provider.upload(segment)
    await eventually(
      async () => (await prepared.platform.as('centre')).call(readChannel, { params: { id: channel.id } }),
      (one) => one.progress.segmentsVerified === 1,
    )
    await acknowledge(ground.consumer, receiptFor(segment, ground.consumer.signing))
    const { generation } = run.read.input
    await ground.provider.finish(run.read, {
      rows: '1',
      segments: 1,
      finalDigest: segment.signed.manifest.sealedDigest,
      rejected: await sealRejects(prepared.platform, channel.id, generation),
    })
    await ground.consumer.finish(run.apply, { generation, sequence: 1, rows: '1' })
    return channelIn(prepared.platform, channel.id, 'completed')
  }

  test('the run is incomplete and says so; the statement counts 源 = 发 + 拒收; its own people alone see the records, audited', async () => {
    expect(await list('civil-officer')).toMatchObject({ items: [], rows: '0', next: null })
    const done = await copied(prepared.channel)
    expect(done).toMatchObject({ rejected: '3', problem: { code: 'records.rejected' } })
    const first = await list('civil-officer', { limit: '2' })
    expect(first).toMatchObject({ rawShown: true, rows: '3' })
    expect(first.items.map(({ line, column, raw }) => [line, column, raw])).toEqual([
      [3, '数量', `3,${REJECTED_CONTENT}`],
      [7, '数量', `7,${REJECTED_CONTENT}`],
    ])
    const rest = await list('civil-officer', { limit: '2', after: first.next! })
    expect([rest.items.map(({ line }) => line), rest.next]).toEqual([[9], null])
    for (const other of ['works-officer', 'centre'] as const) {
      const seen = await list(other)
      expect(seen.items).toHaveLength(3)
      expect(seen.items[0]).toMatchObject({ file: '名册.csv', line: 3, raw: null, reason: { zh: '不是整数' } })
      expect(JSON.stringify(seen)).not.toContain(REJECTED_CONTENT)
    }
    await refused(list('civil-officer', { after: 'x' }), 'request.invalid')
    await refused(list('civil-officer', {}, NOBODY), 'object.not_found')

    const db = prepared.platform.server.services.db
    const { kept } = await db.read(SYSTEM_ROWS, (tx) =>
      tx.one<{ kept: string }>(sql`select string_agg(b::text, '') as kept from reject_box b`),
    )
    const audited = await db.read(SYSTEM_ROWS, (tx) =>
      tx.many<{ content: string }>(sql`select content from audit where object_id = ${prepared.channel.id}`),
    )
    for (const text of [kept, ...audited.map(({ content }) => content)]) expect(text).not.toContain('张三')
    // Two pages of records, and how many the run has left out, with a digest of them.
    expect(audited.filter(({ content }) => content.includes('"values":true'))).toHaveLength(2)
    expect(audited.filter(({ content }) => /"rejected":"3".*"rejects":"[0-9a-f]{64}"/.test(content))).toHaveLength(1)

    const today = shanghaiDate(new Date())
    const works = await prepared.platform.as('works-officer')
    const body = { from: addDays(today, -1), to: today }
    const { content } = await works.call(issueStatement, { params: { id: prepared.channel.id }, body })
    expect(content).toMatchObject({
      state: 'balanced',
      totals: { rows: { source: '4', rejected: '3', sealed: '1', received: '1', applied: '1' } },
      runs: [{ state: 'balanced', rows: { source: '4', rejected: '3', sealed: '1' } }],
    })
  })

  test('a node that keeps fewer than it says fails the run', async () => {
    const { ground, platform } = prepared
    const channel = await channelIn(platform, prepared.channel.id, 'completed')
    const { read } = await startRun(platform, ground, channel)
    const rejected = { ...(await sealRejects(platform, channel.id, read.input.generation)), rows: '4' }
    await ground.provider.finish(read, { rows: '0', segments: 1, finalDigest: 'a'.repeat(64), rejected })
    expect((await channelIn(platform, channel.id, 'failed')).problem).toMatchObject({ code: 'request.invalid' })
  })

  test('boxes of another run, which do not open as those of this one, fail it', async () => {
    const { ground, platform } = prepared
    const channel = await channelIn(platform, prepared.channel.id, 'failed')
    const { read } = await startRun(platform, ground, channel)
    const rejected = await sealRejects(platform, channel.id, read.input.generation + 1)
    await ground.provider.finish(read, { rows: '0', segments: 1, finalDigest: 'a'.repeat(64), rejected })
    expect((await channelIn(platform, channel.id, 'failed')).problem).toMatchObject({ code: 'request.invalid' })
    expect((await list('civil-officer')).items).toEqual([])
  })
})
