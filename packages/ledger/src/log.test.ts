import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { naiveRoot, someLeaves } from '../test/naive.ts'
import { openCheckpoint } from './checkpoint.ts'
import { LedgerFatalError } from './errors.ts'
import { fsck } from './fsck.ts'
import { localTileStore } from './local-tile-store.ts'
import { createLog, openLog } from './log.ts'
import type { LogOptions } from './log.ts'
import { ed25519Signer } from './note.ts'
import { verifyTlogProof } from './proof.ts'
import type { CheckpointLock, TileStore } from './storage.ts'
import { memoryLock, memoryTileStore } from './testing.ts'
import { verifyConsistency } from './tree.ts'

const origin = 'log.example/2026'
const signer = ed25519Signer(origin, Buffer.alloc(32, 5))
const verifiers = [signer.verifier]

const folders: string[] = []
async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'huitong-ledger-'))
  folders.push(folder)
  return folder
}
afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true })))
})

function memoryOptions(): LogOptions & { store: ReturnType<typeof memoryTileStore> } {
  return { origin, store: memoryTileStore(), lock: memoryLock(), signers: [signer] }
}

/** fsck against the lock's checkpoint. */
async function check({ store, lock }: LogOptions): ReturnType<typeof fsck> {
  return await fsck({ fetch: (path) => store.fetch(path), checkpoint: (await lock.fetch())!, verifiers })
}

test('batches of every kind lead to the naive root, at each checkpoint', async () => {
  const options = memoryOptions()
  const log = await createLog(options)
  const leaves = someLeaves(70_000)
  let size = 0
  for (const count of [1, 1, 253, 1, 1, 255, 256, 512, 3, 65_000]) {
    const result = await log.appendBatch(leaves.slice(size, size + count))
    expect(result.firstIndex).toBe(size)
    size += count
    expect(result.size).toBe(size)
    expect(Buffer.compare(result.root, naiveRoot(leaves.slice(0, size)))).toBe(0)
    expect(openCheckpoint(await log.published(), verifiers)).toMatchObject({ origin, size })
    expect(await check(options)).toMatchObject({ ok: true, size })
  }
  for (const index of [0, 255, 256, 65_535, size - 1]) {
    const proof = await log.proveInclusion(index)
    expect(verifyTlogProof(proof, leaves[index]!, verifiers)).toMatchObject({ index, size, signedBy: [origin] })
    expect(() => verifyTlogProof(proof, leaves[index + 1]!, verifiers)).toThrow(/not_included/)
  }
  const root = naiveRoot(leaves.slice(0, size))
  for (const oldSize of [1, 2, 255, 256, 257, 65_536, size]) {
    const { proof } = await log.proveConsistency(oldSize)
    const oldRoot = naiveRoot(leaves.slice(0, oldSize))
    expect(verifyConsistency(oldSize, size, oldRoot, root, proof)).toBe(true)
  }
  expect([...options.store.files.keys()].filter((path) => path.startsWith('staging'))).toEqual([])
}, 60_000)

test('concurrent calls are queued in order', async () => {
  const log = await createLog(memoryOptions())
  const results = await Promise.all([3, 4, 5].map((count) => log.appendBatch(someLeaves(count))))
  expect(results.map((result) => [result.firstIndex, result.size])).toEqual([
    [0, 3],
    [3, 7],
    [7, 12],
  ])
})

test('what is not a batch is refused, and the log goes on', async () => {
  const options = memoryOptions()
  const log = await createLog(options)
  await expect(log.appendBatch([])).rejects.toMatchObject({ code: 'bad_input' })
  await expect(log.appendBatch([new Uint8Array(65_536)])).rejects.toMatchObject({ code: 'bad_input' })
  await expect(log.appendBatch(Array.from({ length: 65_537 }, () => new Uint8Array(1)))).rejects.toThrow(/bad_input/)
  expect((await log.appendBatch([new Uint8Array(65_535), new Uint8Array(0)])).size).toBe(2)
  await expect(createLog(options)).rejects.toMatchObject({ code: 'log_exists' })
  await expect(openLog(memoryOptions()).appendBatch(someLeaves(1))).rejects.toMatchObject({ code: 'log_missing' })
  expect(() => openLog({ ...options, origin: 'another.example' })).toThrow(/bad_origin/)
})

test('a second writer that lost the race changes nothing, and can go on afterwards', async () => {
  const options = memoryOptions()
  await createLog(options)
  let armed = true
  const slow: CheckpointLock = {
    fetch: () => options.lock.fetch(),
    compareAndSwap: async (...args) => {
      if (armed) {
        armed = false
        await openLog(options).appendBatch(someLeaves(300))
      }
      return await options.lock.compareAndSwap(...args)
    },
  }
  const loser = openLog({ ...options, lock: slow })
  await expect(loser.appendBatch(someLeaves(2))).rejects.toMatchObject({ code: 'lock_conflict' })
  expect(await check(options)).toMatchObject({ ok: true, size: 300 })
  expect((await loser.appendBatch(someLeaves(2))).firstIndex).toBe(300)
  expect(await check(options)).toMatchObject({ ok: true, size: 302 })
})

