import type { Job } from '../../kernel/jobs.ts'
import type { Verb } from '../../kernel/verb.ts'
import { countLandingsJob } from './count-landings.job.ts'
import { listAssetsVerb } from './list-assets.ts'
import { lookUpVerb } from './look-up.ts'
import { readLibraryVerb } from './read-library.ts'
import { readPreviewVerb } from './read-preview.ts'
import { registerSourceVerb } from './register-source.ts'
import { setLibraryVerb } from './set-library.ts'

export const centreVerbs: readonly Verb[] = [
  registerSourceVerb,
  listAssetsVerb,
  readLibraryVerb,
  setLibraryVerb,
  lookUpVerb,
  readPreviewVerb,
]
export const centreJobs: readonly Job[] = [countLandingsJob]
