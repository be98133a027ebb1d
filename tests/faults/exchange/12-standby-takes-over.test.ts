import { readReconciliation, resyncChannel } from '@huitong/contract/exchange'
import { afterAll, describe, expect, it } from 'vitest'
import { run } from '../../../apps/agent/src/testing/exchange.ts'
import { eventually } from '../../harness/guards.ts'
import { ledgerChannel, useLogWorld } from './log-world.ts'
import { OwnCluster } from './own-cluster.ts'

describe('a standby takes over from the source (12)', () => {
  let primary!: OwnCluster
  let standby: OwnCluster | undefined
  const world = useLogWorld({ source: async () => (primary = await OwnCluster.start()) })
  afterAll(async () => standby?.dispose())

  it('is another history: it stops, and what was received and is lost there is taken back', async () => {
    standby = await primary.standby()
    const ledgered = await ledgerChannel(world, { accounts: 300 })
    const { ledger, until, settle, id, table } = ledgered
    await ledgered.start()
    await until(({ state, log }) => state === 'following' && log!.reportedAt !== null)
    await ledger.work()
    await settle()
    const [{ lsn }] = (await run(primary.url, 'SELECT pg_current_wal_flush_lsn()::text AS lsn')) as [{ lsn: string }]
    const replayed = `SELECT pg_last_wal_replay_lsn() >= '${lsn}'::pg_lsn AS done`
    const there = standby.url
    await eventually(
      () => run(there, replayed),
      ([row]) => row?.['done'] === true,
    )
    // What is committed, received and applied from here on, the standby never sees.
    await standby.stop()
    for (let i = 0; i < 20; i++) await ledger.work()
    await settle()
    const received = await ledgered.gotten()
    await primary.kill()
    await standby.start()
    await run(standby.url, 'SELECT pg_promote()')
    world.source = { ...world.source, url: standby.url }
    world.sourceLine.redirect(standby.port)
    expect(await ledgered.sent()).not.toEqual(received)
    const stopped = await until(({ state }) => state === 'failed')
    expect(stopped).toMatchObject({ problem: { code: 'connector.log_gap' }, log: { state: 'gap' } })
    await run(standby.url, `UPDATE public."${table}" SET step = step + 1000 WHERE account % 7 = 0`)
    expect(await ledgered.gotten()).toEqual(received)
    const centre = await world.platform.as('centre')
    const { reconciliationId } = await centre.call(resyncChannel, { params: { id } }, { match: stopped.version })
    await until(({ state, log }) => state === 'following' && log!.state === 'reading')
    await run(standby.url, `UPDATE public."${table}" SET step = step + 1000 WHERE account % 5 = 0`)
    await settle()
    const done = await centre.call(readReconciliation, { params: { id: reconciliationId } })
    expect(done.state).toBe('repaired')
    expect(Number(done.differencesTotal)).toBeLessThan(300)
  }, 60_000)
})
