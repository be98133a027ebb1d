import type { Job } from '../../kernel/jobs.ts'
import type { Verb } from '../../kernel/verb.ts'
import { countLandingsJob } from './count-landings.job.ts'
import { decidePairVerb, listMastersVerb, readMasterVerb, readReviewVerb, splitMasterVerb } from './fused.ts'
import {
  listFusionRunsVerb,
  readFusionRunVerb,
  readFusionVerb,
  setFusionVerb,
  startFusionVerb,
  stopFusionVerb,
} from './fusion.ts'
import { lineageVerbs } from './lineage/index.ts'
import { listAssetsVerb } from './list-assets.ts'
import { lookUpVerb } from './look-up.ts'
import { readLibraryVerb } from './read-library.ts'
import { readPreviewVerb } from './read-preview.ts'
import { registerSourceVerb } from './register-source.ts'
import { runFusionJob } from './run-fusion.job.ts'
import { setLibraryVerb } from './set-library.ts'
import { answerQuestionsJob, workbenchVerbs } from './workbench/index.ts'

export const centreVerbs: readonly Verb[] = [
  registerSourceVerb,
  listAssetsVerb,
  readLibraryVerb,
  setLibraryVerb,
  lookUpVerb,
  readPreviewVerb,
  readFusionVerb,
  setFusionVerb,
  startFusionVerb,
  listFusionRunsVerb,
  readFusionRunVerb,
  stopFusionVerb,
  readReviewVerb,
  decidePairVerb,
  listMastersVerb,
  readMasterVerb,
  splitMasterVerb,
  ...workbenchVerbs,
  ...lineageVerbs,
]
export const centreJobs: readonly Job[] = [countLandingsJob, runFusionJob, answerQuestionsJob]
