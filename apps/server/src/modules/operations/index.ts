import type { Verb } from '../../kernel/verb.ts'
import { readHealthVerb } from './read-health.ts'

export const operationsVerbs: readonly Verb[] = [readHealthVerb]
