import { expect, test } from 'vitest'
import { deadlineTone, workingTime, type Deadline } from './deadline.ts'

const DAY = 24 * 60
const at = (remainingMinutes: number, more: Partial<Deadline> = {}): Deadline => ({
  remainingMinutes,
  allowedMinutes: 9 * DAY,
  overdue: false,
  fulfilledAt: null,
  dueAt: '2026-05-08T16:00:00Z',
  extendedTo: null,
  ...more,
})

test('amber begins at exactly one third of the allowed working time, red when it is past', () => {
  expect(deadlineTone(at(9 * DAY))).toBe('calm')
  expect(deadlineTone(at(3 * DAY + 1))).toBe('calm')
  expect(deadlineTone(at(3 * DAY))).toBe('amber')
  expect(deadlineTone(at(1))).toBe('amber')
  expect(deadlineTone(at(0))).toBe('red')
  expect(deadlineTone(at(5 * DAY, { overdue: true }))).toBe('red')
})

test('a duty done in time is calm, one done late stays red', () => {
  expect(deadlineTone(at(0, { fulfilledAt: '2026-05-01T00:00:00Z' }))).toBe('done')
  expect(deadlineTone(at(0, { fulfilledAt: '2026-05-01T00:00:00Z', overdue: true }))).toBe('red')
})

test('working time is told in working days of 24 hours', () => {
  expect(workingTime(3 * DAY + 4 * 60, 'zh')).toBe('3 个工作日 4 小时')
  expect(workingTime(DAY, 'en')).toBe('1 working day')
  expect(workingTime(-2 * DAY, 'zh')).toBe('2 个工作日')
  expect(workingTime(90, 'zh')).toBe('1 小时 30 分')
  expect(workingTime(5, 'en')).toBe('5 min')
  expect(workingTime(0, 'zh')).toBe('0 分')
})
