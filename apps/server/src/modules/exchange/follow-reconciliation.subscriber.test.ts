import { revokeGrant } from '@huitong/contract/catalogue'
import { readReconciliation, startReconciliation } from '@huitong/contract/exchange'
import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { deliverAll } from '../../../../../tests/harness/deliver.ts'
import { runWhole, useChannel } from '../../../../../tests/harness/exchange.ts'
import { eventually } from '../../../../../tests/harness/guards.ts'
import { followReconciliation } from './follow-reconciliation.subscriber.ts'

describe('a comparison is handed to the nodes', () => {
  const prepared = useChannel()
  const { platform } = prepared
  beforeAll(() => runWhole(prepared, prepared.channel, [['1', 'a', '33']]))
  const works = (id: string) =>
    platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.many<{ state: string }>(sql`select state from node_work where subject_id = ${id} order by created_at`),
    )
  const start = async () =>
    (await platform.as('works-officer')).call(startReconciliation, { params: { id: prepared.channel.id } })

  test('both ends get one piece of work, as an audited act of the platform itself', async () => {
    const { id } = await start()
    await eventually(
      () => works(id),
      (rows) => rows.length === 2,
    )
    const { n } = await platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.one<{ n: number }>(sql`select count(*)::int as n from audit
        where action = 'event.reconciliation_work' and object_id = ${id} and actor_kind = 'system'`),
    )
    expect(n).toBe(1)
  })

  test('replay: the same fact again hands out nothing more', async () => {
    const [{ id } = { id: '' }] = await platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.many<{ id: string }>(sql`select id from reconciliation`),
    )
    await platform.server.services.db.tick((db) =>
      db.run(sql`update event_cursor set xid = '0', id = 0 where subscriber = ${followReconciliation.name}`),
    )
    await deliverAll(platform, followReconciliation)
    expect(await works(id)).toHaveLength(2)
  })

  test('a grant that ended before the nodes were asked ends the comparison, and blocks no later fact', async () => {
    const { provider, consumer } = prepared.ground
    const at = new Date().toISOString()
    const result = { rows: '1', buckets: [{ bucket: 1, rows: '1', sum: '1' }], rowDigests: [], at }
    await provider.finish(await provider.work('reconcile'), result)
    await consumer.finish(await consumer.work('reconcile'), result)
    const started = await eventually(
      () => start().catch(() => null),
      (one) => one !== null,
    )
    const params = { id: prepared.request.grantId! }
    await (await platform.as('authority')).call(revokeGrant, { params, body: { reason: '违规使用' } }, { match: 1 })
    const officer = await platform.as('works-officer')
    const read = () => officer.call(readReconciliation, { params: { id: started!.id } })
    expect(await eventually(read, (one) => one.state !== 'running')).toMatchObject({ state: 'failed' })
    const { stuck } = await platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.one<{ stuck: number }>(sql`select count(*)::int as stuck from event_cursor where failures > 0`),
    )
    expect(stuck).toBe(0)
  })
})
