import { expect, test } from 'vitest'
import type { StepReport } from './job.ts'
import { unprovenOf } from './sabotage.ts'

const step = (name: StepReport['name'], ...faults: string[]): StepReport => ({
  step: 1,
  name,
  ok: faults.length === 0,
  seconds: 1,
  figures: {},
  faults,
})

test('a spoilt step proves itself only when all before it was well and it measured what is wrong', () => {
  expect(unprovenOf([step('grant'), step('exchange', 'not so: equal rows')], 'exchange')).toEqual([])
  expect(unprovenOf([step('grant'), step('exchange')], 'exchange')).toHaveLength(1)
  expect(unprovenOf([step('grant', 'not so: x'), step('exchange', 'not so: y')], 'exchange')).toHaveLength(1)
  expect(unprovenOf([step('exchange', 'stopped: x')], 'exchange')).toHaveLength(2)
  expect(unprovenOf([step('exchange', 'not so: y', 'stopped: x')], 'exchange')).toHaveLength(1)
  expect(unprovenOf([step('grant', 'not so: y')], 'exchange')).toContain('exchange was not reached')
  expect(unprovenOf([], 'exchange')).toEqual(['exchange was not reached'])
})
