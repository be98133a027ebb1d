import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { random } from '../../../packages/connectors/src/testing/ledger.ts'
import { runMysql } from '../../../packages/connectors/src/testing/mariadb.ts'
import { LONG } from '../../harness/long.ts'
import { type BinlogChannel, binlogChannel, useBinlogWorld } from './binlog-world.ts'

/** Four of eight are kills. */
const FAULTS = Number(process.env['HUITONG_FAULTS'] ?? (LONG ? 200 : 3))

describe('kill -9 of agents and of MariaDB, and broken lines, while its ledger is followed (8, 14, 18, 19)', () => {
  // What a commit has written to disk is there after a power cut, in the log as in the table.
  const world = useBinlogWorld(['--sync-binlog=1', '--innodb-flush-log-at-trx-commit=1'])

  const away = async (line: { down(): void; up(): void }) => {
    line.down()
    await sleep(400)
    line.up()
  }
  const restart = async (agent: { kill(): Promise<void>; start(): void }) => {
    await agent.kill()
    await sleep(100)
    agent.start()
  }
  const FAULT: readonly (() => Promise<void>)[] = [
    () => restart(world.provider),
    async () => world.sourceLine.cut(),
    () => world.mariadb.crash(),
    () => restart(world.consumer),
    () => away(world.targetLine),
    () => away(world.sourceLine),
    // Nothing passes for a while, and nobody hears why.
    async () => {
      world.sourceLine.hold()
      await sleep(1_500)
      world.sourceLine.release()
    },
    () => away(world.line),
  ]

  it(
    `after ${FAULTS} faults at random moments both receivers hold what the source holds; the sum was right at every look`,
    async () => {
      const [one, two] = [
        await binlogChannel(world, { into: 'postgresql', seed: 21 }),
        await binlogChannel(world, { into: 'mysql', seed: 22 }),
      ]
      const next = random(99)
      const ending = new AbortController()
      const working = [work(one, ending.signal), work(two, ending.signal)]
      const sums = new Set<string>()
      const looking = look([one, two], sums, ending.signal)
      await Promise.all([one.start(), two.start()])
      for (const followed of [one, two]) await followed.until(({ state }) => state === 'following', 60_000)
      for (let fault = 0; fault < FAULTS; fault++) {
        await sleep(300 + next() * 900)
        await FAULT[fault % FAULT.length]!()
      }
      ending.abort()
      await Promise.all([...working, looking])
      for (const followed of [one, two]) {
        await followed.settle(90_000)
        expect(await followed.channel()).toMatchObject({ state: 'following', problem: null })
      }
      const [row] = await runMysql(world.source, `SELECT sum(balance) AS sum FROM \`${one.table}\``)
      expect(row!['sum']).toBe('50000.0000')
      expect([...sums]).toEqual(['500000000'])
      for (const agent of [world.provider, world.consumer]) expect(agent.output).not.toContain('"level":"error"')
    },
    LONG ? 60_000 + FAULTS * 8_000 : 240_000,
  )
})

/** Works on, also after the source was killed under it. */
async function work({ ledger }: BinlogChannel, signal: AbortSignal): Promise<void> {
  for (let n = 1; !signal.aborted; n++) {
    await ledger.work().catch(() => sleep(100))
    if (n % 100 === 0) await ledger.sweep(LONG ? 20 : 6).catch(() => undefined)
    await sleep(10)
  }
}

/** Keeps each sum that was ever seen in a receiving table. */
async function look(all: readonly BinlogChannel[], sums: Set<string>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    for (const one of all) {
      const rows = await one.gotten().catch(() => [])
      // Before the first copy is visible there is nothing to see.
      if (rows.length === 0) continue
      const balances = rows.map((row) => row.split('|')[2]!)
      sums.add(balances.reduce((sum, text) => sum + units(text), 0n).toString())
    }
    await sleep(100)
  }
}

/** A canonical decimal of at most four places, in its last place. */
function units(text: string): bigint {
  const [whole = '', rest = ''] = text.split('.')
  return BigInt(`${whole}${rest.padEnd(4, '0')}`)
}
