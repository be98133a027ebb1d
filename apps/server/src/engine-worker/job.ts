import type { DuckDBConnection } from '@duckdb/node-api'
import type { Static, TSchema } from 'typebox'

/** What a job is given besides its input. */
export interface JobContext {
  /**
   * A database of its own for this job, under the worker's memory limit: an internal error of DuckDB makes a whole
   * database unusable, and must not reach the next job. Closed, and its queries stopped, when the job ends or is too late.
   */
  openDatabase(): Promise<DuckDBConnection>
  /**
   * The database that is kept warm between jobs, for those that only read files: opening one costs more than reading
   * a segment. It must be left as it was found; a job that fails closes it, so that no fault of it reaches the next.
   */
  openReader(): Promise<DuckDBConnection>
  /** Aborted when the caller went away or the job's time is up. */
  signal: AbortSignal
}

/** A kind of job: one file in `jobs/`, one line in `jobs/index.ts` and `jobs/lanes.ts`. Jobs only read and may be run again. */
export interface Job<I extends TSchema, O> {
  input: I
  run(input: Static<I>, context: JobContext): Promise<O>
}

/** Gives a job its types. */
export function defineJob<I extends TSchema, O>(job: Job<I, O>): Job<I, O> {
  return job
}
