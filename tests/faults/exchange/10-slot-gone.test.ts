import { readReconciliation, resumeChannel, resyncChannel } from '@huitong/contract/exchange'
import { describe, expect, it } from 'vitest'
import { run } from '../../../apps/agent/src/testing/exchange.ts'
import { refused } from '../../harness/guards.ts'
import { ledgerChannel, useLogWorld } from './log-world.ts'

describe('a slot that was dropped and made anew (10)', () => {
  const world = useLogWorld()

  it('is a gap: it stops and says so; only what differs travels then, and following goes on from there', async () => {
    const ledgered = await ledgerChannel(world, { accounts: 2000 })
    const { ledger, until, settle, id } = ledgered
    await ledgered.start()
    const { log } = await until((channel) => channel.state === 'following' && channel.log!.reportedAt !== null)
    await ledger.work()
    await settle()
    world.sourceLine.down()
    await run(
      world.source.url,
      `SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = '${log!.slot!}' AND active`,
    )
    await drop(world.source.url, log!.slot!)
    for (let i = 0; i < 20; i++) await ledger.work()
    // Of the same name, so that only its position tells that it is another.
    await run(world.source.url, `SELECT pg_create_logical_replication_slot('${log!.slot!}', 'pgoutput')`)
    for (let i = 0; i < 10; i++) await ledger.work()
    world.sourceLine.up()
    const stopped = await until(({ state }) => state === 'failed')
    expect(stopped).toMatchObject({ problem: { code: 'connector.log_gap' }, log: { state: 'gap' } })
    expect(await ledgered.gotten()).not.toEqual(await ledgered.sent())
    const centre = await world.platform.as('centre')
    await refused(centre.call(resumeChannel, { params: { id } }, { match: stopped.version }), 'object.state')
    const { reconciliationId } = await centre.call(resyncChannel, { params: { id } }, { match: stopped.version })
    const writing = (async () => {
      for (let i = 0; i < 40; i++) await ledger.work()
    })()
    await until(({ state, log: now }) => state === 'following' && now!.state === 'reading')
    await writing
    await settle()
    const done = await centre.call(readReconciliation, { params: { id: reconciliationId } })
    expect(done.state).toBe('repaired')
    // Not the table: the rows that differ, and those that were written while it was compared, seventy transactions in all.
    expect(Number(done.differencesTotal)).toBeGreaterThan(0)
    expect(Number(done.differencesTotal)).toBeLessThan(600)
  })
})

async function drop(url: string, slot: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await run(url, `SELECT pg_drop_replication_slot('${slot}')`)
      return
    } catch (error) {
      if (attempt > 50) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}
