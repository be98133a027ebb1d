import { chmodSync, mkdirSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { dirname } from 'node:path'
import { EngineError } from './errors.ts'
import { laneOf, MEMORY_SHARE, type Lane } from './jobs/lanes.ts'
import { jobRunner, type JobRunner } from './run-job.ts'
import type { EngineSettings } from './settings.ts'
import { usableSocketPath } from './socket-path.ts'

const BODY_BYTES_MAX = 1024 * 1024
const JOB_TIMEOUT_MS_MAX = 6 * 3_600_000
/** A job that does not obey its interruption for so long cannot be stopped; only ending the process helps. */
const OBEY_WITHIN_MS = 10_000
/** With less a lane cannot even read a file. */
const MEMORY_MB_MIN = 64

const STATUS: Partial<Record<EngineError['code'], number>> = {
  'engine.bad_input': 400,
  'engine.unknown_job': 404,
  'engine.timeout': 504,
}

/**
 * Listens on the unix-domain socket (mode 0600): `POST /jobs` with `{ kind, input, timeoutMs? }` answers the result or
 * `{ error }`; one job of a lane at a time, the others of it wait. `stuck` is called when a job cannot be stopped.
 */
export async function listenForJobs(settings: EngineSettings, stuck: () => void): Promise<Server> {
  const path = usableSocketPath(settings.socketPath)
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 })
  // The supervisor runs one worker; what is there is of one that was killed.
  for (const left of [path, settings.spillFolder]) rmSync(left, { recursive: true, force: true })
  const lanes = {
    arrival: laneWith(settings, 'arrival'),
    person: laneWith(settings, 'person'),
    question: laneWith(settings, 'question'),
    batch: laneWith(settings, 'batch'),
  }
  const server = createServer({ requestTimeout: 0 }, (request, response) => {
    void answer(request, response, lanes, connectionSignal(response), stuck)
  })
  const formerMask = process.umask(0o177)
  try {
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(path, resolve))
  } finally {
    process.umask(formerMask)
  }
  chmodSync(path, 0o600)
  return server
}

/** Runs a job when those of its lane before it have ended. */
type InLane = (work: (run: JobRunner) => Promise<void>) => Promise<void>

function laneWith(settings: EngineSettings, lane: Lane): InLane {
  const run = jobRunner({ ...settings, memoryMb: Math.max(MEMORY_MB_MIN, settings.memoryMb * MEMORY_SHARE[lane]) })
  let line: Promise<void> = Promise.resolve()
  return (work) => (line = line.then(() => work(run)).catch(() => undefined))
}

function connectionSignal(response: ServerResponse): AbortController {
  const abort = new AbortController()
  response.once('close', () => {
    if (!response.writableFinished) abort.abort(new EngineError('engine.cancelled', 'the caller went away'))
  })
  return abort
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  lanes: Readonly<Record<Lane, InLane>>,
  abort: AbortController,
  stuck: () => void,
): Promise<void> {
  try {
    if (request.method === 'GET' && request.url === '/livez') return send(response, 200, { status: 'ok' })
    if (request.method !== 'POST' || request.url !== '/jobs') throw new EngineError('engine.unknown_job', 'POST /jobs')
    const asked = await readBody(request)
    await lanes[laneOf(asked.kind)](async (run) => {
      if (abort.signal.aborted) return
      await runInTime(asked, run, abort, stuck)
        .then((result) => send(response, 200, { result }))
        .catch((error: unknown) => refuse(response, error))
    })
  } catch (error) {
    refuse(response, error)
  }
}

async function runInTime(
  { kind, input, timeoutMs }: Asked,
  run: JobRunner,
  abort: AbortController,
  stuck: () => void,
): Promise<unknown> {
  let last: NodeJS.Timeout | undefined
  const watch = (): void => void (last = setTimeout(stuck, OBEY_WITHIN_MS))
  abort.signal.addEventListener('abort', watch)
  const deadline = setTimeout(() => abort.abort(new EngineError('engine.timeout', `${timeoutMs} ms`)), timeoutMs)
  try {
    return await run(kind, input, abort.signal)
  } finally {
    // A caller who goes away while the reply is written leaves nothing behind that could be stuck.
    abort.signal.removeEventListener('abort', watch)
    clearTimeout(deadline)
    clearTimeout(last)
  }
}

function refuse(response: ServerResponse, error: unknown): void {
  const known = error instanceof EngineError ? error : new EngineError('engine.failed', String(error))
  send(response, STATUS[known.code] ?? 500, {
    error: { code: known.code, message: known.words, detail: known.detail },
  })
}

function send(response: ServerResponse, status: number, body: unknown): void {
  // Before the head is written: what cannot be said is refused in its place.
  const text = JSON.stringify(body)
  response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8' }).end(text)
}

interface Asked {
  kind: string
  input: unknown
  timeoutMs: number
}

async function readBody(request: IncomingMessage): Promise<Asked> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > BODY_BYTES_MAX) throw new EngineError('engine.bad_input', `more than ${BODY_BYTES_MAX} bytes`)
    chunks.push(chunk)
  }
  let body: unknown
  try {
    body = JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch (error) {
    throw new EngineError('engine.bad_input', 'not JSON', { cause: error })
  }
  if (typeof body !== 'object' || body === null || !('kind' in body) || typeof body.kind !== 'string') {
    throw new EngineError('engine.bad_input', '/kind is missing')
  }
  const wanted = 'timeoutMs' in body ? Number(body.timeoutMs) : JOB_TIMEOUT_MS_MAX
  const timeoutMs = Math.max(1, Math.min(JOB_TIMEOUT_MS_MAX, Number.isFinite(wanted) ? wanted : JOB_TIMEOUT_MS_MAX))
  return { kind: body.kind, input: 'input' in body ? body.input : undefined, timeoutMs }
}