test('a lock restored from an older backup stops the log', async () => {
  const options = memoryOptions()
  const log = await createLog(options)
  await log.appendBatch(someLeaves(5))
  const older = await options.lock.fetch()
  await log.appendBatch(someLeaves(5))
  const restored = openLog({ ...options, lock: memoryLock(older) })
  await expect(restored.appendBatch(someLeaves(1))).rejects.toMatchObject({ code: 'log_rolled_back' })
})

test('a checkpoint signed by another key is not continued', async () => {
  const options = memoryOptions()
  const log = await createLog(options)
  await log.appendBatch(someLeaves(5))
  const rotated = ed25519Signer(origin, Buffer.alloc(32, 6))
  await expect(openLog({ ...options, signers: [rotated] }).appendBatch(someLeaves(1))).rejects.toMatchObject({
    code: 'no_trusted_signature',
  })
  const next = openLog({ ...options, signers: [rotated], formerVerifiers: verifiers })
  const { checkpoint } = await next.appendBatch(someLeaves(1))
  expect(openCheckpoint(checkpoint, [rotated.verifier]).size).toBe(6)
})

describe('damage at the edge', () => {
  const size = 256 * 256 + 256 + 7
  const edge = ['tile/0/257.p/7', 'tile/1/001.p/1', 'tile/2/000.p/1', 'tile/entries/257.p/7']
  const damages: [string, (bytes: Uint8Array) => Uint8Array | undefined][] = [
    ['bit flip', (bytes) => Uint8Array.from(bytes, (byte, i) => (i === bytes.length - 1 ? byte ^ 1 : byte))],
    ['truncation', (bytes) => bytes.subarray(0, -1)],
    ['extension', (bytes) => Buffer.concat([bytes, Buffer.of(0)])],
    ['loss', () => undefined],
  ]
  test('bit flip, truncation, extension, loss: signing stops, fsck names the file; repair lets it go on', async () => {
    const options = memoryOptions()
    const log = await createLog(options)
    await log.appendBatch(someLeaves(65_000))
    await log.appendBatch(someLeaves(size - 65_000))
    const before = await options.lock.fetch()
    for (const path of edge) {
      const good = options.store.files.get(path)!
      for (const [name, damage] of damages) {
        const bent = damage(good)
        if (bent === undefined) options.store.files.delete(path)
        else options.store.files.set(path, bent)
        await expect(log.appendBatch(someLeaves(1)), `${name} ${path}`).rejects.toMatchObject({
          code: expect.stringMatching(/^(bad_tile|tile_missing|edge_damaged)$/) as string,
        })
        expect(await options.lock.fetch()).toBe(before)
        expect(await check(options), `${name} ${path}`).toMatchObject({
          ok: false,
          path: path.replace('tile/entries/257.p/7', name === 'bit flip' ? 'tile/0/257.p/7' : path),
        })
      }
      options.store.files.set(path, good)
    }
    expect((await log.appendBatch(someLeaves(1))).size).toBe(size + 1)
  }, 60_000)
})

/** Lets `steps` changes of store and lock happen, then fails before or after each further one. */
function crashing(options: LogOptions, steps: number, after: boolean): { options: LogOptions; crashed: () => boolean } {
  let left = steps
  const step = async <T>(work: () => Promise<T>): Promise<T> => {
    if (left > 0) {
      left--
      return await work()
    }
    if (left === 0 && after) {
      left--
      await work()
    }
    left = -1
    throw new Error('crash')
  }
  const store: TileStore = {
    fetch: (path) => options.store.fetch(path),
    upload: (path, bytes) => step(() => options.store.upload(path, bytes)),
    replace: (path, bytes) => step(() => options.store.replace(path, bytes)),
    remove: (path) => step(() => options.store.remove(path)),
  }
  const lock: CheckpointLock = {
    fetch: () => options.lock.fetch(),
    compareAndSwap: (...args) => step(() => options.lock.compareAndSwap(...args)),
  }
  return { options: { ...options, store, lock }, crashed: () => left < 0 }
}

test('a crash before or after every single write: recovery loses nothing acknowledged and fsck is clean', async () => {
  for (const after of [false, true]) {
    let crashes = 0
    for (let steps = 0; ; steps++) {
      const options = memoryOptions()
      await (await createLog(options)).appendBatch(someLeaves(250))
      const bent = crashing(options, steps, after)
      const outcome = await openLog(bent.options)
        .appendBatch(someLeaves(600).slice(250))
        .then(
          (result) => result.size,
          () => undefined,
        )
      if (!bent.crashed()) {
        expect(outcome).toBe(600)
        break
      }
      crashes++
      expect(outcome).toBeUndefined()
      const acknowledged = openCheckpoint((await options.lock.fetch())!, verifiers).size
      expect([250, 600]).toContain(acknowledged)
      const log = openLog(options)
      // A second crash during recovery, at every step, must not hurt either.
      for (let again = 0; again < 3; again++) {
        await openLog(crashing(options, again, after).options)
          .recover()
          .catch(() => undefined)
      }
      const other = Array.from({ length: 300 }, (_, i) => Buffer.from(`other ${i}`))
      const result = await log.appendBatch(other)
      expect(result.firstIndex).toBe(acknowledged)
      const all = [...someLeaves(acknowledged), ...other]
      expect(Buffer.compare(result.root, naiveRoot(all))).toBe(0)
      expect(await check(options)).toMatchObject({ ok: true, size: acknowledged + 300 })
    }
    expect(crashes).toBeGreaterThan(8)
  }
})

