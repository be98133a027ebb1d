import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run } from '../../../apps/agent/src/testing/exchange.ts'
import { random } from '../../../packages/connectors/src/testing/ledger.ts'
import { LONG } from '../../harness/long.ts'
import { type LedgerChannel, ledgerChannel, useLogWorld } from './log-world.ts'
import { OwnCluster } from './own-cluster.ts'
import { ServerProcess } from './server-process.ts'

/** Five of eight are kills: 500 in the long form. */
const FAULTS = Number(process.env['HUITONG_FAULTS'] ?? (LONG ? 800 : 4))
const SUM = String(50n * 10_000_000n)

describe('kill -9 of agents, server and databases, and broken lines, while a ledger is followed (8, 14, 18, 19, 36)', () => {
  let source!: OwnCluster
  let target!: OwnCluster
  let server!: ServerProcess
  const world = useLogWorld({
    source: async () => (source = await OwnCluster.start()),
    target: async () => (target = await OwnCluster.start()),
  })
  beforeAll(async () => {
    server = await ServerProcess.start(world.platform)
    world.line.redirect(server.port)
  })
  afterAll(() => server?.kill())

  const restart = async (one: { kill(): Promise<void>; start(): Promise<void> | void }) => {
    await one.kill()
    await sleep(100)
    await one.start()
  }
  const away = async (line: { down(): void; up(): void }) => {
    line.down()
    await sleep(400)
    line.up()
  }
  const FAULT: readonly (() => Promise<void>)[] = [
    () => restart(world.provider),
    () => restart(source),
    async () => world.sourceLine.cut(),
    () => restart(world.consumer),
    () => restart(server),
    () => away(world.targetLine),
    () => restart(target),
    () => away(world.line),
  ]

  it(
    `after ${FAULTS} faults at random moments both sides hold the same; its sum was right at every look on the way`,
    async () => {
      const ledgered = await ledgerChannel(world, { seed: 21 })
      const next = random(99)
      const ending = new AbortController()
      const working = work(ledgered, ending.signal)
      const sums = new Set<string>()
      const back: string[] = []
      const looking = look(
        () => run(world.target.url, `SELECT account, balance, step FROM public."${ledgered.received}"`),
        {
          sums,
          back,
          signal: ending.signal,
        },
      )
      await ledgered.start()
      await ledgered.until(({ state }) => state === 'following', 60_000)
      for (let fault = 0; fault < FAULTS; fault++) {
        await sleep(200 + next() * 800)
        await FAULT[fault % FAULT.length]!()
      }
      ending.abort()
      await Promise.all([working, looking])
      await ledgered.settle(60_000)
      expect([...sums]).toEqual([SUM])
      expect(back).toEqual([])
      expect(await ledgered.channel()).toMatchObject({ state: 'following', problem: null })
      for (const agent of [world.provider, world.consumer]) expect(agent.output).not.toContain('"level":"error"')
    },
    LONG ? 60_000 + FAULTS * 6_000 : 150_000,
  )
})

/** Works on, also after the source was killed under it. */
async function work({ ledger }: LedgerChannel, signal: AbortSignal): Promise<void> {
  for (let n = 1; !signal.aborted; n++) {
    try {
      await ledger.work()
      if (n % 150 === 0) await ledger.sweep(LONG ? 40 : 15)
    } catch {
      await ledger.reconnect().catch(() => undefined)
    }
    await sleep(2)
  }
}

/** Keeps each sum that was ever seen, and each account that went back. */
async function look(
  rowsNow: () => Promise<Record<string, unknown>[]>,
  { sums, back, signal }: { sums: Set<string>; back: string[]; signal: AbortSignal },
): Promise<void> {
  const steps = new Map<string, bigint>()
  while (!signal.aborted) {
    const rows = await rowsNow().catch(() => [])
    // Before the first copy is visible there is nothing to see.
    if (rows.length > 0) sums.add(sumOf(rows))
    for (const { account, step } of rows) {
      const before = steps.get(String(account)) ?? 0n
      if (BigInt(String(step)) < before) back.push(`account ${String(account)} from ${before} to ${String(step)}`)
      steps.set(String(account), BigInt(String(step)))
    }
    await sleep(20)
  }
}

function sumOf(rows: readonly Record<string, unknown>[]): string {
  return rows.reduce((sum, { balance }) => sum + BigInt(String(balance).replace('.', '')), 0n).toString()
}
