/** Writes data/calendar-2025-2026.json from the package chinese-days. Run again when a State Council notice appears. */
import { createRequire } from 'node:module'
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { addDays, weekday } from '../src/dates.ts'
import type { CalendarYear } from '../src/working-days.ts'

const require = createRequire(import.meta.url)
// Node.js does not see the names that this CommonJS bundle exports, so it is required, not imported.
const { getSolarDateFromLunar, getSolarTermDate } = require('chinese-days') as typeof import('chinese-days')
const dist = dirname(require.resolve('chinese-days'))

interface YearFile {
  holidays: Record<string, string>
  workdays: Record<string, string>
}

const NOTICES: Record<string, string> = {
  '2025': '《国务院办公厅关于2025年部分节假日安排的通知》国办发明电〔2024〕12号（2024年11月12日）',
  '2026': '《国务院办公厅关于2026年部分节假日安排的通知》国办发明电〔2025〕7号（2025年11月4日）',
}

/** `"Spring Festival,春节,4"` in the package: English name, Chinese name, statutory days. */
function chineseNames(days: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(days).map(([date, names]) => [date, names.split(',')[1] ?? names]))
}

function noticedYear(year: string, source: string): CalendarYear {
  const file = JSON.parse(readFileSync(join(dist, 'years', `${year}.json`), 'utf8')) as YearFile
  return { source, provisional: false, holidays: chineseNames(file.holidays), workdays: chineseNames(file.workdays) }
}

/** Statutory holidays alone (State Council order 795, 2024): lunar dates and the solar term are looked up. */
function statutoryYear(year: number): CalendarYear {
  const solar = (month: number, day: number): string => {
    const { date } = getSolarDateFromLunar(`${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`)
    if (date === undefined) throw new Error(`no solar date for ${year}-${month}-${day}`)
    return date
  }
  const springFestival = solar(1, 1)
  const holidays: Record<string, string> = { [`${year}-01-01`]: '元旦' }
  for (let i = -1; i <= 2; i++) holidays[addDays(springFestival, i)] = '春节'
  holidays[getSolarTermDate(year, 4, 'pure_brightness')] = '清明'
  for (const day of ['01', '02']) holidays[`${year}-05-${day}`] = '劳动节'
  holidays[solar(5, 5)] = '端午'
  holidays[solar(8, 15)] = '中秋'
  for (const day of ['01', '02', '03']) holidays[`${year}-10-${day}`] = '国庆节'
  const source =
    '《全国年节及纪念日放假办法》（国务院令第795号），尚无当年放假通知 / statutory days only, no notice yet'
  return { source, provisional: true, holidays, workdays: {} }
}

const years = Object.fromEntries(Object.entries(NOTICES).map(([year, source]) => [year, noticedYear(year, source)]))
for (const { workdays } of Object.values(years)) {
  for (const date of Object.keys(workdays)) {
    if (weekday(date) % 6 !== 0) throw new Error(`${date} is a make-up day but no weekend`)
  }
}
const { version } = JSON.parse(readFileSync(join(dist, '..', 'package.json'), 'utf8')) as { version: string }
const output = {
  source: Object.values(NOTICES).join('；'),
  package: `chinese-days ${version} (MIT)`,
  madeBy: 'packages/codes/scripts/make-calendar.ts',
  years,
  provisionalYears: { '2027': statutoryYear(2027) },
}
writeFileSync(join(import.meta.dirname, '../data/calendar-2025-2026.json'), `${JSON.stringify(output, null, 2)}\n`)
