import { afterAll, beforeAll, expect } from 'vitest'
import { randomOf } from '../city/random.ts'
import type { StepName } from '../run/arguments.ts'
import { startChaos } from '../run/chaos.ts'
import { runJob, type StepReport } from '../run/job.ts'
import { startPlatform, type Platform } from '../run/platform.ts'
import { polledPaths, startPoller, type Poller } from '../run/poller.ts'
import { openWorld } from '../run/world.ts'

const VILLAGES = 5_000
export const SEED = 3

/** Steps that wait for kills of the platform's processes: the slow ones. */
export const WITH_KILLS: readonly StepName[] = ['operate', 'report']

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

/** What a spoilt step shows: it measured and found out, it did not merely stumble; the steps before it are as they should be. */
export function expectFound(steps: readonly StepReport[], name: StepName): void {
  expect(steps.slice(0, -1).flatMap((one) => one.faults.map((fault) => `${one.name}: ${fault}`))).toEqual([])
  expect(Object.fromEntries(steps.map((one) => [one.name, one.ok]))).toEqual(
    Object.fromEntries(steps.map((one) => [one.name, one.name !== name])),
  )
  const failed = steps.at(-1)!
  expect(failed.faults.filter((one) => one.startsWith('not so: '))).not.toEqual([])
  expect(failed.faults.filter((one) => one.startsWith('stopped: '))).toEqual([])
}
