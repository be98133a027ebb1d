import { spawn, spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statfsSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { expectedOf, objectStoreConformance, pieces } from './conformance.ts'
import { FatalDurabilityError, localObjectStore } from './index.ts'

const ends: (() => void)[] = []

afterEach(() => {
  for (const end of ends.splice(0).reverse()) end()
})

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'huitong-objects-'))
  ends.push(() => rmSync(path, { recursive: true, force: true }))
  return path
}

objectStoreConformance('local folder', async () => {
  const path = mkdtempSync(join(tmpdir(), 'huitong-objects-'))
  const store = await localObjectStore(path, { reserveBytes: 0 })
  return { store, close: async () => rmSync(path, { recursive: true, force: true }) }
})

test('a failed fsync is fatal: nothing was acknowledged, and nothing is afterwards', async () => {
  for (const failing of [1, 2, 3]) {
    let calls = -Infinity
    const sync = async (): Promise<void> => {
      // The third works again, as the kernel's does after it has thrown the pages away.
      if (++calls === failing) throw Object.assign(new Error('EIO'), { code: 'EIO' })
    }
    const store = await localObjectStore(folder(), { reserveBytes: 0, sync })
    calls = 0
    const content = randomBytes(100)
    const put = (): Promise<unknown> => store.putIfAbsent('a/b', pieces(content), expectedOf(content))
    await expect(put()).rejects.toBeInstanceOf(FatalDurabilityError)
    await expect(put()).rejects.toBeInstanceOf(FatalDurabilityError)
    await expect(store.openUpload('u', { key: 'k', ...expectedOf(content) })).rejects.toBeInstanceOf(
      FatalDurabilityError,
    )
  }
})

test('what would eat up the reserve is refused before a byte is written', async () => {
  const path = folder()
  const disk = statfsSync(path)
  const store = await localObjectStore(path, { reserveBytes: disk.bavail * disk.bsize * 2 })
  const content = randomBytes(100)
  const refused = { code: 'storage.full', words: { zh: expect.stringContaining('空间不足') as string } }
  await expect(store.putIfAbsent('a', pieces(content), expectedOf(content))).rejects.toMatchObject(refused)
  await expect(store.openUpload('u', { key: 'a', ...expectedOf(content) })).rejects.toMatchObject(refused)
  expect(readdirSync(join(path, 'temporary'))).toEqual([])
  expect(readdirSync(join(path, 'uploads'))).toEqual([])
})

test('opening removes what crashes left, and uploads that nobody continued', async () => {
  const path = folder()
  const first = await localObjectStore(path, { reserveBytes: 0 })
  const content = randomBytes(100)
  for (const id of ['old', 'young']) await first.openUpload(id, { key: id, ...expectedOf(content) })
  utimesSync(join(path, 'uploads/old/target.json'), 1, 1)
  mkdirSync(join(path, 'uploads/half'))
  utimesSync(join(path, 'uploads/half'), 1, 1)
  const dead = spawnSync(process.execPath, ['-e', '']).pid
  writeFileSync(join(path, `temporary/${dead}.x`), 'left')
  writeFileSync(join(path, `temporary/${process.pid}.x`), 'being written')
  await localObjectStore(path, { reserveBytes: 0 })
  expect(readdirSync(join(path, 'temporary'))).toEqual([`${process.pid}.x`])
  expect(readdirSync(join(path, 'uploads'))).toEqual(['young'])
})

test('kill -9 at any moment: what was acknowledged is whole, what is there is whole, and leftovers go', async () => {
  const path = folder()
  const acknowledged: string[] = []
  for (let round = 0; round < 12; round++) {
    const child = spawn(
      process.execPath,
      [join(import.meta.dirname, 'fixtures/put-for-ever.ts'), path, String(round)],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    const lines: string[] = []
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => lines.push(chunk))
    const ended = new Promise((resolve) => child.once('close', resolve))
    await once(child.stdout, 'data')
    await sleep(round * 7)
    child.kill('SIGKILL')
    await ended
    acknowledged.push(...lines.join('').split('\n').slice(0, -1))
  }
  const store = await localObjectStore(path, { reserveBytes: 0 })
  expect(readdirSync(join(path, 'temporary'))).toEqual([])
  const { objects } = await store.list()
  const present = new Set(objects.map(({ key }) => key))
  expect(acknowledged.length).toBeGreaterThan(12)
  expect(acknowledged.filter((key) => !present.has(key))).toEqual([])
  for (const { key } of objects) {
    const fill = String(Number(key.split('/').at(-1)) % 10)
    expect(await digest(await store.get(key))).toBe(createHash('sha256').update(fill.repeat(200_000)).digest('hex'))
  }
}, 60_000)

async function digest(stream: Readable): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of stream) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

const canMount = process.getuid?.() === 0 && process.platform === 'linux'
if (!canMount) console.warn('SKIPPED: a full disk needs root on Linux, to mount a small one')

describe.skipIf(!canMount)('on a full disk', () => {
  test('storage.full, nothing left behind, and the store works again when there is space', async () => {
    const path = folder()
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', path], { encoding: 'utf8' })
    expect(mounted.stderr).toBe('')
    ends.push(() => spawnSync('umount', ['-l', path]))
    const store = await localObjectStore(path, { reserveBytes: -1e12 }) // so that only the disk itself says no
    const large = randomBytes(2_000_000)
    const put = store.putIfAbsent('large', pieces(large, 64_000), expectedOf(large))
    await expect(put).rejects.toMatchObject({ code: 'storage.full' })
    expect(readdirSync(join(path, 'temporary'))).toEqual([])
    expect(await store.head('large')).toBeUndefined()

    await store.openUpload('u', { key: 'up', ...expectedOf(large) })
    const append = store.append('u', 0, pieces(large, 64_000))
    await expect(append).rejects.toMatchObject({ code: 'storage.full' })
    expect((await store.uploadState('u')).offset).toBe(0)
    await store.abortUpload('u')

    const small = randomBytes(300_000)
    expect(await store.putIfAbsent('small', pieces(small), expectedOf(small))).toBe('stored')
    const second = await localObjectStore(path, { reserveBytes: 900_000 })
    const refused = second.putIfAbsent('other', pieces(small), { ...expectedOf(small), sha256: '0'.repeat(64) })
    await expect(refused).rejects.toMatchObject({ code: 'storage.full' })
  })
})
