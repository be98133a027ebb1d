import { describe, expect, test } from 'vitest'
import { clockView, startClock } from './response-clock.ts'

// A Wednesday, 10:00 in Shanghai; the long holiday of National Day begins on Thursday.
const WEDNESDAY = new Date('2026-09-30T02:00:00Z')
const times = (now: Date, legalNow = now) => ({ now, legalNow })

describe('the response clock', () => {
  test('of the first two levels runs day and night', () => {
    expect(startClock(1, times(WEDNESDAY))).toMatchObject({
      clock: 'natural',
      responseDueAt: new Date('2026-09-30T02:15:00Z'),
      restoreDueAt: new Date('2026-09-30T06:00:00Z'),
    })
    expect(startClock(2, times(WEDNESDAY)).responseDueAt).toEqual(new Date('2026-09-30T02:30:00Z'))
  })

  test('of the third level counts working days by legal time and rests on holidays', () => {
    const started = startClock(3, times(new Date('2026-01-01T00:00:00Z'), WEDNESDAY))
    expect(started).toMatchObject({ clock: 'working', openedAt: WEDNESDAY })
    // 1 to 7 October are free, so the first working day after the 30th is the 8th.
    expect(started.responseDueAt).toEqual(new Date('2026-10-08T16:00:00Z'))
    expect(started.restoreDueAt.getTime()).toBeGreaterThan(started.responseDueAt.getTime())
  })

  test('shows what is left, stops when told, and is late from the first instant that is too late', () => {
    const { clock, openedAt, responseDueAt: dueAt } = startClock(2, times(WEDNESDAY))
    const limit = { clock, openedAt, dueAt, stoppedAt: null }
    const after = (minutes: number) => new Date(WEDNESDAY.getTime() + minutes * 60_000)
    expect(clockView(limit, times(after(12)))).toMatchObject({ remainingMinutes: 18, allowedMinutes: 30, late: false })
    expect(clockView(limit, times(after(30)))).toMatchObject({ remainingMinutes: 0, late: true })
    expect(clockView(limit, times(after(45)))).toMatchObject({ remainingMinutes: -15, late: true })
    expect(clockView({ ...limit, stoppedAt: after(10) }, times(after(900)))).toMatchObject({
      remainingMinutes: 20,
      late: false,
      stoppedAt: after(10).toISOString(),
    })
  })
})
