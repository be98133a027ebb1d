import { readGrant, revokeGrant } from '@huitong/contract/catalogue'
import {
  acceptRepair,
  fetchSegment,
  readChannel,
  readReconciliation,
  startReconciliation,
} from '@huitong/contract/exchange'
import type { ApplyInput, ReadInput, ReconcileInput } from '@huitong/contract/work'
import { sql } from 'kysely'
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
import { eventually } from '../../../../../tests/harness/guards.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { deliverNext } from '../../kernel/subscribers.ts'
import { followReconciliation } from './follow-reconciliation.subscriber.ts'

describe('a comparison and a repair reach the nodes of both ends', () => {
  const platform = usePlatform()
  useEngine(platform)
  let ground: Ground
  let channel: Channel
  beforeAll(async () => {
    ground = await prepareGround(platform)
    const dataset = await publishMounted(platform, ground.table)
    channel = await readyChannel(platform, ground, await grantTo(platform, dataset))
    const run = await startRun(platform, ground, channel)
    const segment = await seal(run.read.input, ground.provider.signing, [['1', '甲', '33']])
    await ground.provider.upload(segment)
    const officer = await platform.as('works-officer')
    await eventually(
      () => ground.consumer.bytes(fetchSegment, { params: { digest: segment.signed.manifest.sealedDigest } }),
      (reply) => reply.status === 200,
    )
    await acknowledge(ground.consumer, receiptFor(segment, ground.consumer.signing))
    const { sealedDigest } = segment.signed.manifest
    await ground.provider.finish(run.read, { rows: '1', segments: 1, finalDigest: sealedDigest })
    await ground.consumer.finish(run.apply, { generation: 1, sequence: 1, rows: '1' })
    await eventually(
      () => officer.call(readChannel, { params: { id: channel.id } }),
      (one) => one.state === 'completed',
    )
  }, 120_000)
  const at = () => new Date().toISOString()

  test('the consumer’s own officer starts it, though he sees no table of the provider', async () => {
    const officer = await platform.as('works-officer')
    const { id } = await officer.call(startReconciliation, { params: { id: channel.id } })
    const read = () => officer.call(readReconciliation, { params: { id } })
    for (const sum of ['1', '2']) {
      const node = sum === '1' ? ground.provider : ground.consumer
      const work = await node.work('reconcile')
      expect((work.input as ReconcileInput).side).toBe(sum === '1' ? 'source' : 'target')
      await node.finish(work, { rows: '1', buckets: [{ bucket: 0, rows: '1', sum }], rowDigests: [], at: at() })
    }
    for (const digest of ['1', '2']) {
      const node = digest === '1' ? ground.provider : ground.consumer
      const work = await node.work('reconcile')
      expect((work.input as ReconcileInput).drill).toEqual([0])
      await node.finish(work, { rows: '1', buckets: [], rowDigests: [{ key: ['1'], digest }], at: at() })
    }
    const different = await eventually(read, (one) => one.state === 'different')
    const body = { decision: 'accept' } as const
    await officer.call(acceptRepair, { params: { id }, body }, { match: different.version })
    const reading = await ground.provider.work('read')
    expect(reading.input as ReadInput).toMatchObject({ stream: id, payload: 'changes', keys: [['1']] })
    const applying = await ground.consumer.work('apply')
    expect(applying.input as ApplyInput).toMatchObject({ stream: id, payload: 'changes', deleteKeys: [] })
    // Delivered again (a crash before the cursor moved), the fact hands out nothing twice.
    const { services } = platform.server
    await services.db.write(SYSTEM_ROWS, (db) =>
      db.run(
        sql`insert into event (at, type, payload) values (now(), 'reconciliation.started', ${JSON.stringify({ reconciliationId: id })})`,
      ),
    )
    const count = () =>
      services.db.read(SYSTEM_ROWS, (db) =>
        db.one<{ n: string }>(sql`select count(*) as n from node_work where subject_id = ${id}`),
      )
    const before = await count()
    while (await deliverNext(services, followReconciliation));
    expect(await count()).toEqual(before)
    await ground.provider.fail(reading, 'source.unreachable')
    await eventually(read, (one) => one.repair?.state === 'failed')
  })

  test('a grant that ended meanwhile ends the comparison with its reason, and is not tried for ever', async () => {
    const officer = await platform.as('works-officer')
    const { services } = platform.server
    const { id } = await officer.call(startReconciliation, { params: { id: channel.id } })
    const authority = await platform.as('authority')
    const grant = await authority.call(readGrant, { params: { id: channel.grantId } })
    await authority.call(
      revokeGrant,
      { params: { id: grant.id }, body: { reason: '不再需要' } },
      { match: grant.version },
    )
    await services.db.write(SYSTEM_ROWS, async (db) => {
      await db.run(sql`update reconciliation set source_work_id = null, target_work_id = null where id = ${id}`)
      await db.run(
        sql`insert into event (at, type, payload) values (now(), 'reconciliation.started', ${JSON.stringify({ reconciliationId: id })})`,
      )
    })
    const read = () => officer.call(readReconciliation, { params: { id } })
    const ended = await eventually(read, (one) => one.state !== 'running')
    expect(ended).toMatchObject({ state: 'failed', problem: { en: 'The grant has ended; it cannot go on' } })
  })
})
