import type { Job } from '../../kernel/jobs.ts'
import { writeLakeJob } from './write-lake.job.ts'

export { isLakeBehind, lakeClass, lakeType, type LakeTable, lakeTable, type LandedTable, landedTable } from './lake.ts'
export { settleFile, settleFolder } from './settle-file.ts'
export { objectKey, openStored, reopened } from './stored-segment.ts'

export const engineJobs: readonly Job[] = [writeLakeJob]
