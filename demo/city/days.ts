/** The last day on which anything in the city's registers happened: ages and dates are counted to it. */
export const LAST_DAY = '2025-12-31'

const DAY_MS = 86_400_000

/** Days since 1970-01-01 of a date `YYYY-MM-DD`. */
export const dayOf = (date: string): number => Date.parse(`${date}T00:00:00Z`) / DAY_MS

/** The date of a day. */
export const dateOf = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10)

/** Is it the text `YYYY-MM-DD` of a day that exists? */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false
  const day = dayOf(text)
  return Number.isFinite(day) && dateOf(day) === text
}
