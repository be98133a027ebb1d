import { availableParallelism, totalmem } from 'node:os'
import { join, resolve } from 'node:path'

/** What the engine worker can be told. */
export interface EngineSettings {
  socketPath: string
  /** HUITONG_ENGINE_MEMORY_MB: DuckDB's limit for a long job, those beside it have shares of it; default a quarter of the machine's memory, 512 to 4096. */
  memoryMb: number
  /** HUITONG_ENGINE_THREADS: default two, or one on one core. */
  threads: number
  /** Where DuckDB spills what does not fit into memory. */
  spillFolder: string
}

export function readEngineSettings(env: NodeJS.ProcessEnv): EngineSettings {
  const dataDir = resolve(env['HUITONG_DATA'] || './data')
  const quarterMb = Math.floor(totalmem() / 4 / 1024 / 1024)
  return {
    socketPath: env['HUITONG_ENGINE_SOCKET'] || join(dataDir, 'run', 'engine.sock'),
    memoryMb: wholeNumber('HUITONG_ENGINE_MEMORY_MB', env, 64, Math.min(4096, Math.max(512, quarterMb))),
    threads: wholeNumber('HUITONG_ENGINE_THREADS', env, 1, Math.min(2, availableParallelism())),
    spillFolder: join(dataDir, 'run', 'engine-spill'),
  }
}

function wholeNumber(name: string, env: NodeJS.ProcessEnv, least: number, otherwise: number): number {
  const text = env[name]
  if (text === undefined || text === '') return otherwise
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < least) throw new Error(`${name} must be ${least} or more, not "${text}"`)
  return value
}
