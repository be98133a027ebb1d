import { Type } from 'typebox'
import { Bilingual, exact, Instant, Day, text } from './common.ts'
import { endpoint } from './endpoint.ts'
import { words } from './words.ts'

export const readLegalClock = endpoint({
  id: 'standards.clock.read',
  method: 'GET',
  path: '/api/v1/legal-clock',
  access: 'session',
  words: words('法定时间', 'Legal time'),
  reply: exact({ now: Instant, offsetSeconds: Type.Integer(), shiftable: Type.Boolean() }),
})
export const shiftLegalClock = endpoint({
  id: 'standards.clock.shift',
  method: 'PUT',
  path: '/api/v1/legal-clock',
  access: 'clock.shift',
  words: words('调整法定时间（仅演示）', 'Shift legal time (demo only)'),
  body: exact({ offsetSeconds: Type.Integer({ minimum: 0, maximum: 315_360_000 }) }),
  reply: exact({ now: Instant, offsetSeconds: Type.Integer(), shiftable: Type.Boolean() }),
  errors: ['clock.demo_only', 'calendar.year_missing'],
})
export const listHolidays = endpoint({
  id: 'standards.calendar.read',
  method: 'GET',
  path: '/api/v1/calendars/:year',
  access: 'session',
  words: words('工作日历', 'Working-day calendar'),
  params: exact({ year: Type.String({ pattern: '^\\d{4}$' }) }),
  reply: exact({
    year: Type.Integer(),
    source: Type.String(),
    holidays: Type.Array(exact({ day: Day, name: Type.String() })),
    makeUpDays: Type.Array(exact({ day: Day, name: Type.String() })),
  }),
  errors: ['calendar.year_missing'],
})
export const listDeadlineRules = endpoint({
  id: 'standards.deadline.list',
  method: 'GET',
  path: '/api/v1/deadline-rules',
  access: 'session',
  words: words('法定时限规则', 'Deadline rules'),
  reply: exact({
    items: Type.Array(
      exact({
        code: Type.String(),
        words: Bilingual,
        workingDays: Type.Integer(),
        workingDaysMax: Type.Integer(),
        extensionMax: Type.Integer(),
        source: text(256),
      }),
    ),
  }),
})

export const standardsEndpoints = [readLegalClock, shiftLegalClock, listHolidays, listDeadlineRules] as const
