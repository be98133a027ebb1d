import { open, readFile, readdir, rename, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { StorageError } from './errors.ts'
import { checkKey, checkUploadId } from './keys.ts'
import { ignoreAbsent } from './list.ts'
import { asStorageFull, digestOf, writeAll, type LocalFolder } from './local-files.ts'
import type { Expected, ObjectStore, UploadState } from './object-store.ts'

type Target = Expected & { key: string }
type Uploads = Pick<ObjectStore, 'openUpload' | 'uploadState' | 'append' | 'finish' | 'abortUpload'>

/** The resumable uploads of a local store: `uploads/<id>/target.json` and `uploads/<id>/content`. */
export async function localUploads(local: LocalFolder, ageMaxMs: number): Promise<Uploads> {
  await removeOldUploads(local, ageMaxMs)
  const busy = new Set<string>()
  const alone = async <T>(id: string, work: () => Promise<T>): Promise<T> => {
    checkUploadId(id)
    local.durable.assertSound()
    if (busy.has(id)) throw new StorageError('storage.upload_busy', { upload: id })
    busy.add(id)
    try {
      return await work()
    } finally {
      busy.delete(id)
    }
  }
  return {
    openUpload: (id, target) => alone(id, () => openUpload(local, id, target)),
    uploadState: async (id) => {
      checkUploadId(id)
      const { bytes } = await readTarget(local, id)
      return { offset: await offsetOf(local, id), bytes }
    },
    append: (id, offset, content) => alone(id, () => append(local, id, offset, content)),
    finish: (id) => alone(id, () => finish(local, id)),
    abortUpload: (id) => alone(id, () => remove(local, id)),
  }
}

async function openUpload(local: LocalFolder, id: string, target: Target): Promise<UploadState> {
  checkKey(target.key)
  const known = await readTarget(local, id).catch(unlessAbsent)
  if (known !== undefined) {
    const isSame = known.key === target.key && known.sha256 === target.sha256 && known.bytes === target.bytes
    if (!isSame) throw new StorageError('storage.conflict', { upload: id })
    return { offset: await offsetOf(local, id), bytes: known.bytes }
  }
  await local.reserveSpace(target.bytes)
  const folder = join(local.uploads, id)
  await local.durable.makeFolders(folder, local.uploads).catch(asStorageFull)
  await writeSynced(local, join(folder, 'content'), '')
  // Last, and by renaming: an upload without its target was never begun.
  await writeSynced(local, join(folder, 'target.half'), JSON.stringify(target))
  await rename(join(folder, 'target.half'), join(folder, 'target.json'))
  await local.durable.folder(folder)
  return { offset: 0, bytes: target.bytes }
}

async function writeSynced(local: LocalFolder, path: string, content: string): Promise<void> {
  const file = await open(path, 'w', 0o600).catch(asStorageFull)
  try {
    await file.writeFile(content).catch(asStorageFull)
    await local.durable.file(file, path)
  } finally {
    await file.close()
  }
}

async function append(
  local: LocalFolder,
  id: string,
  offset: number,
  content: AsyncIterable<Uint8Array>,
): Promise<UploadState> {
  const { bytes } = await readTarget(local, id)
  const actual = await offsetOf(local, id)
  if (offset !== actual) throw new StorageError('storage.offset_mismatch', { upload: id, offset: actual })
  await local.reserveSpace(bytes - offset)
  const path = join(local.uploads, id, 'content')
  const file = await open(path, 'r+')
  try {
    try {
      await writeAll(file, content, offset, bytes - offset)
    } catch (error) {
      // Too much is a mistake of the sender, and a full disk must get its space back; a broken line keeps what came.
      if (error instanceof StorageError) await file.truncate(offset)
      throw error
    } finally {
      await local.durable.file(file, path)
    }
  } finally {
    await file.close()
  }
  const now = new Date()
  await utimes(join(local.uploads, id, 'target.json'), now, now) // its age counts from the last sign of life
  return { offset: await offsetOf(local, id), bytes }
}

async function finish(local: LocalFolder, id: string): Promise<'stored' | 'present'> {
  const target = await readTarget(local, id)
  const path = join(local.uploads, id, 'content')
  const file = await open(path, 'r+')
  try {
    const { size } = await file.stat()
    if (size !== target.bytes) throw new StorageError('storage.size_mismatch', { upload: id, offset: size })
    const sha256 = await digestOf(file)
    if (sha256 !== target.sha256) {
      await remove(local, id)
      throw new StorageError('storage.digest_mismatch', { upload: id, sha256 })
    }
    await local.durable.file(file, path)
  } finally {
    await file.close()
  }
  const outcome = await local.place(path, target.key, target)
  await remove(local, id)
  return outcome
}

async function remove(local: LocalFolder, id: string): Promise<void> {
  await rm(join(local.uploads, id, 'target.json'), { force: true }) // without it the rest was never begun
  await rm(join(local.uploads, id), { recursive: true, force: true })
  await local.durable.folder(local.uploads)
}

async function readTarget(local: LocalFolder, id: string): Promise<Target> {
  const text = await readFile(join(local.uploads, id, 'target.json'), 'utf8').catch(ignoreAbsent)
  if (text === undefined) throw new StorageError('storage.upload_absent', { upload: id })
  return JSON.parse(text) as Target
}

function unlessAbsent(error: unknown): undefined {
  if (error instanceof StorageError && error.code === 'storage.upload_absent') return undefined
  throw error
}

async function offsetOf(local: LocalFolder, id: string): Promise<number> {
  return (await stat(join(local.uploads, id, 'content')).catch(ignoreAbsent))?.size ?? 0
}

/** Removes uploads that nobody continued, and those that a crash left without a target. */
async function removeOldUploads(local: LocalFolder, ageMaxMs: number): Promise<void> {
  for (const id of await readdir(local.uploads)) {
    const folder = join(local.uploads, id)
    const target = await stat(join(folder, 'target.json')).catch(ignoreAbsent)
    const since = target?.mtimeMs ?? (await stat(folder)).mtimeMs + ageMaxMs - 3_600_000
    if (Date.now() - since > ageMaxMs) await rm(folder, { recursive: true, force: true })
  }
}
