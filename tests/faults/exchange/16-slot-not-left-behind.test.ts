import { revokeGrant } from '@huitong/contract/catalogue'
import { describe, expect, it } from 'vitest'
import { run } from '../../../apps/agent/src/testing/exchange.ts'
import { eventually } from '../../harness/guards.ts'
import { ledgerChannel, useLogWorld } from './log-world.ts'

describe('the log that a source keeps for us (14, 16)', () => {
  const world = useLogWorld()
  const slots = () =>
    run(
      world.source.url,
      `SELECT pg_current_wal_insert_lsn() - confirmed_flush_lsn AS kept FROM pg_replication_slots WHERE database = current_database()`,
    )

  it('a table where nothing happens holds none; a receiver that is away holds all that it has not committed', async () => {
    const ledgered = await ledgerChannel(world)
    const { ledger, until, settle } = ledgered
    await ledgered.start()
    await until(({ state }) => state === 'following')
    await run(world.source.url, 'CREATE TABLE public.noise (n text)')
    await run(world.source.url, `INSERT INTO public.noise SELECT repeat('x', 1000) FROM generate_series(1, 20000)`)
    await eventually(slots, (rows) => rows.length === 1 && Number(rows[0]!['kept']) < 1_000_000, 30_000)
    world.targetLine.down()
    await ledger.sweep(1)
    const [{ lsn }] = (await run(world.source.url, 'SELECT pg_current_wal_insert_lsn()::text AS lsn')) as [
      { lsn: string },
    ]
    await run(world.source.url, `INSERT INTO public.noise SELECT repeat('x', 1000) FROM generate_series(1, 20000)`)
    await new Promise((resolve) => setTimeout(resolve, 4_000))
    const confirmed = `SELECT confirmed_flush_lsn < '${lsn}' AS behind FROM pg_replication_slots WHERE database = current_database()`
    expect(await run(world.source.url, confirmed)).toEqual([{ behind: true }])
    expect((await ledgered.channel()).log!.lagSeconds).toBeGreaterThan(2)
    world.targetLine.up()
    await settle()
    await eventually(slots, (rows) => Number(rows[0]!['kept']) < 1_000_000, 30_000)
    await until(({ log }) => log!.lagSeconds === 0)
  })

  it('when the grant is revoked while the node is away, slot and publication are dropped as soon as it is back', async () => {
    const ledgered = await ledgerChannel(world)
    await ledgered.start()
    await ledgered.until(({ state }) => state === 'following')
    const { log } = await ledgered.channel()
    await world.provider.kill()
    const params = { id: ledgered.grantId }
    await (
      await world.platform.as('authority')
    ).call(revokeGrant, { params, body: { reason: '违规使用' } }, { match: 1 })
    await ledgered.until(({ state }) => state === 'stopped')
    const left = async () => {
      const names = `'${log!.slot!}', '${log!.publication!}'`
      return run(
        world.source.url,
        `SELECT slot_name AS name FROM pg_replication_slots WHERE slot_name IN (${names})
         UNION ALL SELECT pubname FROM pg_publication WHERE pubname IN (${names})`,
      )
    }
    expect(await left()).toHaveLength(2)
    world.provider.start()
    await eventually(left, (rows) => rows.length === 0, 40_000)
    await ledgered.until(({ log: now }) => now!.slot === null)
  })
})
