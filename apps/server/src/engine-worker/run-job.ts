import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'
import { mkdirSync } from 'node:fs'
import type { Static, TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { EngineError } from './errors.ts'
import { JOBS, type JobKind } from './jobs/index.ts'
import type { Job } from './job.ts'
import type { EngineSettings } from './settings.ts'

const validators = new Map(Object.entries(JOBS).map(([kind, job]) => [kind, Compile(job.input)]))

/**
 * Validates the input and runs one job with a database of its own. Throws `EngineError`: engine.unknown_job,
 * engine.bad_input, engine.timeout or engine.cancelled (by the signal's reason), engine.failed.
 */
export async function runJob(
  kind: string,
  input: unknown,
  settings: EngineSettings,
  signal: AbortSignal,
): Promise<unknown> {
  const validator = validators.get(kind)
  if (validator === undefined) throw new EngineError('engine.unknown_job', kind.slice(0, 100))
  if (!validator.Check(input)) {
    const places = validator.Errors(input).map(({ instancePath, message }) => `${instancePath || '/'} ${message}`)
    throw new EngineError('engine.bad_input', places.slice(0, 10).join('; '))
  }
  // The union of all jobs cannot be called with the union of all inputs; the validator has just tied the two together.
  const job = JOBS[kind as JobKind] as unknown as Job<TSchema, unknown>
  const open: (() => void)[] = []
  try {
    const openDatabase = async (): Promise<DuckDBConnection> => {
      const { connection, close } = await openOwnDatabase(settings, signal)
      open.push(close)
      return connection
    }
    return await job.run(input as Static<TSchema>, { openDatabase, signal })
  } catch (error) {
    if (signal.aborted) throw signal.reason instanceof EngineError ? signal.reason : new EngineError('engine.cancelled')
    if (error instanceof EngineError) throw error
    throw new EngineError('engine.failed', error instanceof Error ? error.message : String(error), { cause: error })
  } finally {
    for (const close of open) close()
  }
}

async function openOwnDatabase(
  settings: EngineSettings,
  signal: AbortSignal,
): Promise<{ connection: DuckDBConnection; close: () => void }> {
  mkdirSync(settings.spillFolder, { recursive: true, mode: 0o700 })
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: `${settings.memoryMb}MB`,
    threads: String(settings.threads),
    temp_directory: settings.spillFolder,
    preserve_insertion_order: 'false',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  })
  const connection = await instance.connect()
  const interrupt = (): void => connection.interrupt()
  signal.addEventListener('abort', interrupt)
  const close = (): void => {
    signal.removeEventListener('abort', interrupt)
    connection.closeSync()
    instance.closeSync()
  }
  return { connection, close }
}
