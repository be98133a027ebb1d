import { approveTruncation } from '@huitong/contract/exchange'
import { describe, expect, it } from 'vitest'
import { run } from '../../../apps/agent/src/testing/exchange.ts'
import { eventually } from '../../harness/guards.ts'
import { ledgerChannel, useLogWorld } from './log-world.ts'

describe('TRUNCATE at the source (25) and a changed table (31)', () => {
  const world = useLogWorld()

  it('is delivered up to it and stops; a person approves, and the receiving table is emptied at the same place', async () => {
    const ledgered = await ledgerChannel(world)
    const { ledger, until, settle, id, table } = ledgered
    await ledgered.start()
    await until(({ state }) => state === 'following')
    await ledger.sweep(1)
    const before = await ledgered.sent()
    await ledger.query(
      `BEGIN; TRUNCATE public."${table}"; INSERT INTO public."${table}" VALUES (7, '新', 5, NULL, NULL, 1); COMMIT`,
    )
    await ledger.query(`INSERT INTO public."${table}" VALUES (8, '新', 5, NULL, NULL, 1)`)
    const stopped = await until(({ state }) => state === 'failed')
    expect(stopped).toMatchObject({ problem: { code: 'connector.log_truncated' }, log: { state: 'truncated' } })
    expect(await ledgered.gotten()).toEqual(before)
    const centre = await world.platform.as('centre')
    const body = { position: stopped.log!.truncatedAt! }
    await centre.call(approveTruncation, { params: { id }, body }, { match: stopped.version })
    await settle()
  })

  it('holds with the difference named when a column is changed, after everything before it was delivered', async () => {
    const ledgered = await ledgerChannel(world)
    const { ledger, until, table } = ledgered
    await ledgered.start()
    await until(({ state }) => state === 'following')
    await ledger.sweep(1)
    const before = await ledgered.sent()
    await ledger.query(`ALTER TABLE public."${table}" ALTER holder TYPE varchar(40)`)
    await ledger.query(`UPDATE public."${table}" SET step = step + 1`)
    const held = await until(({ state }) => state === 'failed')
    expect(held.problem!.code).toBe('source.changed')
    expect(held.problem!.message.zh).toContain('holder')
    expect(held.problem!.message.en).toContain('varchar(40)')
    expect(await ledgered.gotten()).toEqual(before)
  })

  it('lets out only the granted rows, masked, and of the others not even the key', async () => {
    const ledgered = await ledgerChannel(world, {
      identity: 'FULL',
      answer: {
        rowFilter: { op: 'ge', field: 'balance', value: { type: 'decimal', value: '1000' } },
        masks: [{ item: 'holder', mask: 'name' }],
      },
    })
    const { ledger, until, received } = ledgered
    await ledgered.start()
    await until(({ state }) => state === 'following')
    for (let i = 0; i < 60; i++) await ledger.work()
    const sent = `SELECT account, left(holder, 1) || repeat('*', char_length(holder) - 1) AS holder, balance, step
      FROM public."${ledgered.table}" WHERE balance >= 1000 ORDER BY account`
    const gotten = `SELECT account, holder, balance, step FROM public."${received}" ORDER BY account`
    await eventually(
      async () => [await run(world.source.url, sent), await run(world.target.url, gotten)] as const,
      ([left, right]) => JSON.stringify(left) === JSON.stringify(right),
      30_000,
    )
  })
})
