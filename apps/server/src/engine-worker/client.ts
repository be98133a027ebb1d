import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { EngineError, isEngineErrorCode } from './errors.ts'
import type { JobInput, JobKind, JobOutput } from './jobs/index.ts'
import { LANES, type Lane } from './jobs/lanes.ts'
import { usableSocketPath } from './socket-path.ts'

export { EngineError, type EngineErrorCode } from './errors.ts'
export type { JobInput, JobKind, JobOutput } from './jobs/index.ts'

export interface EngineClientOptions {
  /** How long a job may take; default 10 minutes, in the lane of long jobs 6 hours. */
  timeoutMs?: number
  /** How long to wait for a worker that is being started again; default 30 s. */
  retryForMs?: number
}

/** Runs jobs on the engine worker, of each lane one at a time. */
export interface EngineClient {
  /**
   * Runs a job. Waits while the worker starts again, and runs a job again whose worker ended, twice at most.
   * Rejects with `EngineError`: engine.busy, engine.unavailable, engine.crashed, engine.timeout, engine.cancelled,
   * engine.bad_input, engine.unknown_job, engine.failed.
   */
  run<K extends JobKind>(
    kind: K,
    input: JobInput<K>,
    options?: { timeoutMs?: number; signal?: AbortSignal },
  ): Promise<JobOutput<K>>
}

const WAITING_MAX = 256
const SHORT_MS_MAX = 600_000
/** A province takes its time; what hangs must not hold the lane for ever. */
const LONG_MS_MAX = 6 * 3_600_000
const CRASHES_MAX = 3
const RETRY_PAUSE_MS = 100
const REPLY_BYTES_MAX = 64 * 1024 * 1024
/** The worker ends a late job itself; this is for one that is too stuck to say so. */
const PATIENCE_MS = 15_000

/** A client of the worker that listens on this socket; it need not run yet. */
export function createEngineClient(socketPath: string, defaults: EngineClientOptions = {}): EngineClient {
  const path = usableSocketPath(socketPath)
  // In the worker they would wait as well, but there the time of a job that waits would count.
  const lines = new Map<Lane, Promise<unknown>>()
  let waiting = 0
  return {
    run: async <K extends JobKind>(
      kind: K,
      input: JobInput<K>,
      options: { timeoutMs?: number; signal?: AbortSignal } = {},
    ): Promise<JobOutput<K>> => {
      if (waiting >= WAITING_MAX) throw new EngineError('engine.busy', `${waiting} wait`)
      waiting++
      const lane = LANES[kind]
      const timeoutMs = options.timeoutMs ?? defaults.timeoutMs ?? (lane === 'batch' ? LONG_MS_MAX : SHORT_MS_MAX)
      const mine = (lines.get(lane) ?? Promise.resolve()).then(() => {
        const body = JSON.stringify({ kind, input, timeoutMs })
        return insist(path, body, timeoutMs, defaults.retryForMs ?? 30_000, options.signal)
      })
      lines.set(
        lane,
        mine.catch(() => undefined),
      )
      try {
        // The worker answers with what the job of this kind returned; both ends are of one version.
        return (await mine) as JobOutput<K>
      } finally {
        waiting--
      }
    },
  }
}

async function insist(
  path: string,
  body: string,
  timeoutMs: number,
  retryForMs: number,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  let crashes = 0
  let absentSince: number | undefined
  for (;;) {
    if (signal?.aborted === true) throw new EngineError('engine.cancelled')
    const reply = await ask(path, body, timeoutMs + PATIENCE_MS, signal)
    if ('answer' in reply) return resultOf(reply.answer)
    if (reply.problem === 'crashed') {
      absentSince = undefined
      if (++crashes >= CRASHES_MAX) throw new EngineError('engine.crashed', `${crashes} times`, { cause: reply.error })
    } else {
      absentSince ??= performance.now()
      if (performance.now() - absentSince > retryForMs) {
        throw new EngineError('engine.unavailable', reply.error.message, { cause: reply.error })
      }
    }
    await sleep(RETRY_PAUSE_MS)
  }
}

type Reply = { answer: string } | { problem: 'absent' | 'crashed'; error: Error }

/** One request. `absent`: the worker was not there; `crashed`: it went away after it had taken the job. */
async function ask(path: string, body: string, timeoutMs: number, signal: AbortSignal | undefined): Promise<Reply> {
  return new Promise((resolve, reject) => {
    let taken = false
    const lost = (error: Error): void => {
      if (signal?.aborted === true) reject(new EngineError('engine.cancelled'))
      else resolve({ problem: taken ? 'crashed' : 'absent', error })
    }
    const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }
    const abort = signal === undefined ? {} : { signal }
    const asking = request(
      { socketPath: path, method: 'POST', path: '/jobs', headers, agent: false, ...abort },
      (response) => {
        const chunks: Buffer[] = []
        let bytes = 0
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length
          if (bytes > REPLY_BYTES_MAX) asking.destroy(new Error('the reply is too large'))
          chunks.push(chunk)
        })
        response.once('end', () => resolve({ answer: Buffer.concat(chunks).toString('utf8') }))
        response.once('error', lost)
      },
    )
    asking.once('socket', (socket) => socket.once('connect', () => (taken = true)))
    asking.setTimeout(timeoutMs, () => {
      reject(new EngineError('engine.timeout', `no reply within ${timeoutMs} ms`))
      asking.destroy()
    })
    asking.once('error', lost)
    asking.end(body)
  })
}

function resultOf(answer: string): unknown {
  const reply = JSON.parse(answer) as { result?: unknown; error?: { code?: unknown; detail?: unknown } }
  if (reply.error === undefined) return reply.result
  const code = isEngineErrorCode(reply.error.code) ? reply.error.code : 'engine.failed'
  throw new EngineError(code, typeof reply.error.detail === 'string' ? reply.error.detail : '')
}
