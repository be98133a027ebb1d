import { planReconciliation, readChannel, readReconciliation, startReconciliation } from '@huitong/contract/exchange'
import { describe, expect, test } from 'vitest'
import { run } from '../../apps/agent/src/testing/exchange.ts'
import { eventually } from '../harness/guards.ts'
import { ledgerChannel, useLogWorld } from '../faults/exchange/log-world.ts'

describe('a channel that is compared on schedule', () => {
  const world = useLogWorld()

  test('only the rows that differ travel: changed, new and gone, without update time and without log', async () => {
    const ledgered = await ledgerChannel(world, { mode: 'diff' })
    const { id, ledger, table, received, until } = ledgered
    await ledgered.start()
    const copied = await until(({ state }) => state === 'completed')
    expect(copied).toMatchObject({ mode: 'diff', reconcilePlan: { everyHours: 24 } })
    await ledgered.settle()
    // The first comparison is due by itself, and finds nothing.
    const centre = await world.platform.as('centre')
    const params = { id }
    await centre.call(
      planReconciliation,
      { params, body: { afterCopy: false, everyHours: 6 } },
      { match: copied.version },
    )
    const first = await until(({ reconciliations: [last] }) => last?.state === 'equal')
    expect(first.reconciliations).toHaveLength(1)

    await ledger.query(`UPDATE public."${table}" SET balance = balance + 1 WHERE account IN (3, 4)`)
    await ledger.query(`UPDATE public."${table}" SET account = 900 WHERE account = 5`)
    await ledger.query(`DELETE FROM public."${table}" WHERE account = 6`)
    // Nor does what somebody did at the receiving end stay.
    await run(world.target.url, `DELETE FROM public."${received}" WHERE account = 7`)
    await centre.call(startReconciliation, { params })
    const sent = await until(({ reconciliations: [last] }) => last?.state === 'repaired')
    expect(sent.state).toBe('completed')
    const { repair } = await centre.call(readReconciliation, { params: { id: sent.reconciliations[0]!.id } })
    expect(repair).toEqual({ state: 'done', upserts: 4, deletes: 2 })
    await ledgered.settle(2_000)

    // A comparison that fails is said on the task.
    await ledger.query(`ALTER TABLE public."${table}" RENAME TO gone`)
    await centre.call(startReconciliation, { params: { id } })
    const failed = await eventually(
      () => centre.call(readChannel, { params: { id } }),
      ({ problem }) => problem !== null,
      20_000,
    )
    expect(failed).toMatchObject({ state: 'completed', problem: { code: 'source.changed' } })
  }, 60_000)
})
