import {
  addWorkingDays,
  CalendarError,
  chinaCalendar,
  isWorkingDay,
  remainingWorkingTime,
  shanghaiDate,
  withProvisionalYears,
  type WorkCalendar,
} from '@huitong/codes'
import { refuse } from '../../kernel/errors.ts'

const DAY_MINUTES = 24 * 60
let cached: WorkCalendar | null = null

/** The working-day calendar in force: published years, and provisional ones (no 调休 yet) after them. */
export function calendar(): WorkCalendar {
  cached ??= withProvisionalYears(chinaCalendar())
  return cached
}

function covered<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof CalendarError) refuse('calendar.year_missing', { detail: error.message })
    throw error
  }
}

/** Refuses an instant of a year that the calendar does not hold: nothing could be counted there. */
export const requireCovered = (instant: Date): void => {
  covered(() => isWorkingDay(calendar(), shanghaiDate(instant)))
}

/** The first instant that is too late, N working days after `from` (receipt day not counted, 24:00 Asia/Shanghai). */
export const dueAfter = (from: Date, workingDays: number): Date =>
  covered(() => addWorkingDays(calendar(), from, workingDays).deadline)

/** Working minutes left until a deadline, 24 hours a working day; negative when it is past. */
export function remainingMinutes(now: Date, due: Date): number {
  return covered(() => {
    const remaining = remainingWorkingTime(calendar(), now, due)
    const minutes = remaining.days * DAY_MINUTES + Math.round(remaining.ms / 60_000)
    return remaining.overdue ? -minutes : minutes
  })
}

/** Working minutes from the start of the clock to the deadline. */
export const allowedMinutes = (started: Date, due: Date): number =>
  Math.max(DAY_MINUTES, remainingMinutes(started, due))
