import * as fc from 'fast-check'
import { createRequire } from 'node:module'
import { describe, expect, test } from 'vitest'
import { addDays, isIsoDate, shanghaiDate, shanghaiMidnight } from './dates.ts'
import {
  CalendarError,
  addWorkingDays,
  chinaCalendar,
  isWorkingDay,
  makeCalendar,
  remainingWorkingTime,
  withProvisionalYears,
  workingDaysBetween,
} from './working-days.ts'

const calendar = chinaCalendar()
const at = (text: string): Date => new Date(text)

describe('days', () => {
  test('2026 Spring Festival: nine days off, worked Saturdays before and after', () => {
    expect(isWorkingDay(calendar, '2026-02-13')).toBe(true)
    expect(isWorkingDay(calendar, '2026-02-14')).toBe(true)
    for (let date = '2026-02-15'; date <= '2026-02-23'; date = addDays(date, 1)) {
      expect(isWorkingDay(calendar, date), date).toBe(false)
    }
    expect(isWorkingDay(calendar, '2026-02-24')).toBe(true)
    expect(isWorkingDay(calendar, '2026-02-28')).toBe(true)
    expect(isWorkingDay(calendar, '2026-03-01')).toBe(false)
  })

  test('working days per year, counted by hand from the notices: 248 in 2025 and 248 in 2026', () => {
    expect(
      workingDaysBetween(calendar, '2025-01-01', '2025-12-31') + Number(isWorkingDay(calendar, '2025-01-01')),
    ).toBe(248)
    expect(workingDaysBetween(calendar, '2026-01-01', '2026-12-31')).toBe(248)
  })

  test('agrees with chinese-days on every day of both years', () => {
    const { isWorkday } = createRequire(import.meta.url)('chinese-days') as { isWorkday(date: string): boolean }
    for (let date = '2025-01-01'; date <= '2026-12-31'; date = addDays(date, 1)) {
      expect(isWorkingDay(calendar, date), date).toBe(isWorkday(date))
    }
  })
})

describe('limits', () => {
  test('the day of receipt does not count; the limit ends at 24:00 of the last working day', () => {
    // Monday 2026-03-02, 00:00, 12:00 and 23:59:59.999 in Shanghai.
    for (const from of ['2026-03-01T16:00:00Z', '2026-03-02T04:00:00Z', '2026-03-02T15:59:59.999Z']) {
      expect(addWorkingDays(calendar, at(from), 1)).toEqual({
        date: '2026-03-03',
        deadline: at('2026-03-03T16:00:00Z'),
        provisional: false,
      })
      expect(addWorkingDays(calendar, at(from), 10).date).toBe('2026-03-16')
    }
    expect(addWorkingDays(calendar, at('2026-03-02T16:00:00Z'), 1).date).toBe('2026-03-04')
  })

  test('across the 2026 Spring Festival with its make-up days', () => {
    expect(addWorkingDays(calendar, at('2026-02-12T02:00:00Z'), 2).date).toBe('2026-02-14')
    expect(addWorkingDays(calendar, at('2026-02-12T02:00:00Z'), 3).date).toBe('2026-02-24')
    expect(addWorkingDays(calendar, at('2026-02-12T02:00:00Z'), 7).date).toBe('2026-02-28')
    expect(addWorkingDays(calendar, at('2026-02-12T02:00:00Z'), 8).date).toBe('2026-03-02')
    // Received on a day off.
    expect(addWorkingDays(calendar, at('2026-02-17T02:00:00Z'), 1).date).toBe('2026-02-24')
  })

  test('across the year', () => {
    expect(addWorkingDays(calendar, at('2025-12-31T02:00:00Z'), 1).date).toBe('2026-01-04')
    expect(addWorkingDays(calendar, at('2025-12-31T02:00:00Z'), 2).date).toBe('2026-01-05')
    expect(addWorkingDays(calendar, at('2025-12-31T16:00:00Z'), 1).date).toBe('2026-01-04')
    expect(addWorkingDays(calendar, at('2026-12-30T02:00:00Z'), 1)).toMatchObject({
      date: '2026-12-31',
      deadline: at('2026-12-31T16:00:00Z'),
    })
  })

  test('a year without data is a clear error, weekends included', () => {
    const error = ((): unknown => {
      try {
        return addWorkingDays(calendar, at('2026-12-31T02:00:00Z'), 1)
      } catch (cause) {
        return cause
      }
    })()
    expect(error).toBeInstanceOf(CalendarError)
    expect(error).toMatchObject({
      code: 'year_not_covered',
      words: {
        zh: '工作日历没有 2027 年的数据（已有：2025, 2026），请导入国务院办公厅当年放假通知',
        en: expect.stringContaining('no data for 2027') as string,
      },
    })
    expect(() => isWorkingDay(calendar, '2024-12-28')).toThrow(CalendarError)
    expect(() => workingDaysBetween(calendar, '2024-12-31', '2025-01-02')).toThrow(/2024/)
    expect(() => addWorkingDays(calendar, at('2024-12-31T02:00:00Z'), 1)).toThrow(/2024/)
  })

  test('a provisional year is used only when asked for, and says so', () => {
    const wider = withProvisionalYears(calendar)
    expect(addWorkingDays(wider, at('2026-12-31T02:00:00Z'), 1)).toMatchObject({
      date: '2027-01-04',
      provisional: true,
    })
    expect(addWorkingDays(wider, at('2026-12-01T02:00:00Z'), 5)).toMatchObject({ provisional: false })
    expect(isWorkingDay(wider, '2027-02-08')).toBe(false)
    expect(() => addWorkingDays(wider, at('2027-12-31T02:00:00Z'), 1)).toThrow(/2028/)
  })

  test('bad input is refused', () => {
    for (const n of [0, -1, 1.5, Number.NaN, 1001]) {
      expect(() => addWorkingDays(calendar, at('2026-03-02T00:00:00Z'), n)).toThrow(CalendarError)
    }
    expect(() => addWorkingDays(calendar, new Date(Number.NaN), 1)).toThrow(CalendarError)
    expect(() => isWorkingDay(calendar, '2026-02-29')).toThrow(/Bad date/)
    expect(() => isWorkingDay(calendar, '2026-2-1')).toThrow(/Bad date/)
    const year = { source: 'x', provisional: false, holidays: {}, workdays: {} }
    expect(() => makeCalendar({ '2026': { ...year, holidays: { '2025-01-01': 'x' } } })).toThrow(/2026: 2025-01-01/)
    expect(() => makeCalendar({ '2026': { ...year, workdays: { '2026-03-02': 'a Monday' } } })).toThrow(/2026-03-02/)
    expect(() => makeCalendar({ constructor: year })).toThrow(/constructor/)
  })
})

