import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test, vi } from 'vitest'
import { freePort } from './postgres.ts'
import { processesRunningIn, signal, startTimeOf } from './proc.ts'

const REPOSITORY = join(import.meta.dirname, '../../../..')
const ends: (() => Promise<void> | void)[] = []

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

interface Supervised {
  process: ChildProcess
  output: () => string
  pids: () => Record<string, number>
  exited: Promise<number | null>
}

function dataDir(): string {
  const folder = mkdtempSync(join(tmpdir(), 'huitong-supervisor-'))
  ends.push(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Starts the fixture supervisor; its own group, so that a signal to the group is what Ctrl-C sends. */
function supervise(folder: string, port: number): Supervised {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'fixtures/supervise.ts')], {
    cwd: REPOSITORY,
    env: { ...process.env, TEST_DATA: folder, TEST_PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
  let output = ''
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (output += chunk))
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  ends.push(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
    await exited
  })
  return { process: child, output: () => output, pids: () => pidsIn(folder), exited }
}

function pidsIn(folder: string): Record<string, number> {
  const list = JSON.parse(readFileSync(join(folder, 'run/processes.json'), 'utf8')) as { name: string; pid: number }[]
  return Object.fromEntries(list.map(({ name, pid }) => [name, pid]))
}

async function isReady(supervised: Supervised): Promise<void> {
  await vi.waitFor(() => expect(supervised.output()).toContain('all ready'), { timeout: 20_000, interval: 20 })
}

/** Asks every 20 ms on a new connection and counts what came back, by status or error code. */
function poll(port: number): { stop: () => Promise<Map<string, number>> } {
  const seen = new Map<string, number>()
  const count = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1)
  const running: Promise<void>[] = []
  const timer = setInterval(() => {
    running.push(
      new Promise((resolve) => {
        const asked = get({ host: '127.0.0.1', port, path: '/x', agent: false, timeout: 8_000 }, (response) => {
          count(String(response.statusCode))
          response.resume().on('close', resolve)
        })
        asked.on('timeout', () => asked.destroy(Object.assign(new Error('hung'), { code: 'HUNG' })))
        asked.on('error', (error: NodeJS.ErrnoException) => {
          count(error.code ?? error.message)
          resolve()
        })
      }),
    )
  }, 20)
  return {
    stop: async () => {
      clearInterval(timer)
      await Promise.all(running)
      return seen
    },
  }
}

test('through kills of the server and the postmaster, no connection is refused and none gets a 404', async () => {
  const folder = dataDir()
  const port = await freePort()
  const supervised = supervise(folder, port)
  await isReady(supervised)
  const polling = poll(port)
  for (let round = 0; round < 4; round++) {
    const pid = supervised.pids()['server']!
    signal(pid, 'SIGKILL')
    await vi.waitFor(() => expect(supervised.pids()['server']).not.toBe(pid), { timeout: 10_000, interval: 20 })
    await vi.waitFor(() => expect(supervised.output().split('server: ready').length).toBe(round + 3), {
      timeout: 10_000,
      interval: 20,
    })
    await sleep(200)
  }
  const postmaster = supervised.pids()['postgres']!
  signal(postmaster, 'SIGKILL')
  await vi.waitFor(() => expect(supervised.output().split('postgres: ready').length).toBe(3), 20_000)
  const seen = await polling.stop()
  expect([...seen.keys()].filter((what) => !['200', '503', 'ECONNRESET'].includes(what))).toEqual([])
  expect(seen.get('200')).toBeGreaterThan(20)
  expect(seen.get('503')).toBeGreaterThan(5)
  // Only a request that the dying server held may be cut off.
  expect(seen.get('ECONNRESET') ?? 0).toBeLessThanOrEqual(4)
}, 60_000)

test('a blocked server is noticed by its missing heartbeat and replaced', async () => {
  // heartbeat itself is proved in children.test.ts; here the whole way, with a request that blocks the event loop
  const folder = dataDir()
  const port = await freePort()
  const supervised = supervise(folder, port)
  await isReady(supervised)
  const pid = supervised.pids()['server']!
  const blocked = new Promise((resolve) => get({ host: '127.0.0.1', port, path: '/block' }).on('error', resolve))
  await blocked
  await vi.waitFor(() => expect(supervised.output()).toMatch(/server: no heartbeat/), 20_000)
  await vi.waitFor(() => expect(supervised.pids()['server']).not.toBe(pid), 10_000)
}, 60_000)

test('after SIGKILL of the supervisor the next one starts on the same data folder and port', async () => {
  const folder = dataDir()
  const port = await freePort()
  const first = supervise(folder, port)
  await isReady(first)
  const before = first.pids()
  signal(first.process.pid!, 'SIGKILL')
  await first.exited
  const second = supervise(folder, port)
  await isReady(second)
  expect(second.output()).toMatch(/stubborn: left over from before, stopped/)
  for (const pid of Object.values(before)) expect(startTimeOf(pid)).toBeUndefined()
  expect(processesRunningIn(realpathSync(join(folder, 'postgres/platform/pgdata')), 'postgres').length).toBeGreaterThan(
    0,
  )
}, 60_000)

test('a second supervisor on the same data folder refuses with a clear message', async () => {
  const folder = dataDir()
  const first = supervise(folder, await freePort())
  await isReady(first)
  const second = supervise(folder, await freePort())
  expect(await second.exited).toBe(1)
  expect(second.output()).toMatch(
    new RegExp(`refused: [^]*in use by another Huitong supervisor \\(pid ${first.process.pid}\\)`),
  )
}, 60_000)

test('Ctrl-C ends everything, also in the middle of the start', async () => {
  const folder = dataDir()
  const supervised = supervise(folder, await freePort())
  await isReady(supervised)
  const pids = Object.values(supervised.pids())
  expect(pids.length).toBe(3)
  process.kill(-supervised.process.pid!, 'SIGINT')
  expect(await supervised.exited).toBe(0)
  for (const pid of pids) expect(startTimeOf(pid)).toBeUndefined()
  expect(processesRunningIn(realpathSync(join(folder, 'postgres/platform/pgdata')), 'postgres')).toEqual([])

  const early = supervise(folder, await freePort())
  await vi.waitFor(() => expect(early.output()).toContain('postgres: started'), 20_000)
  const begun = pidsIn(folder)
  process.kill(-early.process.pid!, 'SIGINT')
  expect(await early.exited).toBe(0)
  for (const pid of Object.values(begun)) if (pid !== null) expect(startTimeOf(pid)).toBeUndefined()
  expect(processesRunningIn(realpathSync(join(folder, 'postgres/platform/pgdata')), 'postgres')).toEqual([])
}, 60_000)
