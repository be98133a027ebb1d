import { type ColumnMapping, setMapping, startReconciliation } from '@huitong/contract/exchange'
import { describe, expect, test } from 'vitest'
import { run } from '../../apps/agent/src/testing/exchange.ts'
import { eventually } from '../harness/guards.ts'
import { ledgerChannel, useLogWorld } from '../faults/exchange/log-world.ts'

// Through the real server and two real agents: what is mapped in a copy is mapped in what comes after it by the log.

/** Holders' names into codes, of so many accounts. */
const mapping = (holders: number): ColumnMapping[] => {
  const pairs = Array.from({ length: holders }, (_, i) => ({ from: `户 ${i + 1}`, to: `H${i + 1}` }))
  return [
    { as: 'zh', item: 'account' },
    { as: 'hm', item: 'holder', codes: { pairs, otherwise: 'refuse' } },
    { as: 'ye', item: 'balance' },
    { as: 'ly', constant: { type: 'text', value: "市'局" } },
    { as: 'bz', item: 'note' },
  ]
}

describe('a channel with a mapping that follows the log', () => {
  const world = useLogWorld()

  test('copy, changed keys and values that stay arrive mapped, both ends reconcile as equal, and an unmapped code stops it by name', async () => {
    const ledgered = await ledgerChannel(world, {
      answer: { masks: [{ item: 'note', mask: 'last4' }] },
      mapping: mapping(50),
    })
    const { id, ledger, table, received, until } = ledgered
    const sent = () =>
      run(
        world.source.url,
        `SELECT account::text AS zh, 'H' || substr(holder, 3) AS hm, balance::text AS ye, '市''局' AS ly,
           repeat('*', length(note) - 4) || right(note, 4) AS bz FROM public."${table}" ORDER BY account`,
      )
    const gotten = () =>
      run(world.target.url, `SELECT zh::text, hm, ye::text, ly, bz FROM public."${received}" t ORDER BY t.zh`)
    const settled = () =>
      eventually(
        async () => [JSON.stringify(await sent()), JSON.stringify(await gotten())] as const,
        ([left, right]) => left === right,
        20_000,
      )
    await ledgered.start()
    await until(({ state }) => state === 'following')
    await settled()
    // Keys change, and long notes stay as they were: the log does not carry those.
    await ledger.query(
      `UPDATE public."${table}" SET account = account + 1000, balance = balance + 1 WHERE account <= 6`,
    )
    await ledger.query(`UPDATE public."${table}" SET holder = '户 7' WHERE account = 12`)
    await ledger.query(`DELETE FROM public."${table}" WHERE account = 20`)
    await settled()
    const columns = await run(
      world.target.url,
      `SELECT string_agg(column_name, ',' ORDER BY ordinal_position) AS names FROM information_schema.columns
       WHERE table_name = '${received}'`,
    )
    expect(columns[0]!['names']).toBe('zh,hm,ye,ly,bz')
    const centre = await world.platform.as('centre')
    await centre.call(startReconciliation, { params: { id } })
    const compared = await until(({ reconciliations: [last] }) => last?.finishedAt != null)
    expect(compared.reconciliations[0]).toMatchObject({ state: 'equal', sourceRows: '49', targetRows: '49' })

    const before = await gotten()
    await ledger.query(`UPDATE public."${table}" SET holder = '户 51' WHERE account = 30`)
    const stopped = await until(({ state }) => state === 'failed')
    expect(stopped.problem).toMatchObject({ code: 'connector.unmapped_code' })
    expect(stopped.problem!.message.zh).toContain('hm')
    expect(JSON.stringify(stopped.problem)).not.toContain('户 51')
    expect(await gotten()).toEqual(before)

    // With the code that was missing it begins anew, and follows again.
    await centre.call(setMapping, { params: { id }, body: { mapping: mapping(51) } }, { match: stopped.version })
    await ledgered.start()
    await until(({ state }) => state === 'following')
    await ledger.query(`UPDATE public."${table}" SET balance = balance + 1 WHERE account = 30`)
    await settled()
    expect((await gotten()).find(({ zh }) => zh === '30')).toMatchObject({ hm: 'H51' })
  }, 60_000)
})
