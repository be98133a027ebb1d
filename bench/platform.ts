import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openClient, type DemoClient } from '@huitong/demo/client'
import { readHome } from '@huitong/contract/portal'

const SUPERVISOR = join(import.meta.dirname, '../apps/server/src/supervisor/main.ts')
const BUILD_MS_MAX = 300_000

/** A throw-away platform with the demonstration city, and ways to reach its departments' databases as their superuser. */
export interface BenchPlatform {
  readonly dataDir: string
  /** Address of the public port. */
  readonly baseUrl: string
  as(account: string): Promise<DemoClient>
  /** Connection string of the departments' superuser for one of their databases. */
  departmentsUrl(database: string): string
  /** Connection string of the superuser of the platform's own database. */
  platformUrl(): string
  /** The same of the resource centre's database. */
  centreUrl(): string
  /** Processor time that a process of the platform has used so far, seconds. */
  cpuSeconds(process: string): number
  /** Largest resident memory so far of a process of the platform, MiB. */
  peakMemory(process: string): number
  stop(): Promise<void>
}

/** Starts it with the whole table of villages and waits until the city stands. */
export async function startPlatform(say: (line: string) => void): Promise<BenchPlatform> {
  const dataDir = mkdtempSync(join(tmpdir(), 'huitong-bench-'))
  const port = await freePort()
  const env = {
    ...process.env,
    HUITONG_DATA: dataDir,
    HUITONG_PORT: String(port),
    HUITONG_DEMO: '1',
    HUITONG_LOG_LEVEL: 'warn',
  }
  const supervisor = spawn(process.execPath, [SUPERVISOR], { env, stdio: ['ignore', 'ignore', 'inherit'] })
  const baseUrl = `http://127.0.0.1:${port}`
  const people = new Map<string, Promise<DemoClient>>()
  const platform: BenchPlatform = {
    dataDir,
    baseUrl,
    as(account) {
      const known = people.get(account) ?? signIn(baseUrl, dataDir, account)
      people.set(account, known)
      return known
    },
    departmentsUrl(database) {
      const file = JSON.parse(readFileSync(join(dataDir, 'demo/databases.json'), 'utf8')) as {
        provider: { port: number }
      }
      const password = readFileSync(join(dataDir, 'secrets/postgres-departments.password'), 'utf8').trim()
      return `postgresql://postgres:${encodeURIComponent(password)}@127.0.0.1:${file.provider.port}/${database}`
    },
    platformUrl: () => ownUrl(dataDir, 'huitong'),
    centreUrl: () => ownUrl(dataDir, 'huitong_centre'),
    cpuSeconds: (name) => cpuOf(dataDir, name),
    peakMemory: (name) => peakOf(dataDir, name),
    stop: () => stop(supervisor, dataDir),
  }
  try {
    await cityBuilt(platform, supervisor, say)
    return platform
  } catch (error) {
    // Whoever asked has nothing yet by which to stop it.
    await platform.stop()
    throw error
  }
}

function ownUrl(dataDir: string, database: string): string {
  const password = readFileSync(join(dataDir, 'secrets/postgres-platform.password'), 'utf8').trim()
  const at = readFileSync(join(dataDir, 'postgres/platform/port'), 'utf8').trim()
  return `postgresql://postgres:${encodeURIComponent(password)}@127.0.0.1:${at}/${database}`
}

async function signIn(baseUrl: string, dataDir: string, account: string): Promise<DemoClient> {
  const { password } = JSON.parse(readFileSync(join(dataDir, 'demo/accounts.json'), 'utf8')) as { password: string }
  const client = openClient(baseUrl)
  await client.signIn(account, password)
  return client
}

async function cityBuilt(
  platform: BenchPlatform,
  supervisor: ChildProcess,
  say: (line: string) => void,
): Promise<void> {
  const until = Date.now() + BUILD_MS_MAX
  say('starting a throw-away platform with the demonstration city …')
  while (Date.now() < until) {
    if (supervisor.exitCode !== null) throw new Error('the supervisor ended')
    await sleep(500)
    if (!existsSync(join(platform.dataDir, 'demo/databases.json'))) continue
    try {
      const home = await (await platform.as('centre')).call(readHome)
      if (home.demo === null) return // and not merely unbegun: the people come after the first word of progress
    } catch {
      // the people are not there yet
    }
  }
  throw new Error('the demonstration city was not built in time')
}

function pidOf(dataDir: string, name: string): number {
  const processes = JSON.parse(readFileSync(join(dataDir, 'run/processes.json'), 'utf8')) as {
    name: string
    pid: number | null
  }[]
  const pid = processes.find((one) => one.name === name)?.pid
  if (pid == null) throw new Error(`process ${name} is not running`)
  return pid
}

/** The kernel counts in hundredths of a second. */
function cpuOf(dataDir: string, name: string): number {
  const stat = readFileSync(`/proc/${pidOf(dataDir, name)}/stat`, 'utf8')
  // After the name in brackets, which may hold anything, the 12th and 13th words are user and system time.
  const words = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(words[11]) + Number(words[12])) / 100
}

function peakOf(dataDir: string, name: string): number {
  const pid = pidOf(dataDir, name)
  const kib = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kib) / 1024
}

async function stop(supervisor: ChildProcess, dataDir: string): Promise<void> {
  if (supervisor.exitCode === null && supervisor.signalCode === null) {
    const ended = new Promise((resolve) => supervisor.once('exit', resolve))
    supervisor.kill('SIGTERM')
    await ended
  }
  rmSync(dataDir, { recursive: true, force: true })
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}
