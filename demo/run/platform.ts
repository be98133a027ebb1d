import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { City } from '../city/city.ts'
import { cityOf } from '../city/city.ts'
import type { DatabasesFile } from '../city/databases.ts'
import { demoFile, readJson } from '../city/files.ts'
import { type CitySize, firmsFor, personsFor } from '../city/size.ts'
import { openClient, type DemoClient } from '../client.ts'

const REPOSITORY = join(import.meta.dirname, '../..')
const SUPERVISOR = 'apps/server/src/supervisor/main.ts'
const READY_TIMEOUT_MS = 300_000
const STOP_TIMEOUT_MS = 60_000
/** The restart of a killed supervisor must come within a second of its death. */
const RESTART_PAUSE_MS = 200

export interface ProcessLine {
  readonly name: string
  readonly pid: number | null
  readonly ready: boolean
  readonly done: boolean
}

/** A span in which no supervisor held the public port, in `performance.now()` milliseconds. */
export interface DeadSpan {
  readonly from: number
  until: number
}

/** A throw-away platform with the demonstration city, in processes of its own. */
export interface Platform {
  readonly city: City
  readonly dataDir: string
  readonly url: string
  /** Signed in as one of the city's people; sessions are shared. */
  as(account: string): Promise<DemoClient>
  anyone(): DemoClient
  /** The process table as the supervisor writes it for tools. */
  processes(): ProcessLine[]
  /** SIGKILL to one process of the table; `supervisor` is started again at once. Answers the pid, null when it is not up. */
  kill(name: string): number | null
  readonly deadSpans: readonly DeadSpan[]
  /** Restarts the supervisor only after so long, once. */
  delayNextRestart(ms: number): void
  /** Connection string of a cluster's superuser: the demonstration measures with connections of its own. */
  superuser(cluster: 'platform' | 'departments', database: string): string
  readonly databases: DatabasesFile
  stop(): Promise<void>
}

/** `persons` and `firms` follow from `villages` when they are left out. */
export interface PlatformOptions extends Partial<CitySize> {
  readonly villages: number
  readonly seed: number
  readonly keep: boolean
  say(line: string): void
  /** Called at once with how to end everything, for signals that come while it is still starting. */
  onStarted?(stop: () => Promise<void>): void
}

