import { afterAll, beforeAll, expect } from 'vitest'
import { randomOf } from '../city/random.ts'
import { type StepName, WITH_KILLS } from '../run/arguments.ts'
import { startChaos } from '../run/chaos.ts'
import { runJob, type StepReport } from '../run/job.ts'
import { startPlatform, type Platform } from '../run/platform.ts'
import { polledPaths, startPoller, type Poller } from '../run/poller.ts'
import { unprovenOf } from '../run/sabotage.ts'
import { openWorld } from '../run/world.ts'

const VILLAGES = 5_000
export const SEED = 3

/**
 * One platform serves all main jobs of a file; each has its own dataset, requests and tables. The result runs one, spoilt in
 * a step or not, up to a last step.
 */
export function useMainJob(): (sabotage: StepName | null, last?: StepName) => Promise<StepReport[]> {
  const lines: string[] = []
  const say = (line: string) => void lines.push(line)
  let platform: Platform
  let poller: Poller
  let round = 0
  beforeAll(async () => {
    platform = await startPlatform({ seed: SEED, villages: VILLAGES, keep: false, say })
    poller = startPoller(platform.url, polledPaths(), platform.deadSpans)
  }, 180_000)
  afterAll(async () => {
    await poller?.stop()
    await platform?.stop()
  }, 90_000)

  return (sabotage, last = 'report') => {
    const chaos = startChaos(platform, poller, { count: 0, random: randomOf('none'), say })
    const operate = WITH_KILLS.includes(last)
    const given = { platform, round: ++round, sabotage, villages: VILLAGES, operate, poller, chaos, say }
    return runJob(openWorld(given), last)
  }
}

/** What a spoilt step shows: see {@link unprovenOf}. */
export function expectFound(steps: readonly StepReport[], name: StepName): void {
  expect(unprovenOf(steps, name)).toEqual([])
}
