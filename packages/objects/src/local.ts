import { createHash, randomUUID } from 'node:crypto'
import { link, mkdir, open, readdir, rm, stat, statfs, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { durable, type Sync } from './durable.ts'
import { StorageError } from './errors.ts'
import { checkKey } from './keys.ts'
import { ignoreAbsent, listFiles } from './list.ts'
import type { ByteRange, Expected, ListPage, ObjectHead, ObjectStore } from './object-store.ts'
import { asStorageFull, digestOf, writeAll, type LocalFolder } from './local-files.ts'
import { localUploads } from './local-uploads.ts'

export interface LocalObjectStoreOptions {
  /** Free space that is never used up: what would go below it is refused with storage.full. Default 256 MiB. */
  reserveBytes?: number
  /** Uploads on which nothing happened for so long are removed when the store is opened. Default 7 days. */
  uploadAgeMaxMs?: number
  /** For tests: replaces fsync. */
  sync?: Sync
}

const LIST_MAX = 1_000
const RESERVE_BYTES = 256 * 1024 * 1024
const UPLOAD_AGE_MAX_MS = 7 * 24 * 3_600_000

/**
 * An object store in a folder of one machine: `objects/<key>`, `temporary/`, `uploads/<id>/`. Content is written to a
 * temporary file, synced, linked to its name, and the folders are synced, before anything resolves. Removes what a crash
 * left behind. Several processes of one machine may share the folder.
 */
export async function localObjectStore(folder: string, options: LocalObjectStoreOptions = {}): Promise<ObjectStore> {
  const [objects, temporary, uploads] = ['objects', 'temporary', 'uploads'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  const sound = durable(options.sync)
  for (const path of [objects, temporary, uploads]) await mkdir(path, { recursive: true, mode: 0o700 })
  await sound.folder(folder)
  await removeLeftovers(temporary)

  const local: LocalFolder = {
    objects,
    uploads,
    durable: sound,
    reserveSpace: (bytes) => reserveSpace(folder, bytes, options.reserveBytes ?? RESERVE_BYTES),
    place: (from, key, expected) => place(local, from, key, expected),
  }
  const store = {
    putIfAbsent: (key: string, content: AsyncIterable<Uint8Array>, expected: Expected) =>
      putIfAbsent(local, temporary, key, content, expected),
    get: (key: string, range?: ByteRange) => getObject(local, key, range),
    head: (key: string) => headObject(local, key),
    delete: (key: string) => deleteObject(local, key),
    list: (page?: { prefix?: string; after?: string; limit?: number }) => listObjects(local, page),
  }
  return { ...store, ...(await localUploads(local, options.uploadAgeMaxMs ?? UPLOAD_AGE_MAX_MS)) }
}

async function putIfAbsent(
  local: LocalFolder,
  temporary: string,
  key: string,
  content: AsyncIterable<Uint8Array>,
  expected: Expected,
): Promise<'stored' | 'present'> {
  local.durable.assertSound()
  checkKey(key)
  if (await isPresent(local, key, expected)) return 'present'
  await local.reserveSpace(expected.bytes)
  const half = join(temporary, `${process.pid}.${randomUUID()}`)
  const file = await open(half, 'wx', 0o600).catch(asStorageFull)
  try {
    try {
      const digest = createHash('sha256')
      const bytes = await writeAll(file, content, 0, expected.bytes, (chunk) => digest.update(chunk))
      if (bytes !== expected.bytes) throw new StorageError('storage.size_mismatch', { key, bytes })
      const sha256 = digest.digest('hex')
      if (sha256 !== expected.sha256) throw new StorageError('storage.digest_mismatch', { key, sha256 })
      await local.durable.file(file, key)
    } finally {
      await file.close()
    }
    return await place(local, half, key, expected)
  } finally {
    await rm(half, { force: true })
  }
}

async function reserveSpace(folder: string, bytes: number, reserveBytes: number): Promise<void> {
  const disk = await statfs(folder)
  const freeBytes = disk.bavail * disk.bsize
  if (freeBytes - bytes < reserveBytes) throw new StorageError('storage.full', { freeBytes, bytes, reserveBytes })
}

async function place(local: LocalFolder, from: string, key: string, expected: Expected): Promise<'stored' | 'present'> {
  const to = join(local.objects, key)
  await local.durable.makeFolders(dirname(to), local.objects).catch(asStorageFull)
  try {
    // Unlike rename, link does not replace what another process stored meanwhile.
    await link(from, to)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) return asStorageFull(error)
    if (await isPresent(local, key, expected)) return 'present'
    throw error
  }
  await local.durable.folder(dirname(to))
  return 'stored'
}

/** True when exactly this content is stored, and then durably; throws storage.conflict when other content is. */
async function isPresent(local: LocalFolder, key: string, expected: Expected): Promise<boolean> {
  const path = join(local.objects, key)
  const file = await open(path, 'r').catch(ignoreAbsent)
  if (file === undefined) return false
  try {
    const { size } = await file.stat()
    const sha256 = size === expected.bytes ? await digestOf(file) : ''
    if (sha256 !== expected.sha256) throw new StorageError('storage.conflict', { key, bytes: size })
    // Whoever stored it may have died, or may still be, between linking and syncing.
    await local.durable.file(file, key)
    for (let at = dirname(path); at.length >= local.objects.length; at = dirname(at)) await local.durable.folder(at)
    return true
  } finally {
    await file.close()
  }
}

async function getObject(local: LocalFolder, key: string, range: ByteRange = { from: 0 }): Promise<Readable> {
  checkKey(key)
  const file = await open(join(local.objects, key), 'r').catch(ignoreAbsent)
  if (file === undefined) throw new StorageError('storage.absent', { key })
  const { size } = await file.stat()
  const { from, bytes = size - from } = range
  const isGood = Number.isSafeInteger(from) && Number.isSafeInteger(bytes) && from >= 0 && bytes >= 0
  if (!isGood || from + bytes > size) {
    await file.close()
    throw new StorageError('storage.bad_range', { key, from, bytes, size })
  }
  // Node.js cannot express an empty range; reading nothing is a range that begins at the end.
  const window = bytes === 0 ? { start: size } : { start: from, end: from + bytes - 1 }
  return file.createReadStream({ ...window, highWaterMark: 256 * 1024 })
}

async function headObject(local: LocalFolder, key: string): Promise<ObjectHead | undefined> {
  checkKey(key)
  const found = await stat(join(local.objects, key)).catch(ignoreAbsent)
  return found === undefined || !found.isFile() ? undefined : { key, bytes: found.size }
}

async function deleteObject(local: LocalFolder, key: string): Promise<boolean> {
  local.durable.assertSound()
  checkKey(key)
  const path = join(local.objects, key)
  const removed = await unlink(path).then(() => true, ignoreAbsent)
  if (removed !== true) return false
  await local.durable.folder(dirname(path))
  return true
}

async function listObjects(
  local: LocalFolder,
  { prefix = '', after = '', limit = LIST_MAX }: { prefix?: string; after?: string; limit?: number } = {},
): Promise<ListPage> {
  if (!Number.isInteger(limit) || limit < 1 || limit > LIST_MAX) throw new RangeError(`limit must be 1 to ${LIST_MAX}`)
  return listFiles(local.objects, prefix, after, limit)
}

/** Removes temporary files of processes that no longer live. */
async function removeLeftovers(temporary: string): Promise<void> {
  for (const name of await readdir(temporary)) {
    const pid = Number(name.split('.')[0])
    if (!isRunning(pid)) await rm(join(temporary, name), { force: true })
  }
}

function isRunning(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
