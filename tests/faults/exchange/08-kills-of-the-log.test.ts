import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { run } from '../../../apps/agent/src/testing/exchange.ts'
import { random } from '../../../packages/connectors/src/testing/ledger.ts'
import { ledgerChannel, useLogWorld } from './log-world.ts'

const LONG = process.env['HUITONG_FAULTS_LONG'] === '1'
const FAULTS = LONG ? 120 : 8
const SUM = String(50n * 10_000_000n)

describe('kill -9 of agents and broken lines while a ledger is followed (8, 14, 18, 19, 36)', () => {
  const world = useLogWorld()

  it(
    `after ${FAULTS} faults at random moments both sides hold the same; its sum was right at every look on the way`,
    async () => {
      const ledgered = await ledgerChannel(world, { seed: 21 })
      const { ledger, until, settle, received } = ledgered
      const next = random(99)
      const ending = new AbortController()
      const working = (async () => {
        for (let n = 1; !ending.signal.aborted; n++) {
          await ledger.work()
          if (n % 150 === 0) await ledger.sweep(40)
          await sleep(2)
        }
      })()
      const sums = new Set<string>()
      const steps = new Map<string, bigint>()
      const looking = (async () => {
        while (!ending.signal.aborted) {
          const rows = await run(world.target.url, `SELECT account, balance, step FROM public."${received}"`).catch(
            () => [],
          )
          // Before the first copy is visible there is nothing to see.
          if (rows.length > 0) sums.add(sumOf(rows))
          for (const { account, step } of rows) {
            const before = steps.get(String(account)) ?? 0n
            if (BigInt(String(step)) < before) throw new Error(`account ${String(account)} went back`)
            steps.set(String(account), BigInt(String(step)))
          }
          await sleep(20)
        }
      })()
      await ledgered.start()
      await until(({ state }) => state === 'following', 60_000)
      for (let fault = 0; fault < FAULTS; fault++) {
        await sleep(200 + next() * 800)
        await breakSomething(world, fault)
      }
      ending.abort()
      await Promise.all([working, looking])
      await settle(60_000)
      expect([...sums]).toEqual([SUM])
      expect(await ledgered.channel()).toMatchObject({ state: 'following', problem: null })
      for (const agent of [world.provider, world.consumer]) expect(agent.output).not.toContain('"level":"error"')
    },
    LONG ? 900_000 : 150_000,
  )
})

async function breakSomething(world: ReturnType<typeof useLogWorld>, turn: number): Promise<void> {
  const restart = async (who: 'provider' | 'consumer') => {
    await world[who].kill()
    world[who].start()
  }
  const lines = [world.sourceLine, world.targetLine, world.line]
  if (turn % 4 === 0) return restart('provider')
  if (turn % 4 === 2) return restart('consumer')
  const line = lines[(turn >> 1) % lines.length]!
  if (turn % 8 === 1) return line.cut()
  line.down()
  await sleep(400)
  line.up()
}

function sumOf(rows: readonly Record<string, unknown>[]): string {
  return rows.reduce((sum, { balance }) => sum + BigInt(String(balance).replace('.', '')), 0n).toString()
}
