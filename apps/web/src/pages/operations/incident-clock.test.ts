import { expect, test } from 'vitest'
import { clockTime, clockTone } from './incident-clock.ts'

const clock = { dueAt: '', stoppedAt: null, late: false, remainingMinutes: 30, allowedMinutes: 30 }

test('a limit is calm, then amber from its last third, red when past; met or missed when stopped', () => {
  expect(clockTone(clock)).toBe('wait')
  expect(clockTone({ ...clock, remainingMinutes: 10 })).toBe('warn')
  expect(clockTone({ ...clock, remainingMinutes: -1, late: true })).toBe('bad')
  expect(clockTone({ ...clock, stoppedAt: 'then' })).toBe('good')
  expect(clockTone({ ...clock, stoppedAt: 'then', late: true })).toBe('bad')
})

test('time is said in days and hours, in working days where those are counted', () => {
  expect(clockTime(90, 'natural', 'zh')).toBe('1 小时 30 分')
  expect(clockTime(26 * 60, 'natural', 'zh')).toBe('1 天 2 小时')
  expect(clockTime(-26 * 60, 'natural', 'en')).toBe('1 day 2 h')
  expect(clockTime(26 * 60, 'working', 'zh')).toBe('1 个工作日 2 小时')
})