test('a staged batch that was altered is not completed', async () => {
  const options = memoryOptions()
  await createLog(options)
  await openLog(crashing(options, 2, false).options)
    .appendBatch(someLeaves(10))
    .catch(() => undefined)
  const staged = [...options.store.files.keys()].find((path) => path.startsWith('staging'))!
  const good = options.store.files.get(staged)!
  options.store.files.set(
    staged,
    Uint8Array.from(good, (byte, i) => (i === good.length - 1 ? byte ^ 1 : byte)),
  )
  await expect(openLog(options).recover()).rejects.toMatchObject({ code: 'staging_damaged' })
  options.store.files.delete(staged)
  await expect(openLog(options).recover()).rejects.toMatchObject({ code: 'tile_missing' })
  options.store.files.set(staged, good)
  expect((await openLog(options).recover()).size).toBe(10)
})

describe('local folder', () => {
  test('is laid out as the specification says, survives reopening, and never overwrites', async () => {
    const folder = await temporaryFolder()
    const store = localTileStore(join(folder, 'deep', 'log'))
    const options: LogOptions = { origin, store, lock: memoryLock(), signers: [signer] }
    const log = await createLog(options)
    await log.appendBatch(someLeaves(300))
    const reopened = localTileStore(join(folder, 'deep', 'log'))
    expect((await reopened.fetch('tile/0/000'))!.byteLength).toBe(8192)
    expect((await reopened.fetch('tile/0/001.p/44'))!.byteLength).toBe(44 * 32)
    expect((await reopened.fetch('tile/1/000.p/1'))!.byteLength).toBe(32)
    expect(await check({ ...options, store: reopened })).toMatchObject({ ok: true, size: 300 })
    await expect(reopened.upload('tile/0/000', Buffer.of(1))).rejects.toMatchObject({ code: 'tile_conflict' })
    await reopened.upload('tile/0/000', (await reopened.fetch('tile/0/000'))!)
    for (const path of ['../x', 'tile/0/../../x', '/etc/passwd', 'tile/0', 'checkpoint/x', '']) {
      await expect(reopened.fetch(path), path).rejects.toMatchObject({ code: 'bad_path' })
      await expect(reopened.upload(path, Buffer.of(1)), path).rejects.toMatchObject({ code: 'bad_path' })
    }
  })

  test('a failed fsync is fatal, is not retried, and stops the log for good', async () => {
    const folder = await temporaryFolder()
    const lock = memoryLock()
    await createLog({ origin, store: localTileStore(folder), lock, signers: [signer] })
    let syncs = 0
    const failing = localTileStore(folder, {
      sync: async (handle) => {
        syncs++
        if (syncs === 7) throw Object.assign(new Error('EIO: i/o error, fsync'), { code: 'EIO' })
        await handle.sync()
      },
    })
    const log = openLog({ origin, store: failing, lock, signers: [signer] })
    const error: unknown = await log.appendBatch(someLeaves(300)).catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(LedgerFatalError)
    const seen = syncs
    await expect(log.appendBatch(someLeaves(1))).rejects.toBe(error)
    await expect(failing.upload('tile/0/005', Buffer.of(1))).rejects.toBe(error)
    expect(syncs).toBe(seen)
    const fresh = { origin, store: localTileStore(folder), lock, signers: [signer] }
    await openLog(fresh).appendBatch(someLeaves(3))
    expect(await check(fresh)).toMatchObject({ ok: true })
  })

  test('takes at least 5,000 durable entries per second', async () => {
    const store = localTileStore(await temporaryFolder())
    const options: LogOptions = { origin, store, lock: memoryLock(), signers: [signer] }
    const log = await createLog(options)
    const entry = Buffer.alloc(400, 'x')
    const batch = Array.from({ length: 1000 }, () => entry)
    const start = performance.now()
    for (let i = 0; i < 20; i++) await log.appendBatch(batch)
    const perSecond = 20_000 / ((performance.now() - start) / 1000)
    expect(perSecond).toBeGreaterThan(5000)
    const checking = performance.now()
    expect(await check(options)).toMatchObject({ ok: true, size: 20_000 })
    const checked = 20_000 / ((performance.now() - checking) / 1000)
    expect(checked).toBeGreaterThan(5000)
    process.stderr.write(`ledger: ${perSecond.toFixed(0)} entries/s written, ${checked.toFixed(0)} entries/s checked\n`)
  })
})
