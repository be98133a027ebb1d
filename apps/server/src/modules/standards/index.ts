import type { Subscriber } from '../../kernel/subscribers.ts'
import type { Verb } from '../../kernel/verb.ts'
import { listDeadlineRulesVerb } from './list-deadline-rules.ts'
import { readCalendarVerb } from './read-calendar.ts'
import { readLegalClockVerb } from './read-legal-clock.ts'
import { seedStandards } from './seed-jurisdiction.subscriber.ts'
import { shiftLegalClockVerb } from './shift-legal-clock.ts'

export { allowedMinutes, dueAfter, remainingMinutes } from './calendar.ts'
export { NATIONAL_DEADLINES } from './deadline-rules.ts'

export const standardsVerbs: readonly Verb[] = [
  readLegalClockVerb,
  shiftLegalClockVerb,
  readCalendarVerb,
  listDeadlineRulesVerb,
]
export const standardsSubscribers: readonly Subscriber[] = [seedStandards]
