import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from '../city/random.ts'
import type { Platform } from './platform.ts'
import type { Poller } from './poller.ts'

/** Everything that can die. */
export const KILLABLE = [
  'agent-provider',
  'agent-consumer',
  'agent-gongan',
  'agent-shichang',
  'agent-centre',
  'server',
  'engine',
  'postgres',
  'departments',
  'supervisor',
] as const

/** Seeded kills of any process of the set. */
export interface Chaos {
  /** Kills still to come. */
  left(): number
  readonly kills: readonly { readonly name: string; readonly atSeconds: number }[]
  stop(): Promise<void>
}

const PAUSE_MIN_MS = 1_500
const PAUSE_SPREAD_MS = 2_500
const LOOK_AGAIN_MS = 100

/** Begins `count` kills at seeded moments; a process that is not up at its moment is waited for. */
export function startChaos(
  platform: Platform,
  poller: Poller,
  { count, random, say }: { count: number; random: Random; say: (line: string) => void },
): Chaos {
  const kills: { name: string; atSeconds: number }[] = []
  const begun = performance.now()
  const ended = new AbortController()
  const run = async (): Promise<void> => {
    while (kills.length < count && !ended.signal.aborted) {
      await sleep(PAUSE_MIN_MS + random.integer(PAUSE_SPREAD_MS), undefined, { signal: ended.signal })
      const name = random.pick(KILLABLE)
      while (platform.kill(name) === null) await sleep(LOOK_AGAIN_MS, undefined, { signal: ended.signal })
      poller.killed()
      kills.push({ name, atSeconds: Math.round((performance.now() - begun) / 100) / 10 })
      say(`chaos: killed ${name} (${kills.length}/${count})`)
    }
  }
  const running = run().catch((error: unknown) => {
    if (!ended.signal.aborted) throw error
  })
  return {
    left: () => count - kills.length,
    kills,
    async stop() {
      ended.abort()
      await running
    },
  }
}
