import data from '../data/calendar-2025-2026.json' with { type: 'json' }
import { addDays, isIsoDate, shanghaiDate, shanghaiMidnight, weekday } from './dates.ts'
import type { IsoDate } from './dates.ts'

/** The working days of one year, as data. */
export interface CalendarYear {
  /** The State Council notice, or what the year was derived from. */
  source: string
  /** True when no notice was published yet: statutory holidays and weekends only, without 调休. */
  provisional: boolean
  /** Days off beside ordinary weekends, with the holiday's name. */
  holidays: Readonly<Record<IsoDate, string>>
  /** Saturdays and Sundays that are worked (调休上班), with the holiday they make up for. */
  workdays: Readonly<Record<IsoDate, string>>
}

/** A calendar: a plain value made from sourced data, kept per year. */
export interface WorkCalendar {
  years: Readonly<Record<string, CalendarYear>>
}

/** A date or a limit that the calendar cannot answer for. `words` are for people. */
export class CalendarError extends Error {
  readonly code: 'year_not_covered' | 'bad_input'
  readonly words: { zh: string; en: string }
  constructor(code: CalendarError['code'], words: { zh: string; en: string }) {
    super(words.en)
    this.name = 'CalendarError'
    this.code = code
    this.words = words
  }
}

/** The longest limit that is counted, in working days. */
export const WORKING_DAYS_MAX = 1000

/** Checks a calendar that was read from a file. Throws CalendarError `bad_input`, naming the year and date. */
export function makeCalendar(years: Record<string, CalendarYear>): WorkCalendar {
  for (const [year, { holidays, workdays }] of Object.entries(years)) {
    if (!/^\d{4}$/.test(year)) throw badInput(year)
    for (const date of [...Object.keys(holidays), ...Object.keys(workdays)]) {
      if (!isIsoDate(date) || !date.startsWith(`${year}-`)) throw badInput(`${year}: ${date}`)
    }
    for (const date of Object.keys(workdays)) {
      if (weekday(date) % 6 !== 0 || date in holidays) throw badInput(`${year}: ${date}`)
    }
  }
  return { years }
}

/** The calendar of 2025 and 2026, from the State Council notices named in it. */
export function chinaCalendar(): WorkCalendar {
  return makeCalendar(data.years)
}

/**
 * The same calendar with provisional years for which no notice exists yet: weekends and statutory holidays only
 * (《全国年节及纪念日放假办法》), so a limit may move by a day or more when the notice comes. Results say `provisional`.
 */
export function withProvisionalYears(calendar: WorkCalendar): WorkCalendar {
  return makeCalendar({ ...data.provisionalYears, ...calendar.years })
}

function yearOf(calendar: WorkCalendar, date: IsoDate): CalendarYear {
  if (!isIsoDate(date)) throw badInput(date)
  const year = date.slice(0, 4)
  const found = Object.hasOwn(calendar.years, year) ? calendar.years[year] : undefined
  if (found !== undefined) return found
  const covered = Object.keys(calendar.years).sort().join(', ')
  throw new CalendarError('year_not_covered', {
    zh: `工作日历没有 ${year} 年的数据（已有：${covered}），请导入国务院办公厅当年放假通知`,
    en: `The working-day calendar has no data for ${year} (it covers: ${covered}); import that year's State Council notice`,
  })
}

function badInput(place: string): CalendarError {
  return new CalendarError('bad_input', {
    zh: `日期或天数不正确：${place}`,
    en: `Bad date or number of days: ${place}`,
  })
}

/** True for a working day. Throws `year_not_covered` for any date of a year without data, weekends too. */
export function isWorkingDay(calendar: WorkCalendar, date: IsoDate): boolean {
  const { holidays, workdays } = yearOf(calendar, date)
  if (date in holidays) return false
  return weekday(date) % 6 !== 0 || date in workdays
}

/** A limit in working days. */
export interface WorkingLimit {
  /** The Nth working day, in Asia/Shanghai. */
  date: IsoDate
  /** Its close, 24:00 in Asia/Shanghai: the first instant that is too late. */
  deadline: Date
  /** A year on the way has no State Council notice yet. */
  provisional: boolean
}

/**
 * The limit of `n` working days (1 to 1,000) from an instant: the day of receipt in Asia/Shanghai is not counted, the
 * limit ends at the close of the nth working day after it. Throws CalendarError.
 */
export function addWorkingDays(calendar: WorkCalendar, from: Date, n: number): WorkingLimit {
  if (Number.isNaN(from.getTime())) throw badInput('from')
  if (!Number.isInteger(n) || n < 1 || n > WORKING_DAYS_MAX) throw badInput(`n = ${n}`)
  let date = shanghaiDate(from)
  let provisional = yearOf(calendar, date).provisional
  for (let left = n; left > 0;) {
    date = addDays(date, 1)
    provisional ||= yearOf(calendar, date).provisional
    if (isWorkingDay(calendar, date)) left--
  }
  return { date, deadline: shanghaiMidnight(addDays(date, 1)), provisional }
}

/** Working days after `from` up to and including `to`; negative when `to` is the earlier. Dates in Asia/Shanghai. */
export function workingDaysBetween(calendar: WorkCalendar, from: IsoDate, to: IsoDate): number {
  if (to < from) return -workingDaysBetween(calendar, to, from)
  yearOf(calendar, from)
  yearOf(calendar, to)
  let count = 0
  for (let date = from; date < to;) {
    date = addDays(date, 1)
    if (isWorkingDay(calendar, date)) count++
  }
  return count
}

/** Time left until a deadline, counting only working days (each as 24 hours). */
export interface RemainingTime {
  overdue: boolean
  /** Whole working days. */
  days: number
  /** The rest, in milliseconds, less than a day. */
  ms: number
}

/** Working time between now and a deadline; when it is past, the working time by which it is overdue. */
export function remainingWorkingTime(calendar: WorkCalendar, now: Date, deadline: Date): RemainingTime {
  if (Number.isNaN(now.getTime()) || Number.isNaN(deadline.getTime())) throw badInput('now or deadline')
  const overdue = now.getTime() >= deadline.getTime()
  const [start, end] = overdue ? [deadline, now] : [now, deadline]
  let ms = 0
  for (let date = shanghaiDate(start); shanghaiMidnight(date).getTime() < end.getTime(); date = addDays(date, 1)) {
    if (!isWorkingDay(calendar, date)) continue
    const from = Math.max(start.getTime(), shanghaiMidnight(date).getTime())
    const to = Math.min(end.getTime(), shanghaiMidnight(addDays(date, 1)).getTime())
    ms += to - from
  }
  return { overdue, days: Math.floor(ms / 86_400_000), ms: ms % 86_400_000 }
}
