import type { Verb } from '../../kernel/verb.ts'
import { readHomeVerb } from './read-home.ts'

export const portalVerbs: readonly Verb[] = [readHomeVerb]
