import { execFileSync } from 'node:child_process'
import { readFileSync, readdirSync, readlinkSync } from 'node:fs'
import { basename } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * When a process began, as an opaque string that together with the pid names one process for ever: pids are reused,
 * start times are not. Linux: field 22 of /proc/<pid>/stat (clock ticks since boot). macOS: `ps -o lstart=`.
 * Returns undefined when no such process lives (a zombie counts as dead: it holds nothing).
 */
export function startTimeOf(pid: number): string | undefined {
  if (process.platform === 'linux') {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19]
    } catch {
      return undefined
    }
  }
  try {
    const [state, ...begun] = execFileSync('ps', ['-o', 'state=,lstart=', '-p', String(pid)], { encoding: 'utf8' })
      .trim()
      .split(/\s+/)
    return state === undefined || state.startsWith('Z') ? undefined : begun.join(' ')
  } catch {
    return undefined
  }
}

/** Sends a signal; false when the process is gone (ESRCH). Other errors (EPERM) are thrown. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    process.kill(pid, name)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false
    throw error
  }
}

export interface ProcessIdentity {
  pid: number
  startTime: string
}

/** True while exactly this process (not a later one with its pid) lives. */
export function isAlive(identity: ProcessIdentity): boolean {
  return startTimeOf(identity.pid) === identity.startTime
}

/**
 * Sends the signals in turn, giving each its time in milliseconds, until the process is gone.
 * Resolves to the name of the last signal that was sent; throws when the process outlives all of them.
 */
export async function endProcess(
  identity: ProcessIdentity,
  steps: readonly (readonly [NodeJS.Signals, number])[],
): Promise<NodeJS.Signals | undefined> {
  let last: NodeJS.Signals | undefined
  for (const [name, patienceMs] of steps) {
    if (!isAlive(identity)) return last
    signal(identity.pid, name)
    last = name
    if (await goneWithin(identity, patienceMs)) return last
  }
  if (isAlive(identity)) throw new Error(`process ${identity.pid} did not end after ${last ?? 'no signal'}`)
  return last
}

async function goneWithin(identity: ProcessIdentity, patienceMs: number): Promise<boolean> {
  const until = performance.now() + patienceMs
  for (;;) {
    if (!isAlive(identity)) return true
    if (performance.now() >= until) return false
    await sleep(20)
  }
}

/** Processes of the program `program` (name of its executable file) that run in the folder `folder` (a real path). */
export function processesRunningIn(folder: string, program: string): ProcessIdentity[] {
  const pids = process.platform === 'linux' ? pidsFromProc(folder, program) : pidsFromLsof(folder, program)
  return pids.flatMap((pid) => {
    const startTime = startTimeOf(pid)
    return startTime === undefined ? [] : [{ pid, startTime }]
  })
}

function pidsFromProc(folder: string, program: string): number[] {
  return readdirSync('/proc').flatMap((entry) => {
    if (!/^\d+$/.test(entry) || Number(entry) === process.pid) return []
    try {
      if (readlinkSync(`/proc/${entry}/cwd`) !== folder) return []
      const executable = basename(readlinkSync(`/proc/${entry}/exe`)).replace(/ \(deleted\)$/, '')
      return executable === program ? [Number(entry)] : []
    } catch {
      return [] // ended meanwhile, or belongs to somebody else
    }
  })
}

function pidsFromLsof(folder: string, program: string): number[] {
  try {
    const lines = execFileSync('lsof', ['-a', '-d', 'cwd', '-c', program, '-Fpn'], { encoding: 'utf8' }).split('\n')
    const found: number[] = []
    let pid = 0
    for (const line of lines) {
      if (line.startsWith('p')) pid = Number(line.slice(1))
      if (line === `n${folder}`) found.push(pid)
    }
    return found
  } catch {
    return [] // lsof exits 1 when nothing matches
  }
}
