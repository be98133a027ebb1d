/**
 * The demonstration's own legal calendar, written out by hand to be compared with the platform's.
 * 2026: 国务院办公厅关于2026年部分节假日安排的通知（国办发明电〔2025〕7号）. 2027: no notice yet; the statutory days of
 * 《全国年节及纪念日放假办法》（国务院令第795号） alone.
 */
const SPANS: readonly (readonly [from: string, until: string])[] = [
  ['2026-01-01', '2026-01-03'],
  ['2026-02-15', '2026-02-23'],
  ['2026-04-04', '2026-04-06'],
  ['2026-05-01', '2026-05-05'],
  ['2026-06-19', '2026-06-21'],
  ['2026-09-25', '2026-09-27'],
  ['2026-10-01', '2026-10-07'],
  ['2027-01-01', '2027-01-01'],
  ['2027-02-05', '2027-02-08'],
  ['2027-04-05', '2027-04-05'],
  ['2027-05-01', '2027-05-02'],
  ['2027-06-09', '2027-06-09'],
  ['2027-09-15', '2027-09-15'],
  ['2027-10-01', '2027-10-03'],
]
const MAKE_UP = ['2026-01-04', '2026-02-14', '2026-02-28', '2026-05-09', '2026-09-20', '2026-10-10']
const DAY_MS = 86_400_000
const SHANGHAI_MS = 8 * 3_600_000

const dayAfter = (day: string): string => new Date(Date.parse(day) + DAY_MS).toISOString().slice(0, 10)

/** Holidays of a year, day by day. */
export function holidaysOf(year: number): string[] {
  const days: string[] = []
  for (const [from, until] of SPANS) {
    for (let day = from; day <= until; day = dayAfter(day)) if (day.startsWith(`${year}-`)) days.push(day)
  }
  return days
}

/** Days on which a weekend is worked (调休). */
export const makeUpDaysOf = (year: number): string[] => MAKE_UP.filter((day) => day.startsWith(`${year}-`))

function isWorked(day: string): boolean {
  const year = Number(day.slice(0, 4))
  if (year !== 2026 && year !== 2027) throw new Error(`this calendar does not know ${year}`)
  if (holidaysOf(year).includes(day)) return false
  const weekday = new Date(Date.parse(day)).getUTCDay()
  return (weekday !== 0 && weekday !== 6) || MAKE_UP.includes(day)
}

/** The first instant that is too late: the end of the Nth working day after the day of receipt, in China's time. */
export function deadlineAfter(receipt: Date, workingDays: number): Date {
  let day = new Date(receipt.getTime() + SHANGHAI_MS).toISOString().slice(0, 10)
  for (let left = workingDays; left > 0;) {
    day = dayAfter(day)
    if (isWorked(day)) left--
  }
  return beginningOf(dayAfter(day))
}

/** 00:00 of a day in China. */
export const beginningOf = (day: string): Date => new Date(Date.parse(day) - SHANGHAI_MS)

/** A day of China's calendar, so many days from an instant. */
export const chinaDay = (at: Date, days = 0): string =>
  new Date(at.getTime() + SHANGHAI_MS + days * DAY_MS).toISOString().slice(0, 10)
