import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { openDatabase as openLimited, type Database } from './database.ts'
import { EngineError } from './errors.ts'
import { JOBS, type JobKind } from './jobs/index.ts'
import type { Job } from './job.ts'
import type { EngineSettings } from './settings.ts'

const validators = new Map(Object.entries(JOBS).map(([kind, job]) => [kind, Compile(job.input)]))

/** Runs a job with its input until it ends or the signal is aborted. */
export type JobRunner = (kind: string, input: unknown, signal: AbortSignal) => Promise<unknown>

/**
 * Validates inputs and runs jobs, one at a time, with their databases. A job rejects with `EngineError`:
 * engine.unknown_job, engine.bad_input, engine.timeout or engine.cancelled (by the signal's reason), engine.failed.
 */
export function jobRunner(settings: EngineSettings): JobRunner {
  let warm: Database | undefined
  return async (kind, input, signal) => {
    const job = checkedJob(kind, input)
    const closing: (() => void)[] = []
    const connect = async (instance: DuckDBInstance): Promise<DuckDBConnection> => {
      const connection = await instance.connect()
      const interrupt = (): void => connection.interrupt()
      signal.addEventListener('abort', interrupt)
      closing.unshift(() => {
        signal.removeEventListener('abort', interrupt)
        connection.closeSync()
      })
      return connection
    }
    const openDatabase = async (): Promise<DuckDBConnection> => {
      const database = await openLimited(settings)
      closing.unshift(() => database.close())
      return connect(database.instance)
    }
    const openReader = async (): Promise<DuckDBConnection> => connect((warm ??= await openLimited(settings)).instance)
    try {
      return await job.run(input, { openDatabase, openReader, signal })
    } catch (error) {
      const faulty = warm
      warm = undefined
      if (faulty) closing.push(() => faulty.close())
      if (signal.aborted)
        throw signal.reason instanceof EngineError ? signal.reason : new EngineError('engine.cancelled')
      if (error instanceof EngineError) throw error
      throw new EngineError('engine.failed', error instanceof Error ? error.message : String(error), { cause: error })
    } finally {
      for (const close of closing) close()
    }
  }
}

/** The job of a kind, after its input was found to be as it asks for. */
function checkedJob(kind: string, input: unknown): Job<TSchema, unknown> {
  const validator = validators.get(kind)
  if (validator === undefined) throw new EngineError('engine.unknown_job', kind.slice(0, 100))
  if (!validator.Check(input)) {
    const places = validator.Errors(input).map(({ instancePath, message }) => `${instancePath || '/'} ${message}`)
    throw new EngineError('engine.bad_input', places.slice(0, 10).join('; '))
  }
  // The union of all jobs cannot be called with the union of all inputs; the validator has just tied the two together.
  return JOBS[kind as JobKind] as unknown as Job<TSchema, unknown>
}
