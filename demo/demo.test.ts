import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { randomOf } from './city/random.ts'
import { readArguments, STEP_NAMES, type StepName } from './run/arguments.ts'
import { startChaos } from './run/chaos.ts'
import { runJob, type Report, type StepReport } from './run/job.ts'
import { startPlatform, type Platform } from './run/platform.ts'
import { polledPaths, startPoller, type Poller } from './run/poller.ts'
import { checkReport } from './run/report.ts'
import { openWorld } from './run/world.ts'

const VILLAGES = 5_000
const SEED = 3

/** One platform serves all main jobs; each has its own dataset, requests and tables. */
describe('the main job', { timeout: 180_000 }, () => {
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

  const job = (sabotage: StepName | null, last: StepName = 'report'): Promise<StepReport[]> => {
    const chaos = startChaos(platform, poller, { count: 0, random: randomOf('none'), say })
    // Only step 12 needs the kills; they are the slow part. What comes after it does without.
    const operate = last === 'operate' || last === 'report'
    const given = { platform, round: ++round, sabotage, villages: VILLAGES, operate, poller, chaos, say }
    return runJob(openWorld(given), last)
  }

  test('is as it should be, and its report conforms to the schema', async () => {
    const steps = await job(null)
    expect(steps.flatMap((one) => one.faults.map((fault) => `${one.name}: ${fault}`))).toEqual([])
    const report: Report = { ok: true, seconds: 1, seed: SEED, steps }
    expect(checkReport(report)).toEqual([])
    expect(checkReport({ ...report, steps: steps.slice(1) })).not.toEqual([])
    const [first, ...rest] = steps
    const without = { ...first!, figures: { ...first!.figures, invented: 1 } }
    expect(checkReport({ ...report, steps: [without, ...rest] })).not.toEqual([])
  })

  test.each(STEP_NAMES)(
    '%s is seen to fail when the world is spoilt in this step, and the steps before it are not',
    async (name) => {
      const steps = await job(name, name)
      expect(steps.slice(0, -1).flatMap((one) => one.faults.map((fault) => `${one.name}: ${fault}`))).toEqual([])
      expect(Object.fromEntries(steps.map((one) => [one.name, one.ok]))).toEqual(
        Object.fromEntries(steps.map((one) => [one.name, one.name !== name])),
      )
      const failed = steps.at(-1)!
      // It measured and found out; it did not merely stumble.
      expect(failed.faults.filter((one) => one.startsWith('not so: '))).not.toEqual([])
      expect(failed.faults.filter((one) => one.startsWith('stopped: '))).toEqual([])
    },
  )
})

describe('the command line', () => {
  test('knows its options and names what is wrong', () => {
    expect(readArguments([])).toMatchObject({
      seed: 1,
      chaos: 0,
      villages: 620_573,
      persons: 200_000,
      firms: 30_000,
      json: null,
      sabotage: null,
    })
    expect(readArguments(['--persons', '50000'])).toMatchObject({ persons: 50_000, firms: 7_500 })
    expect(readArguments(['--seed', '9', '--villages', '5000', '--sabotage', 'grant'])).toMatchObject({
      seed: 9,
      villages: 5000,
      persons: 10_000,
      firms: 1_500,
      sabotage: 'grant',
    })
    expect(() => readArguments(['--seed', 'x'])).toThrow('--seed')
    expect(() => readArguments(['--villages', '5'])).toThrow('--villages')
    expect(() => readArguments(['--persons', '5'])).toThrow('--persons')
    expect(() => readArguments(['--sabotage', 'everything'])).toThrow('discover')
  })
})
