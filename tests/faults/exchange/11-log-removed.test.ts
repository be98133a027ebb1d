import { readReconciliation, resyncChannel } from '@huitong/contract/exchange'
import { describe, expect, it } from 'vitest'
import { run } from '../../../apps/agent/src/testing/exchange.ts'
import { ledgerChannel, useLogWorld } from './log-world.ts'
import { OwnCluster } from './own-cluster.ts'

describe('a source that has removed the log that we have not read yet (11)', () => {
  const world = useLogWorld({
    source: () => OwnCluster.start({ max_slot_wal_keep_size: '1MB', min_wal_size: '32MB', max_wal_size: '32MB' }),
  })

  it('is a gap that is said, never passed over; then only what differs travels, and following goes on', async () => {
    const ledgered = await ledgerChannel(world, { accounts: 500 })
    const { ledger, until, settle, id } = ledgered
    await ledgered.start()
    await until(({ state, log }) => state === 'following' && log!.reportedAt !== null)
    await ledger.work()
    await settle()
    await world.provider.kill()
    for (let i = 0; i < 20; i++) await ledger.work()
    for (let i = 0; i < 4; i++) {
      await ledger.query(`SELECT pg_logical_emit_message(false, 'noise', 'x'), pg_switch_wal()`)
      await ledger.query('CHECKPOINT')
    }
    const status = await run(world.source.url, 'SELECT wal_status FROM pg_replication_slots')
    expect(status).toEqual([{ wal_status: 'lost' }])
    world.provider.start()
    const stopped = await until(({ state }) => state === 'failed')
    expect(stopped).toMatchObject({ problem: { code: 'connector.log_gap' }, log: { state: 'gap' } })
    expect(await ledgered.gotten()).not.toEqual(await ledgered.sent())
    const centre = await world.platform.as('centre')
    const { reconciliationId } = await centre.call(resyncChannel, { params: { id } }, { match: stopped.version })
    await until(({ state, log }) => state === 'following' && log!.state === 'reading')
    await ledger.work()
    await settle()
    const done = await centre.call(readReconciliation, { params: { id: reconciliationId } })
    expect(done.state).toBe('repaired')
    expect(Number(done.differencesTotal)).toBeGreaterThan(0)
    expect(Number(done.differencesTotal)).toBeLessThan(300)
  })
})
