import type { Static } from 'typebox'
import { checkQuality } from './check-quality.ts'
import { checkSegment } from './check-segment.ts'
import { fuseLibrary } from './fuse-library.ts'
import { profileTable } from './profile-table.ts'
import { readFindings } from './read-findings.ts'
import { findRecords, listMasters, readMaster, readReview } from './read-fusion.ts'
import { tryRules } from './try-rules.ts'
import { writeLakeFile } from './write-lake-file.ts'

/** All kinds of jobs, by the name that callers use. */
export const JOBS = {
  'check-quality': checkQuality,
  'check-segment': checkSegment,
  'find-fused-records': findRecords,
  'fuse-library': fuseLibrary,
  'list-masters': listMasters,
  'profile-table': profileTable,
  'read-findings': readFindings,
  'read-master': readMaster,
  'read-review': readReview,
  'try-rules': tryRules,
  'write-lake-file': writeLakeFile,
} as const

export type JobKind = keyof typeof JOBS
export type JobInput<K extends JobKind> = Static<(typeof JOBS)[K]['input']>
export type JobOutput<K extends JobKind> = Awaited<ReturnType<(typeof JOBS)[K]['run']>>
