import { expect, test } from 'vitest'
import { civilDay, dayWithWeekday, duration, moment } from './time.ts'

test('instants are read in Asia/Shanghai whatever the machine is set to', () => {
  expect(moment('2026-05-08T06:30:00Z', 'zh')).toBe('2026-05-08 周五 14:30')
  expect(moment('2026-05-08T06:30:09.5Z', 'en', 'seconds')).toBe('2026-05-08 Fri 14:30:09')
  expect(moment('2026-12-31T16:00:00Z', 'zh', 'day')).toBe('2027-01-01 周五')
  expect(moment('2026-05-08T16:00:00Z', 'zh')).toBe('2026-05-09 周六 00:00')
  expect(civilDay('2026-02-28T20:00:00Z')).toBe('2026-03-01')
})

test('what is no instant is shown as it is', () => {
  expect(moment('soon', 'zh')).toBe('soon')
})

test('days carry their weekday', () => {
  expect(dayWithWeekday('2026-10-01', 'zh')).toBe('2026-10-01 周四')
  expect(dayWithWeekday('2026-10-01', 'en')).toBe('2026-10-01 Thu')
})

test('lengths of time show their two largest units', () => {
  expect(duration(45, 'zh')).toBe('45 秒')
  expect(duration(3_900, 'zh')).toBe('1 小时 5 分')
  expect(duration(90_061, 'en')).toBe('1 d 1 h')
  expect(duration(-3, 'zh')).toBe('0 秒')
  expect(duration(3_600, 'en')).toBe('1 h')
})
