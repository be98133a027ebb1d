import { addWorkingDays, chinaCalendar, withProvisionalYears } from '@huitong/codes'
import { expect, test } from 'vitest'
import { beginningOf, chinaDay, deadlineAfter, holidaysOf, makeUpDaysOf } from './working-days.ts'

test('counts as the notice of 2026 says, over the Spring Festival and its make-up days', () => {
  // Received on Friday 13 February; Saturday 14th is worked, 15th to 23rd are free.
  expect(deadlineAfter(new Date('2026-02-13T03:00:00Z'), 1).toISOString()).toBe('2026-02-14T16:00:00.000Z')
  expect(deadlineAfter(new Date('2026-02-13T03:00:00Z'), 2).toISOString()).toBe('2026-02-24T16:00:00.000Z')
  expect(holidaysOf(2026)).toHaveLength(33)
  expect(makeUpDaysOf(2026)).toHaveLength(6)
})

test('agrees with the platform’s calendar, written apart, on every day of both years', () => {
  const calendar = withProvisionalYears(chinaCalendar())
  for (let day = '2026-01-01'; day < '2027-11-30'; day = chinaDay(beginningOf(day), 1)) {
    const noon = new Date(beginningOf(day).getTime() + 12 * 3_600_000)
    for (const n of [1, 2, 10]) {
      const theirs = addWorkingDays(calendar, noon, n).deadline
      expect([day, n, deadlineAfter(noon, n)]).toEqual([day, n, theirs])
    }
  }
})
