import type { Verb } from '../../../kernel/verb.ts'
import { listRunEventsVerb } from './list-run-events.ts'
import { readImpactVerb } from './read-impact.ts'
import { readLineageVerb } from './read-lineage.ts'
import { recordLineageVerb, removeLineageJobVerb } from './record-lineage.ts'

export const lineageVerbs: readonly Verb[] = [
  readLineageVerb,
  readImpactVerb,
  listRunEventsVerb,
  recordLineageVerb,
  removeLineageJobVerb,
]
