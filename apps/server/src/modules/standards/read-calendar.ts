import { listHolidays } from '@huitong/contract/standards'
import { refuse } from '../../kernel/errors.ts'
import { query } from '../../kernel/verb.ts'
import { calendar } from './calendar.ts'

/** Holidays and make-up days of a year, with the notice they come from. */
export const readCalendarVerb = query<typeof listHolidays>({
  endpoint: listHolidays,
  audit: null,
  async run(_context, { params }) {
    const year = calendar().years[params.year]
    if (!year) refuse('calendar.year_missing')
    const days = (record: Readonly<Record<string, string>>) =>
      Object.entries(record)
        .map(([day, name]) => ({ day, name }))
        .sort((a, b) => (a.day < b.day ? -1 : 1))
    return {
      year: Number(params.year),
      source: year.source,
      holidays: days(year.holidays),
      makeUpDays: days(year.workdays),
    }
  },
})
