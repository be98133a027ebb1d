import { revokeGrant } from '@huitong/contract/catalogue'
import { acceptRepair, readChannel, readReconciliation, startReconciliation } from '@huitong/contract/exchange'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { deliverAll } from '../../../../../tests/harness/deliver.ts'
import { decide, readAs } from '../../../../../tests/harness/catalogue.ts'
import {
  channelIn,
  grantTo,
  readyChannel,
  runWhole,
  startRun,
  useChannel,
} from '../../../../../tests/harness/exchange.ts'
import { eventually } from '../../../../../tests/harness/guards.ts'
import { createChannel } from '@huitong/contract/exchange'
import { followRequest } from './follow-request.subscriber.ts'

describe('a channel follows its request and its grant', () => {
  const prepared = useChannel()
  const { platform } = prepared
  const revoke = async (grantId: string) =>
    (await platform.as('authority')).call(
      revokeGrant,
      { params: { id: grantId }, body: { reason: '违规使用' } },
      { match: 1 },
    )

  test('the applicant’s confirmation makes it ready, and ends the request', async () => {
    expect(prepared.channel.state).toBe('ready')
    expect(await readAs(platform, 'works-officer', prepared.request.id)).toMatchObject({ state: 'done', step: null })
  })

  test('a channel that is configured after the request was done is ready at once', async () => {
    const body = {
      grantId: prepared.request.grantId!,
      targetSourceId: prepared.ground.targetId,
      targetTable: 'second_table',
    }
    expect(await (await platform.as('centre')).call(createChannel, { body })).toMatchObject({ state: 'ready' })
  })

  test('replay: the same fact again changes nothing', async () => {
    const before = await (await platform.as('centre')).call(readChannel, { params: { id: prepared.channel.id } })
    await platform.server.services.db.tick((db) =>
      db.run(sql`update event_cursor set xid = '0', id = 0 where subscriber = ${followRequest.name}`),
    )
    await deliverAll(platform, followRequest)
    expect(await (await platform.as('centre')).call(readChannel, { params: { id: prepared.channel.id } })).toEqual(
      before,
    )
  })

  test('a revoked grant stops every run under it, and the nodes drop their work', async () => {
    const request = await grantTo(platform, prepared.dataset)
    const channel = await readyChannel(platform, prepared.ground, request)
    const body = { grantId: request.grantId!, targetSourceId: prepared.ground.targetId, targetTable: 'third_table' }
    const second = await (await platform.as('centre')).call(createChannel, { body })
    const runs = [await startRun(platform, prepared.ground, channel), await startRun(platform, prepared.ground, second)]
    await revoke(request.grantId!)
    for (const one of [channel, second]) await channelIn(platform, one.id, 'stopped')
    const held = runs.map((one) => one.read.id)
    expect((await prepared.ground.provider.poll({ running: held })).revoked.sort()).toEqual([...held].sort())
    const { open } = await platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.one<{ open: number }>(
        sql`select count(*)::int as open from node_work where state in ('queued', 'leased') and subject_id in (${channel.id}, ${second.id})`,
      ),
    )
    expect(open).toBe(0)
  })

  test('a revoked grant ends a reconciliation and a repair that run under it', async () => {
    const request = await grantTo(platform, prepared.dataset)
    const channel = await readyChannel(platform, prepared.ground, request)
    await runWhole(prepared, channel, [['1', 'a', '33']])
    const centre = await platform.as('centre')
    const params = { id: channel.id }
    const started = await centre.call(startReconciliation, { params })
    const result = (digest: string) => ({
      rows: '1',
      buckets: [{ bucket: 0, rows: '1', sum: digest }],
      rowDigests: [],
      at: new Date().toISOString(),
    })
    const drilled = (digest: string) => ({
      rows: '1',
      buckets: [],
      rowDigests: [{ key: ['1'], digest }],
      at: new Date().toISOString(),
    })
    const { provider, consumer } = prepared.ground
    await provider.finish(await provider.work('reconcile', started.id), result('7'))
    await consumer.finish(await consumer.work('reconcile', started.id), result('8'))
    await provider.finish(await provider.work('reconcile', started.id), drilled('7'))
    await consumer.finish(await consumer.work('reconcile', started.id), drilled('8'))
    const officer = await platform.as('works-officer')
    const read = () => officer.call(readReconciliation, { params: { id: started.id } })
    const { version } = await eventually(read, (one) => one.state === 'different')
    await officer.call(acceptRepair, { params: { id: started.id }, body: { decision: 'accept' } }, { match: version })
    const repairing = await provider.work('read', started.id)
    await revoke(request.grantId!)
    expect(await eventually(read, (one) => one.state !== 'repairing')).toMatchObject({
      state: 'different',
      repair: { state: 'failed' },
      problem: { zh: '授权已撤销' },
    })
    expect((await provider.poll({ running: [repairing.id] })).revoked).toEqual([repairing.id])
  })

  test('a configured channel waits for the applicant’s confirmation', async () => {
    const request = await grantTo(platform, prepared.dataset)
    const body = { grantId: request.grantId!, targetSourceId: prepared.ground.targetId, targetTable: 'waiting_table' }
    const channel = await (await platform.as('centre')).call(createChannel, { body })
    expect(channel.state).toBe('configured')
    await eventually(
      () => readAs(platform, 'works-officer', request.id),
      (one) => one.step === 'applicant_confirm',
    )
    await decide(platform, request.id, 'applicant_confirm')
    await channelIn(platform, channel.id, 'ready')
  })
})
