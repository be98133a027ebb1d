import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import type { Launched } from './children.ts'
import { endProcess, startTimeOf } from './proc.ts'
import type { Exit } from './postgres.ts'

/** A child that is a Node.js program of ours. */
export interface NodeProgram {
  /** Path of the script. */
  entry: string
  args?: readonly string[]
  /** Options of node itself, such as `--max-old-space-size=512`. */
  nodeOptions?: readonly string[]
  env: Record<string, string>
  cwd: string
  /** `message`: ready when it says so (`reportReady` of child-side.ts); `spawn`: as soon as it runs. */
  readyBy: 'message' | 'spawn'
  logFd: number
}

/** A launched Node.js child; `child` is there to pass connections to. */
export interface LaunchedNode extends Launched {
  child: ChildProcess
}

/**
 * Starts a Node.js program with an IPC channel, in a session of its own (so that Ctrl-C in the terminal reaches only the
 * supervisor), its output going to its log. Throws when the process cannot be started at all.
 */
export function launchNode(program: NodeProgram): LaunchedNode {
  const child = fork(program.entry, [...(program.args ?? [])], {
    cwd: program.cwd,
    env: { ...process.env, ...program.env },
    execArgv: [...(program.nodeOptions ?? [])],
    detached: true,
    stdio: ['ignore', program.logFd, program.logFd, 'ipc'],
  })
  let lastHeartbeatAt: number | undefined
  const { promise: ready, resolve: becomeReady } = Promise.withResolvers<void>()
  child.on('message', (message) => {
    const type = typeof message === 'object' && message !== null && 'type' in message ? message.type : undefined
    if (type === 'ready') becomeReady()
    if (type === 'heartbeat') lastHeartbeatAt = performance.now()
  })
  child.on('spawn', () => program.readyBy === 'spawn' && becomeReady())
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }))
    child.on('error', () => child.pid === undefined && resolve({ code: null, signal: null }))
  })
  const pid = child.pid ?? 0
  const identity = { pid, startTime: startTimeOf(pid) ?? '' }
  return {
    child,
    identity,
    ready,
    exited,
    lastHeartbeatAt: () => lastHeartbeatAt,
    stop: async (timeoutMs) => {
      await endProcess(identity, [
        ['SIGTERM', timeoutMs],
        ['SIGKILL', 5_000],
      ])
    },
  }
}
