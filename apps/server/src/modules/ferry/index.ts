import type { Job } from '../../kernel/jobs.ts'
import { carryFerryJob } from './carry-ferry.job.ts'

export const ferryJobs: readonly Job[] = [carryFerryJob]
