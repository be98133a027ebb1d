interface NamedDay {
  readonly day: string
  readonly name: string
}
export interface DayRange {
  readonly from: string
  readonly until: string
  readonly name: string
}

const next = (day: string) => new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10)

/** Days in a row with one name as one range, in the order of the calendar. */
export function dayRanges(days: readonly NamedDay[]): DayRange[] {
  const ranges: DayRange[] = []
  for (const { day, name } of [...days].sort((a, b) => (a.day < b.day ? -1 : 1))) {
    const last = ranges[ranges.length - 1]
    if (last && last.name === name && next(last.until) === day) ranges[ranges.length - 1] = { ...last, until: day }
    else ranges.push({ from: day, until: day, name })
  }
  return ranges
}
