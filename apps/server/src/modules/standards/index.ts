import type { Job } from '../../kernel/jobs.ts'
import type { Subscriber } from '../../kernel/subscribers.ts'
import type { Verb } from '../../kernel/verb.ts'
import { addCodeSetVersionVerb, createCodeSetVerb, listCodeSetsVerb, readCodeSetVerb } from './code-sets.ts'
import {
  createDataElementVerb,
  listDataElementsVerb,
  readDataElementVerb,
  updateDataElementVerb,
} from './data-elements.ts'
import { listDeadlineRulesVerb } from './list-deadline-rules.ts'
import { readCalendarVerb } from './read-calendar.ts'
import { readLegalClockVerb } from './read-legal-clock.ts'
import { seedStandards } from './seed-jurisdiction.subscriber.ts'
import { seedStandardsJob } from './seed-standards.job.ts'
import { shiftLegalClockVerb } from './shift-legal-clock.ts'

export { allowedMinutes, dueAfter, remainingMinutes } from './calendar.ts'
export { codeListName, codeLists } from './code-lists.ts'
export { elementView, SELECT_ELEMENT, type ElementRow } from './data-elements.ts'
export { NATIONAL_DEADLINES } from './deadline-rules.ts'

export const standardsVerbs: readonly Verb[] = [
  readLegalClockVerb,
  shiftLegalClockVerb,
  readCalendarVerb,
  listDeadlineRulesVerb,
  listCodeSetsVerb,
  readCodeSetVerb,
  createCodeSetVerb,
  addCodeSetVersionVerb,
  listDataElementsVerb,
  readDataElementVerb,
  createDataElementVerb,
  updateDataElementVerb,
]
export const standardsJobs: readonly Job[] = [seedStandardsJob]
export const standardsSubscribers: readonly Subscriber[] = [seedStandards]
