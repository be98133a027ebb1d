import { mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { writeFileAtomic } from './files.ts'
import { endProcess, isAlive, type ProcessIdentity } from './proc.ts'

/** What is kept about a started process in `<dataDir>/run/<name>.json`, to find it again after our own death. */
export interface RunRecord extends ProcessIdentity {
  name: string
  stopSignal: NodeJS.Signals
}

const NOT_RECORDS = new Set(['processes.json'])

function runFolder(dataDir: string): string {
  const folder = join(dataDir, 'run')
  mkdirSync(folder, { recursive: true, mode: 0o755 })
  return folder
}

/** Keeps a record; durable before the process does anything that matters. */
export function writeRecord(dataDir: string, record: RunRecord): void {
  writeFileAtomic(join(runFolder(dataDir), `${record.name}.json`), `${JSON.stringify(record)}\n`)
}

export function removeRecord(dataDir: string, name: string): void {
  rmSync(join(runFolder(dataDir), `${name}.json`), { force: true })
}

/** Lists name, pid and readiness of all processes in `<dataDir>/run/processes.json`, for tools and chaos tests. */
export function writeProcessList(
  dataDir: string,
  list: readonly { name: string; pid: number | null; ready: boolean }[],
): void {
  writeFileAtomic(join(runFolder(dataDir), 'processes.json'), `${JSON.stringify(list, null, 2)}\n`)
}

/**
 * Stops every recorded process of a supervisor that died: its own stop signal, then SIGKILL. A record whose pid now
 * belongs to a process with another start time is only removed. Returns the names of what was stopped.
 */
export async function adoptOrStopOrphans(dataDir: string, patienceMs = 5_000): Promise<string[]> {
  const folder = runFolder(dataDir)
  const files = readdirSync(folder).filter((file) => file.endsWith('.json') && !NOT_RECORDS.has(file))
  const stopped = await Promise.all(
    files.map(async (file) => {
      const record = readRecord(join(folder, file))
      if (record === undefined || !isAlive(record)) return []
      await endProcess(record, [
        [record.stopSignal, patienceMs],
        ['SIGKILL', 5_000],
      ])
      return [record.name]
    }),
  )
  for (const file of files) rmSync(join(folder, file), { force: true })
  return stopped.flat()
}

function readRecord(path: string): RunRecord | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (typeof value !== 'object' || value === null) return undefined
    const { name, pid, startTime, stopSignal } = value as Partial<RunRecord>
    if (typeof name !== 'string' || typeof pid !== 'number' || typeof startTime !== 'string') return undefined
    return { name, pid, startTime, stopSignal: stopSignal ?? 'SIGTERM' }
  } catch {
    return undefined // half-written by an older version: nothing can be known from it
  }
}
