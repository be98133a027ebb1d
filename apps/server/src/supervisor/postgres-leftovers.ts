import { existsSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { endProcess, processesRunningIn, startTimeOf, type ProcessIdentity } from './proc.ts'

/**
 * Ends every PostgreSQL process that still works in a cluster's folder: a postmaster that outlived its supervisor, and
 * backends that outlived a killed postmaster and hold its shared memory, which would keep a new postmaster from starting.
 * Also removes a postmaster.pid whose pid now belongs to some other program. Returns the pids that were ended.
 */
export async function endLeftovers(pgdata: string): Promise<number[]> {
  if (!existsSync(pgdata)) return []
  const folder = realpathSync(pgdata)
  const ended: number[] = []
  const postmasterPid = recordedPostmaster(folder)
  const postmaster = processesRunningIn(folder, 'postgres').find(({ pid }) => pid === postmasterPid)
  if (postmaster !== undefined) {
    // SIGINT: fast shutdown, with a checkpoint; SIGQUIT: immediate, recovery at the next start.
    await endProcess(postmaster, [
      ['SIGINT', 10_000],
      ['SIGQUIT', 3_000],
      ['SIGKILL', 5_000],
    ])
    ended.push(postmaster.pid)
  }
  // A dying postmaster may still fork; look again until nothing is left.
  for (let round = 0; round < 20; round++) {
    const left = processesRunningIn(folder, 'postgres')
    if (left.length === 0) break
    ended.push(...left.map(({ pid }) => pid))
    await Promise.all(left.map(endBackend))
  }
  if (postmasterPid !== undefined && startTimeOf(postmasterPid) !== undefined) {
    // The pid was reused; PostgreSQL would take that stranger for a running postmaster and refuse to start.
    rmSync(join(folder, 'postmaster.pid'), { force: true })
  }
  return ended
}

async function endBackend(backend: ProcessIdentity): Promise<void> {
  await endProcess(backend, [
    ['SIGQUIT', 1_000],
    ['SIGKILL', 5_000],
  ])
}

/** The pid in the first line of postmaster.pid, undefined when there is none. */
export function recordedPostmaster(pgdata: string): number | undefined {
  try {
    const pid = Number(readFileSync(join(pgdata, 'postmaster.pid'), 'utf8').split('\n')[0])
    return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined
  } catch {
    return undefined
  }
}
