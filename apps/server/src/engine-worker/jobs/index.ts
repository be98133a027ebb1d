import type { Static } from 'typebox'
import { checkQuality } from './check-quality.ts'
import { checkSegment } from './check-segment.ts'
import { compareFindings } from './compare-findings.ts'
import { findRecords, listMasters, readMaster, readReview } from './read-fusion.ts'
import { fuseLibrary } from './fuse-library.ts'
import { groupValues } from './group-values.ts'
import { previewRecipe } from './preview-recipe.ts'
import { profileTable } from './profile-table.ts'
import { readFindings } from './read-findings.ts'
import { runQuery } from './run-query.ts'
import { runRecipe } from './run-recipe.ts'
import { tryRules } from './try-rules.ts'
import { writeFindings } from './write-findings.ts'
import { writeLakeFile } from './write-lake-file.ts'

/** All kinds of jobs, by the name that callers use. */
export const JOBS = {
  'check-quality': checkQuality,
  'check-segment': checkSegment,
  'compare-findings': compareFindings,
  'find-fused-records': findRecords,
  'fuse-library': fuseLibrary,
  'group-values': groupValues,
  'list-masters': listMasters,
  'preview-recipe': previewRecipe,
  'profile-table': profileTable,
  'read-findings': readFindings,
  'read-master': readMaster,
  'read-review': readReview,
  'run-query': runQuery,
  'run-recipe': runRecipe,
  'try-rules': tryRules,
  'write-findings': writeFindings,
  'write-lake-file': writeLakeFile,
} as const

export type JobKind = keyof typeof JOBS
export type JobInput<K extends JobKind> = Static<(typeof JOBS)[K]['input']>
export type JobOutput<K extends JobKind> = Awaited<ReturnType<(typeof JOBS)[K]['run']>>
