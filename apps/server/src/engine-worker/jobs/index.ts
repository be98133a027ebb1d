import type { Static } from 'typebox'
import { checkQuality } from './check-quality.ts'
import { checkSegment } from './check-segment.ts'
import { profileTable } from './profile-table.ts'
import { readFindings } from './read-findings.ts'
import { tryRules } from './try-rules.ts'
import { writeLakeFile } from './write-lake-file.ts'

/** All kinds of jobs, by the name that callers use. */
export const JOBS = {
  'check-quality': checkQuality,
  'check-segment': checkSegment,
  'profile-table': profileTable,
  'read-findings': readFindings,
  'try-rules': tryRules,
  'write-lake-file': writeLakeFile,
} as const

export type JobKind = keyof typeof JOBS
export type JobInput<K extends JobKind> = Static<(typeof JOBS)[K]['input']>
export type JobOutput<K extends JobKind> = Awaited<ReturnType<(typeof JOBS)[K]['run']>>
