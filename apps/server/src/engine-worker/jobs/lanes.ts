import type { JobKind } from './index.ts'

/**
 * Jobs of one lane run one after the other, lanes beside each other: what a person waits for does not wait for a check of an
 * hour, nor does a segment that has come; what analysts ask in SQL may take a minute, and others do not wait for it. Each lane
 * has its share of the worker's memory.
 */
export type Lane = 'arrival' | 'person' | 'question' | 'batch'

export const LANES: Readonly<Record<JobKind, Lane>> = {
  'check-quality': 'batch',
  'check-segment': 'arrival',
  'compare-findings': 'person',
  'find-fused-records': 'person',
  'fuse-library': 'batch',
  'group-values': 'person',
  'list-masters': 'person',
  'preview-recipe': 'person',
  'profile-table': 'person',
  'read-findings': 'person',
  'read-master': 'person',
  'read-review': 'person',
  'run-query': 'question',
  'run-recipe': 'batch',
  'try-rules': 'person',
  'write-findings': 'person',
  'write-lake-file': 'arrival',
}

/** Of the memory that a long job has. */
export const MEMORY_SHARE: Readonly<Record<Lane, number>> = { arrival: 1, person: 0.25, question: 0.5, batch: 1 }

/** The lane of a kind of job; of what is no job, the people's, where it is refused at once. */
export const laneOf = (kind: string): Lane => LANES[kind as JobKind] ?? 'person'
