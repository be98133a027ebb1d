import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { run } from '../../../apps/agent/src/testing/exchange.ts'
import { eventually } from '../../harness/guards.ts'
import { LONG } from '../../harness/long.ts'
import { type LedgerChannel, ledgerChannel, useLogWorld } from './log-world.ts'

const ROWS = LONG ? 500_000 : 4_000
const TIMES = LONG ? 4 : 2
const HELD_SECONDS = LONG ? 60 : 2
const AGENT_MIB_MAX = 256
const WAIT_MS = LONG ? 300_000 : 60_000
/** Plain rows: nothing of a change can be left out. */
const MORE = `INSERT INTO $table SELECT i, '户 ' || i, 1000, clock_timestamp(), md5(i::text), 0 FROM generate_series(1001, ${ROWS + 1000}) i`

describe('more than memory holds (17, 36)', { timeout: 2 * WAIT_MS + 60_000 }, () => {
  const world = useLogWorld()
  const digest = async (url: string, table: string) =>
    (await run(url, `SELECT count(*), md5(string_agg(md5(t::text), '' ORDER BY account)) FROM public."${table}" t`))[0]
  const arrived = (one: LedgerChannel) =>
    eventually(
      async () => [await digest(world.source.url, one.table), await digest(world.target.url, one.received)] as const,
      ([left, right]) => JSON.stringify(left) === JSON.stringify(right),
      WAIT_MS,
    )
  const expectSmall = () => {
    for (const agent of [world.provider, world.consumer]) expect(agent.peakMib()).toBeLessThan(AGENT_MIB_MAX)
  }

  it('a huge transaction is never seen in part, through kills of both agents in its middle (36)', async () => {
    const ledgered = await ledgerChannel(world, { prepare: MORE })
    await ledgered.start()
    await ledgered.until(({ state, log }) => state === 'following' && log!.reportedAt !== null, WAIT_MS)
    const seen = new Set<string>()
    const ending = new AbortController()
    const look = async () => {
      const steps = `SELECT string_agg(DISTINCT step::text, ',') AS steps FROM public."${ledgered.received}"`
      seen.add(String((await run(world.target.url, steps))[0]!['steps']))
    }
    const looking = (async () => {
      while (!ending.signal.aborted) {
        await look()
        await sleep(50)
      }
    })()
    await ledgered.ledger.sweep(TIMES)
    await arrived(ledgered)
    expectSmall()
    await ledgered.ledger.sweep(TIMES)
    // Some of it is on its way by now, and none of it is committed.
    await eventually(
      async () => Number((await ledgered.channel()).log!.changes),
      (changes) => changes > TIMES * ROWS,
      WAIT_MS,
    )
    await world.consumer.kill()
    world.consumer.start()
    await sleep(300)
    await world.provider.kill()
    world.provider.start()
    await arrived(ledgered)
    ending.abort()
    await looking
    // The end may have come since the last look.
    await look()
    expect([...seen]).toEqual(['0', String(TIMES), String(2 * TIMES)])
    expectSmall()
  })

  it(`a receiving database that stands still for ${HELD_SECONDS} s fills no memory, and misses nothing afterwards (17)`, async () => {
    const ledgered = await ledgerChannel(world, { prepare: MORE })
    await ledgered.start()
    await ledgered.until(({ state, log }) => state === 'following' && log!.reportedAt !== null, WAIT_MS)
    world.targetLine.hold()
    for (let i = 0; i < TIMES; i++) await ledgered.ledger.sweep(1)
    await sleep(HELD_SECONDS * 1000)
    expect(await digest(world.target.url, ledgered.received)).not.toEqual(
      await digest(world.source.url, ledgered.table),
    )
    expectSmall()
    world.targetLine.release()
    await arrived(ledgered)
    expectSmall()
  })
})
