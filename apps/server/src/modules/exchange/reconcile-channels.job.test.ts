import { planReconciliation, readChannel } from '@huitong/contract/exchange'
import { readGrant, revokeGrant } from '@huitong/contract/catalogue'
import type { ReconcileInput, ReconcileResult } from '@huitong/contract/work'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { anotherChannel, runWhole, useChannel, type Channel } from '../../../../../tests/harness/exchange.ts'
import { eventually } from '../../../../../tests/harness/guards.ts'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { reconcileChannelsJob } from './reconcile-channels.job.ts'

describe('comparisons that begin by themselves', () => {
  const prepared = useChannel()
  const { platform } = prepared
  const read = async (id: string) => (await platform.as('centre')).call(readChannel, { params: { id } })
  const plan = async (id: string, body: { afterCopy: boolean; everyHours: number | null }) =>
    (await platform.as('centre')).call(
      planReconciliation,
      { params: { id }, body },
      { match: (await read(id)).version },
    )
  const turn = () =>
    reconcileChannelsJob.run(platform.server.services, { signal: new AbortController().signal } as never)
  const begun = async (id: string) => (await read(id)).reconciliations.length
  /** Both ends answer, alike. */
  const answer = async (id: string, rows: string) => {
    const { provider, consumer } = prepared.ground
    for (const node of [provider, consumer]) {
      const work = await node.work('reconcile', id)
      const { buckets } = work.input as ReconcileInput
      expect(buckets).toBeGreaterThanOrEqual(16)
      const result: ReconcileResult = {
        rows,
        buckets: [{ bucket: 1, rows, sum: '7' }],
        rowDigests: [],
        at: new Date().toISOString(),
      }
      await node.finish(work, result)
    }
  }
  const equal = (channel: Pick<Channel, 'id'>) =>
    eventually(
      () => read(channel.id),
      ({ reconciliations }) => reconciliations[0]?.state === 'equal',
    )
  const age = (id: string, hours: number) =>
    platform.server.services.db.write(SYSTEM_ROWS, (db) =>
      db.run(
        sql`update reconciliation set started_at = started_at - make_interval(hours => ${hours}::int) where channel_id = ${id}`,
      ),
    )

  test('after each full copy once, and not before the copy is whole', async () => {
    const { channel } = prepared
    await plan(channel.id, { afterCopy: true, everyHours: null })
    await turn()
    expect(await begun(channel.id)).toBe(0)
    for (const copies of [1, 2]) {
      await runWhole(prepared, channel, [['1', 'a', '33']])
      const { reconciliations } = await eventually(
        async () => (await turn(), read(channel.id)),
        (one) => one.reconciliations.length === copies,
      )
      await turn()
      await answer(reconciliations[0]!.id, '1')
      await equal(channel)
      await turn()
      expect(await begun(channel.id)).toBe(copies)
    }
  })

  test('every so many hours since the last one, whoever began it', async () => {
    const channel = await anotherChannel(prepared)
    await runWhole(prepared, channel, [['1', 'a', '33']])
    await turn()
    expect(await begun(channel.id)).toBe(0)
    await plan(channel.id, { afterCopy: false, everyHours: 6 })
    const first = await eventually(
      async () => (await turn(), read(channel.id)),
      (one) => one.reconciliations.length === 1,
    )
    await answer(first.reconciliations[0]!.id, '1')
    await equal(channel)
    await age(channel.id, 5)
    await turn()
    expect(await begun(channel.id)).toBe(1)
    await age(channel.id, 1)
    await eventually(
      async () => (await turn(), begun(channel.id)),
      (count) => count === 2,
    )
  })

  test('when the grant has ended the plan ends, and is not tried for ever', async () => {
    const channel = await anotherChannel(prepared)
    await runWhole(prepared, channel, [['1', 'a', '33']])
    const head = await platform.as('civil-head')
    const { version } = await head.call(readGrant, { params: { id: channel.grantId } })
    await head.call(revokeGrant, { params: { id: channel.grantId }, body: { reason: '演练' } }, { match: version })
    await plan(channel.id, { afterCopy: true, everyHours: 1 })
    const ended = await eventually(
      async () => (await turn(), read(channel.id)),
      ({ reconcilePlan }) => !reconcilePlan.afterCopy,
    )
    expect(ended).toMatchObject({ reconcilePlan: { afterCopy: false, everyHours: null }, reconciliations: [] })
  })
})
