/** A calendar date `YYYY-MM-DD`. */
export type IsoDate = string

const DAY_MS = 86_400_000
/** Asia/Shanghai has had no daylight saving time since 1991. */
const SHANGHAI_MS = 8 * 3_600_000

/** True for a date that exists in the Gregorian calendar, years 1 to 9999. */
export function isIsoDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || text.startsWith('0000')) return false
  const date = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().slice(0, 10) === text
}

/** Date `days` later. */
export function addDays(date: IsoDate, days: number): IsoDate {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10)
}

/** 0 for Sunday to 6 for Saturday. */
export function weekday(date: IsoDate): number {
  return new Date(`${date}T00:00:00Z`).getUTCDay()
}

/** The date in Asia/Shanghai at an instant (1992 and later). */
export function shanghaiDate(instant: Date): IsoDate {
  return new Date(instant.getTime() + SHANGHAI_MS).toISOString().slice(0, 10)
}

/** The instant at which a date begins in Asia/Shanghai (1992 and later). */
export function shanghaiMidnight(date: IsoDate): Date {
  return new Date(Date.parse(`${date}T00:00:00Z`) - SHANGHAI_MS)
}
