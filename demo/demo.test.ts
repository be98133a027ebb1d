import { describe, expect, test } from 'vitest'
import { LONG } from '../tests/harness/long.ts'
import { readArguments, WITH_KILLS } from './run/arguments.ts'
import type { Report } from './run/job.ts'
import { checkReport } from './run/report.ts'
import { expectFound, SEED, useMainJob } from './testing/main-job.ts'

// The short form is what `tests/readme.test.ts` runs: the same job by its command.
if (LONG)
  describe('the main job', { timeout: 300_000 }, () => {
    const job = useMainJob()

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

    test.each(WITH_KILLS)(
      '%s is seen to fail when the world is spoilt in this step, and the steps before it are not',
      async (name) => expectFound(await job(name, name), name),
    )
  })

describe('the command line', () => {
  test('knows its options and names what is wrong', () => {
    expect(readArguments([], {})).toMatchObject({
      seed: 1,
      chaos: 0,
      villages: 620_573,
      persons: 200_000,
      firms: 30_000,
      json: null,
      sabotage: null,
      prove: null,
    })
    expect(readArguments([], { HUITONG_DEMO_VILLAGES: '5000' })).toMatchObject({ villages: 5000, persons: 10_000 })
    expect(readArguments(['--persons', '50000'], {})).toMatchObject({ persons: 50_000, firms: 7_500 })
    expect(readArguments(['--seed', '9', '--villages', '5000', '--sabotage', 'grant'], {})).toMatchObject({
      seed: 9,
      villages: 5000,
      persons: 10_000,
      firms: 1_500,
      sabotage: 'grant',
    })
    expect(() => readArguments(['--seed', 'x'], {})).toThrow('--seed')
    expect(() => readArguments(['--villages', '5'], {})).toThrow('--villages')
    expect(() => readArguments(['--persons', '5'], {})).toThrow('--persons')
    expect(readArguments(['--prove', 'exchange'], {})).toMatchObject({ prove: 'exchange', sabotage: null })
    expect(() => readArguments(['--sabotage', 'everything'], {})).toThrow('discover')
    expect(() => readArguments(['--prove', ''], {})).toThrow('--prove')
  })
})
