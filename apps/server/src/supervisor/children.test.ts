import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { launchNode } from './child-process.ts'
import { ChildTable, type ProcessEvent, type ProcessSpec } from './children.ts'
import { lockDataFolder } from './lock.ts'
import { openLog } from './logs.ts'
import { signal, startTimeOf } from './proc.ts'
import { adoptOrStopOrphans, writeRecord } from './run-records.ts'

const ends: (() => Promise<void> | void)[] = []

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

function dataDir(): string {
  const folder = mkdtempSync(join(tmpdir(), 'huitong-children-'))
  ends.push(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function worker(folder: string, name: string, mode: string, row: Partial<ProcessSpec> = {}): ProcessSpec {
  const log = openLog(folder, name)
  return {
    name,
    ...row,
    launch: () =>
      launchNode({
        entry: join(import.meta.dirname, 'fixtures/dummy-worker.ts'),
        env: { DUMMY_MODE: mode, DUMMY_NAME: name, DUMMY_JOURNAL: join(folder, 'journal') },
        cwd: folder,
        readyBy: mode === 'once' || mode === 'fails' ? 'spawn' : 'message',
        logFd: log.fd,
      }),
  }
}

function table(folder: string, specs: ProcessSpec[]): { table: ChildTable; events: [string, ProcessEvent][] } {
  const events: [string, ProcessEvent][] = []
  const made = new ChildTable(specs, { dataDir: folder, onEvent: (name, event) => events.push([name, event]) })
  ends.push(() => made.stop())
  return { table: made, events }
}

function journal(folder: string): string[] {
  return readFileSync(join(folder, 'journal'), 'utf8').trim().split('\n')
}

test('starts in order of need and stops in reverse order, leaving no process and no record', async () => {
  const folder = dataDir()
  const { table: children } = table(folder, [
    worker(folder, 'a', ''),
    worker(folder, 'b', '', { after: ['a'] }),
    worker(folder, 'c', '', { after: ['b'] }),
  ])
  children.start()
  await children.allReady()
  const list = JSON.parse(readFileSync(join(folder, 'run/processes.json'), 'utf8')) as { pid: number; ready: boolean }[]
  expect(list.map(({ ready }) => ready)).toEqual([true, true, true])
  await children.stop()
  expect(journal(folder).map((line) => line.replace(/ \d+$/, ''))).toEqual([
    'a begins',
    'b begins',
    'c begins',
    'c ends',
    'b ends',
    'a ends',
  ])
  expect(list.map(({ pid }) => startTimeOf(pid))).toEqual([undefined, undefined, undefined])
  expect(readdirSync(join(folder, 'run')).filter((file) => /^[abc]\.json$/.test(file))).toEqual([])
})

test('restarts a killed process at once, and a failing one with growing pauses', async () => {
  const folder = dataDir()
  const { table: children, events } = table(folder, [worker(folder, 'good', ''), worker(folder, 'bad', 'fails')])
  children.start()
  await vi.waitFor(() => expect(children.list()[0]?.ready).toBe(true), 10_000)
  const first = children.list()[0]!.pid!
  const killedAt = performance.now()
  signal(first, 'SIGKILL')
  await vi.waitFor(() => expect([first, null]).not.toContain(children.list()[0]!.pid), { timeout: 2_000, interval: 5 })
  expect(performance.now() - killedAt).toBeLessThan(1_000)
  await vi.waitFor(() => expect(pauses(events, 'bad').slice(0, 4)).toEqual([0, 200, 400, 800]), 15_000)
  expect(pauses(events, 'good')).toEqual([0])
})

function pauses(events: [string, ProcessEvent][], name: string): number[] {
  return events.flatMap(([who, event]) => (who === name && event.kind === 'failed' ? [event.restartInMs] : []))
}

test('kills what falls silent after it was ready, and what never gets ready', async () => {
  const folder = dataDir()
  const { table: children, events } = table(folder, [
    worker(folder, 'mute', 'mute', { heartbeatTimeoutMs: 1_500 }),
    worker(folder, 'alive', '', { heartbeatTimeoutMs: 1_500 }),
    worker(folder, 'never', 'never-ready', { readyTimeoutMs: 700 }),
  ])
  children.start()
  await vi.waitFor(() => expect(reasons(events, 'mute')).toContain('ended with SIGKILL'), 15_000)
  await vi.waitFor(() => expect(reasons(events, 'never')[0]).toBe('not ready within 700 ms'), 15_000)
  expect(reasons(events, 'alive')).toEqual([])
})

function reasons(events: [string, ProcessEvent][], name: string): string[] {
  return events.flatMap(([who, event]) => (who === name && event.kind === 'failed' ? [event.reason] : []))
}

test('a one-shot process runs once; a stubborn one is killed at its deadline', async () => {
  const folder = dataDir()
  const { table: children } = table(folder, [
    worker(folder, 'once', 'once', { once: true }),
    worker(folder, 'stubborn', 'stubborn', { stopTimeoutMs: 300 }),
  ])
  children.start()
  await children.allReady()
  await vi.waitFor(() => expect(children.list()[0]).toMatchObject({ done: true, pid: null }), 10_000)
  const pid = children.list()[1]!.pid!
  const begun = performance.now()
  await children.stop()
  expect(performance.now() - begun).toBeLessThan(3_000)
  expect(startTimeOf(pid)).toBeUndefined()
  expect(journal(folder).filter((line) => line.startsWith('once begins'))).toHaveLength(1)
})

test('orphans with the recorded start time are stopped; a reused pid is left alone', async () => {
  const folder = dataDir()
  const log = openLog(folder, 'orphan')
  const launch = (): ReturnType<typeof launchNode> =>
    launchNode({
      entry: join(import.meta.dirname, 'fixtures/dummy-worker.ts'),
      env: { DUMMY_MODE: 'stubborn' },
      cwd: folder,
      readyBy: 'message',
      logFd: log.fd,
    })
  const [orphan, stranger] = [launch(), launch()]
  ends.push(() => stranger.stop(0))
  await Promise.all([orphan.ready, stranger.ready])
  writeRecord(folder, { name: 'orphan', ...orphan.identity, stopSignal: 'SIGTERM' })
  writeRecord(folder, { name: 'stranger', pid: stranger.identity.pid, startTime: '1', stopSignal: 'SIGTERM' })
  writeFileSync(join(folder, 'run/broken.json'), '{"pid":')
  expect(await adoptOrStopOrphans(folder, 300)).toEqual(['orphan'])
  expect(startTimeOf(orphan.identity.pid)).toBeUndefined()
  expect(startTimeOf(stranger.identity.pid)).toBe(stranger.identity.startTime)
  expect(existsSync(join(folder, 'run/stranger.json'))).toBe(false)
})

test('a data folder has one supervisor', () => {
  const folder = dataDir()
  const unlock = lockDataFolder(folder)
  expect(() => lockDataFolder(folder)).toThrow(
    new RegExp(`in use by another Huitong supervisor \\(pid ${process.pid}\\)`),
  )
  unlock()
  lockDataFolder(folder)()
})

test('logs are rotated by size while the writer keeps its descriptor', () => {
  const folder = dataDir()
  const log = openLog(folder, 'x')
  for (let round = 1; round <= 5; round++) {
    writeFileSync(log.fd, `round ${round}\n`.repeat(10))
    log.rotate(50)
  }
  writeFileSync(log.fd, 'last\n')
  expect(readFileSync(log.path, 'utf8')).toBe('last\n')
  expect(log.tail(3)).toEqual(['last'])
  expect(readFileSync(`${log.path}.1`, 'utf8')).toBe('round 5\n'.repeat(10))
  expect(readFileSync(`${log.path}.3`, 'utf8')).toBe('round 3\n'.repeat(10))
  expect(existsSync(`${log.path}.4`)).toBe(false)
  log.close()
})
