import { chmodSync, mkdirSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { dirname } from 'node:path'
import { EngineError } from './errors.ts'
import { jobRunner, type JobRunner } from './run-job.ts'
import type { EngineSettings } from './settings.ts'
import { usableSocketPath } from './socket-path.ts'

const BODY_BYTES_MAX = 1024 * 1024
const JOB_TIMEOUT_MS_MAX = 6 * 3_600_000
/** A job that does not obey its interruption for so long cannot be stopped; only ending the process helps. */
const OBEY_WITHIN_MS = 10_000

const STATUS: Partial<Record<EngineError['code'], number>> = {
  'engine.bad_input': 400,
  'engine.unknown_job': 404,
  'engine.timeout': 504,
}

/**
 * Listens on the unix-domain socket (mode 0600): `POST /jobs` with `{ kind, input, timeoutMs? }` answers the result or
 * `{ error }`; one job at a time, the others wait. `stuck` is called when a job cannot be stopped.
 */
export async function listenForJobs(settings: EngineSettings, stuck: () => void): Promise<Server> {
  const path = usableSocketPath(settings.socketPath)
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 })
  rmSync(path, { force: true }) // the supervisor runs one worker; what is there is of one that was killed
  const runJob = jobRunner(settings)
  let line: Promise<void> = Promise.resolve()
  const server = createServer({ requestTimeout: 0 }, (request, response) => {
    const signal = connectionSignal(response)
    line = line.then(() => answer(request, response, runJob, signal, stuck))
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
  runJob: JobRunner,
  abort: AbortController,
  stuck: () => void,
): Promise<void> {
  if (abort.signal.aborted) return
  let deadline: NodeJS.Timeout | undefined
  let last: NodeJS.Timeout | undefined
  abort.signal.addEventListener('abort', () => (last = setTimeout(stuck, OBEY_WITHIN_MS)))
  try {
    if (request.method === 'GET' && request.url === '/livez') return send(response, 200, { status: 'ok' })
    if (request.method !== 'POST' || request.url !== '/jobs') throw new EngineError('engine.unknown_job', 'POST /jobs')
    const { kind, input, timeoutMs } = await readBody(request)
    deadline = setTimeout(() => abort.abort(new EngineError('engine.timeout', `${timeoutMs} ms`)), timeoutMs)
    send(response, 200, { result: await runJob(kind, input, abort.signal) })
  } catch (error) {
    const known = error instanceof EngineError ? error : new EngineError('engine.failed', String(error))
    send(response, STATUS[known.code] ?? 500, {
      error: { code: known.code, message: known.words, detail: known.detail },
    })
  } finally {
    clearTimeout(deadline)
    clearTimeout(last)
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8' }).end(JSON.stringify(body))
}

async function readBody(request: IncomingMessage): Promise<{ kind: string; input: unknown; timeoutMs: number }> {
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
