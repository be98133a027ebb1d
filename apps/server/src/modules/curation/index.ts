import type { Verb } from '../../kernel/verb.ts'
import { mountDatasetVerb } from './mount-dataset.ts'
import { readFrontTableVerb } from './read-front-table.ts'
import { suggestDraftVerb } from './suggest-draft.ts'

export { refreshMount } from './refresh-mount.ts'

export const curationVerbs: readonly Verb[] = [suggestDraftVerb, mountDatasetVerb, readFrontTableVerb]