describe('remaining time', () => {
  const deadline = at('2026-02-24T16:00:00Z') // the close of 24 February

  test('counts working days only', () => {
    expect(remainingWorkingTime(calendar, at('2026-02-24T15:00:00Z'), deadline)).toEqual({
      overdue: false,
      days: 0,
      ms: 3_600_000,
    })
    const beforeHoliday = remainingWorkingTime(calendar, at('2026-02-14T16:00:00Z'), deadline)
    expect(beforeHoliday).toEqual({ overdue: false, days: 1, ms: 0 })
    expect(remainingWorkingTime(calendar, at('2026-02-20T04:00:00Z'), deadline)).toEqual(beforeHoliday)
    expect(remainingWorkingTime(calendar, at('2026-02-13T04:00:00Z'), deadline)).toEqual({
      overdue: false,
      days: 2,
      ms: 12 * 3_600_000,
    })
  })

  test('the deadline itself is too late', () => {
    expect(remainingWorkingTime(calendar, deadline, deadline)).toEqual({ overdue: true, days: 0, ms: 0 })
    expect(remainingWorkingTime(calendar, at('2026-02-26T16:00:00Z'), deadline)).toMatchObject({
      overdue: true,
      days: 2,
    })
  })
})

describe('properties', () => {
  const day = fc.integer({ min: 0, max: 600 }).map((days) => addDays('2025-01-01', days))
  const time = fc.integer({ min: 0, max: 86_399_999 })

  test('n working days lie between receipt and limit, the limit is a working day, the time left is n days', () => {
    fc.assert(
      fc.property(day, time, fc.integer({ min: 1, max: 60 }), (date, ms, n) => {
        const from = new Date(shanghaiMidnight(date).getTime() + ms)
        expect(shanghaiDate(from)).toBe(date)
        const limit = addWorkingDays(calendar, from, n)
        expect(isWorkingDay(calendar, limit.date)).toBe(true)
        expect(workingDaysBetween(calendar, date, limit.date)).toBe(n)
        expect(workingDaysBetween(calendar, limit.date, date)).toBe(-n)
        expect(limit.deadline).toEqual(shanghaiMidnight(addDays(limit.date, 1)))
        expect(addWorkingDays(calendar, from, n + 1).date > limit.date).toBe(true)
        const endOfReceipt = shanghaiMidnight(addDays(date, 1))
        expect(remainingWorkingTime(calendar, endOfReceipt, limit.deadline)).toEqual({ overdue: false, days: n, ms: 0 })
      }),
    )
  })

  test('dates: Gregorian only', () => {
    expect(['2000-02-29', '2024-02-29', '0001-01-01', '9999-12-31'].every(isIsoDate)).toBe(true)
    const bad = ['1900-02-29', '2026-02-29', '2026-13-01', '2026-00-10', '2026-04-31', '0000-01-01', '2026-1-1', '']
    expect(bad.some(isIsoDate)).toBe(false)
  })
})
