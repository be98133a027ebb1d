import { approveDrift, readChannel, setDrift } from '@huitong/contract/exchange'
import { readHome } from '@huitong/contract/portal'
import { describe, expect, it } from 'vitest'
import { run } from '../../../apps/agent/src/testing/exchange.ts'
import { eventually } from '../../harness/guards.ts'
import { type LedgerChannel, ledgerChannel, type LogWorld, useLogWorld } from './log-world.ts'

const FIELDS = 'account, holder, balance, moved, note, step'
/** Fields besides those that are granted. */
const PREPARE = 'ALTER TABLE $table ADD secret text, ADD level int'

describe('the source’s table changes between and during runs (31)', () => {
  const world = useLogWorld()

  it('stops and shows the difference, goes on when approved; then what is added, and then all that is not granted, stops nothing', async () => {
    const ledgered = await ledgerChannel(world, { prepare: PREPARE })
    const { id, ledger, until } = ledgered
    const alter = (change: string) => ledger.query(`ALTER TABLE public."${ledgered.table}" ${change}`)
    const set = async (policy: 'evolve' | 'ignore') => {
      const centre = await world.platform.as('centre')
      const { version } = await centre.call(readChannel, { params: { id } })
      await centre.call(setDrift, { params: { id }, body: { policy } }, { match: version })
    }
    const officer = await world.platform.as('civil-officer')
    await ledgered.start()
    await until(({ state }) => state === 'following')

    // Hold: everything before the change is there, and nothing of what came after it.
    await ledger.work()
    await same(world, ledgered)
    const before = await rowsAt(world.target.url, ledgered.received)
    await alter('ALTER level TYPE text, ADD born date')
    await ledger.sweep(1)
    const held = await until(({ state }) => state === 'failed')
    expect(held).toMatchObject({
      problem: { code: 'source.changed' },
      drift: {
        differences: [
          { field: 'level', kind: 'retyped', before: 'integer', after: 'text', needed: false },
          { field: 'born', kind: 'added', before: null, after: 'date', needed: false },
        ],
      },
    })
    expect(await rowsAt(world.target.url, ledgered.received)).toEqual(before)
    await officer.call(approveDrift, { params: { id }, body: { hash: held.drift!.hash } }, { match: held.version })
    await same(world, ledgered)

    // Evolve: added while it works; nobody is asked, and the officer hears of it.
    await set('evolve')
    await Promise.all([ledger.sweep(1), alter('ADD zone text')])
    await ledger.sweep(1)
    await same(world, ledgered)
    const { todo } = await officer.call(readHome)
    expect(todo).toContainEqual(
      expect.objectContaining({ kind: 'fields_unlisted', title: expect.stringContaining('zone') }),
    )

    // Ignore: whatever is not granted comes and goes.
    await set('ignore')
    await alter('DROP secret, ALTER level TYPE varchar(9), ADD secret2 text')
    await ledger.sweep(1)
    await same(world, ledgered)
    expect(await until(({ state }) => state === 'following')).toMatchObject({ problem: null, drift: null })

    // A granted field holds under every policy, and is not approved away.
    await alter('DROP note')
    await ledger.query(`UPDATE public."${ledgered.table}" SET step = step + 1`)
    const gone = await until(({ state }) => state === 'failed')
    expect(gone.drift!.differences).toContainEqual(
      expect.objectContaining({ field: 'note', kind: 'removed', needed: true }),
    )
    const approval = officer.call(
      approveDrift,
      { params: { id }, body: { hash: gone.drift!.hash } },
      { match: gone.version },
    )
    await expect(approval).rejects.toMatchObject({ code: 'object.state' })
    const [{ columns }] = (await run(
      world.target.url,
      `SELECT string_agg(column_name, ', ' ORDER BY ordinal_position) AS columns FROM information_schema.columns
       WHERE table_name = '${ledgered.received}'`,
    )) as [{ columns: string }]
    expect(columns).toBe(FIELDS)
  })
})

const rowsAt = async (url: string, table: string) =>
  (await run(url, `SELECT ROW(${FIELDS})::text AS row FROM public."${table}" ORDER BY account`)).map(({ row }) => row)

/** Waits until both sides hold the same granted values. */
async function same(world: LogWorld, { table, received, channel }: LedgerChannel): Promise<void> {
  await eventually(
    async () => [await rowsAt(world.source.url, table), await rowsAt(world.target.url, received)] as const,
    ([left, right]) => left.join('\n') === right.join('\n'),
    20_000,
  ).catch(async (cause: Error) => {
    const { state, problem, drift, log } = await channel()
    throw new Error(`not the same: ${JSON.stringify({ state, problem, drift, log })}`, { cause })
  })
}