/** Starts it and waits until the city is built. */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const dataDir = mkdtempSync(join(tmpdir(), 'huitong-demo-'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const supervisor = superviseSupervisor(dataDir, port, options)
  const city = cityOf(options.seed)
  let stopping: Promise<void> | undefined
  const stop = (): Promise<void> =>
    (stopping ??= (async () => {
      await supervisor.stop()
      if (!options.keep) rmSync(dataDir, { recursive: true, force: true })
    })())
  options.onStarted?.(stop)
  try {
    await waitFor('the platform', async () => (await statusOf(`${url}/readyz`)) === 200)
    options.say(`platform ready at ${url}`)
    await waitFor('the city', async () => processesOf(dataDir).some((one) => one.name === 'demo-builder' && one.done))
  } catch (error) {
    options.say(tailOf(join(dataDir, 'supervisor.out')))
    options.say(tailOf(join(dataDir, 'logs', 'demo-builder.log')))
    await stop()
    throw error
  }
  const sessions = new Map<string, Promise<DemoClient>>()
  const signIn = async (account: string): Promise<DemoClient> => {
    const client = openClient(url)
    await client.signIn(account, city.password)
    return client
  }
  return {
    city,
    dataDir,
    url,
    as(account) {
      const known = sessions.get(account) ?? signIn(account)
      sessions.set(account, known)
      return known
    },
    anyone: () => openClient(url),
    processes: () => processesOf(dataDir),
    kill: (name) => (name === 'supervisor' ? supervisor.kill() : killChild(dataDir, name)),
    deadSpans: supervisor.deadSpans,
    delayNextRestart: supervisor.delayNextRestart,
    superuser: (cluster, database) => superuserUrl(dataDir, cluster, database),
    databases: readJson<DatabasesFile>(demoFile(dataDir, 'databases.json'))!,
    stop,
  }
}

function superviseSupervisor(dataDir: string, port: number, options: PlatformOptions) {
  const { seed, villages, persons = personsFor(villages), firms = firmsFor(persons) } = options
  const log = openSync(join(dataDir, 'supervisor.out'), 'a', 0o600)
  const deadSpans: DeadSpan[] = []
  let child: ChildProcess
  let stopping = false
  let pauseMs = RESTART_PAUSE_MS
  const env = {
    ...process.env,
    HUITONG_DATA: dataDir,
    HUITONG_PORT: String(port),
    HUITONG_LISTEN: '127.0.0.1',
    HUITONG_DEMO: '1',
    HUITONG_DEMO_SEED: String(seed),
    HUITONG_DEMO_VILLAGES: String(villages),
    HUITONG_DEMO_PERSONS: String(persons),
    HUITONG_DEMO_FIRMS: String(firms),
    DATABASE_URL: '',
  }
  const start = (): void => {
    // A group of its own: Ctrl-C reaches us, and we stop it.
    child = spawn(process.execPath, [join(REPOSITORY, SUPERVISOR)], {
      env,
      detached: true,
      stdio: ['ignore', log, log],
    })
    child.once('exit', () => {
      if (stopping) return
      if (deadSpans.at(-1)?.until !== Infinity) deadSpans.push({ from: performance.now() - 50, until: Infinity })
      const pause = pauseMs
      pauseMs = RESTART_PAUSE_MS
      setTimeout(() => !stopping && start(), pause)
      void portAnswers(port).then(() => (deadSpans.at(-1)!.until = performance.now()))
    })
  }
  start()
  return {
    deadSpans,
    delayNextRestart: (ms: number) => void (pauseMs = ms),
    kill: () => {
      if (deadSpans.at(-1)?.until === Infinity || !child.kill('SIGKILL')) return null
      // From now on, not from when we hear of its death.
      deadSpans.push({ from: performance.now(), until: Infinity })
      return child.pid ?? null
    },
    stop: async () => {
      stopping = true
      const gone = new Promise<void>((resolve) => {
        if (child.exitCode !== null || child.signalCode !== null) resolve()
        else child.once('exit', () => resolve())
      })
      child.kill('SIGINT')
      await Promise.race([gone, sleep(STOP_TIMEOUT_MS, undefined, { ref: false }).then(() => child.kill('SIGKILL'))])
      closeSync(log)
    },
  }
}

async function portAnswers(port: number): Promise<void> {
  while ((await statusOf(`http://127.0.0.1:${port}/livez`)) === 0) await sleep(20)
}

async function statusOf(url: string): Promise<number> {
  const reply = await fetch(url, { signal: AbortSignal.timeout(5_000) }).catch(() => null)
  await reply?.body?.cancel()
  return reply?.status ?? 0
}

function processesOf(dataDir: string): ProcessLine[] {
  return readJson<ProcessLine[]>(join(dataDir, 'run', 'processes.json')) ?? []
}

function killChild(dataDir: string, name: string): number | null {
  const line = processesOf(dataDir).find((one) => one.name === name)
  if (!line?.ready || line.pid === null || !isOurs(line.pid, dataDir)) return null
  try {
    process.kill(line.pid, 'SIGKILL')
    return line.pid
  } catch {
    return null // it died by itself between the two lines
  }
}

/** The table may be that of a supervisor that just died, and its pids another program's by now: only ours are killed. */
function isOurs(pid: number, dataDir: string): boolean {
  const folder = `/proc/${pid}`
  if (process.platform !== 'linux') return true
  try {
    return ['environ', 'cmdline'].some((file) => readFileSync(join(folder, file), 'latin1').includes(dataDir))
  } catch {
    return false
  }
}

function superuserUrl(dataDir: string, cluster: string, database: string): string {
  const password = readFileSync(join(dataDir, 'secrets', `postgres-${cluster}.password`), 'utf8').trim()
  const port = readFileSync(join(dataDir, 'postgres', cluster, 'port'), 'utf8').trim()
  return `postgresql://postgres:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`
}

/** Asks again and again until it is so; throws after five minutes. */
export async function waitFor(
  what: string,
  isSo: () => Promise<boolean>,
  { timeoutMs = READY_TIMEOUT_MS, pauseMs = 100 } = {},
): Promise<void> {
  const until = performance.now() + timeoutMs
  while (!(await isSo())) {
    if (performance.now() > until) throw new Error(`${what} did not come within ${timeoutMs / 1000} s`)
    await sleep(pauseMs)
  }
}

function tailOf(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(-25).join('\n') : `${path}: none`
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
