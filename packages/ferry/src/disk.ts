import { constants } from 'node:fs'
import { copyFile, type FileHandle, lstat, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { durable } from '@huitong/objects'
import { FerryError } from './errors.ts'

const sound = durable()

/** Writes a file of our own so that it is there whole or not at all, also after a power cut. @throws FatalDurabilityError. */
export async function writeOwn(path: string, ...parts: readonly (Uint8Array | string)[]): Promise<void> {
  const part = `${path}.part`
  const handle = await open(part, 'w', 0o600)
  try {
    for (const piece of parts) await handle.writeFile(piece)
    await sound.file(handle, path)
  } finally {
    await handle.close()
  }
  await rename(part, path)
  await sound.folder(dirname(path))
}

/**
 * Writes a file into a folder that others carry from: under a hidden name until it is whole and on the disk. Its folder
 * may be of any kind, so a failure is no end of us: what is kept is written again.
 */
export async function writeCarried(folder: string, name: string, bytes: Uint8Array): Promise<void> {
  const part = `${folder}/.${name}.part`
  const handle = await open(part, 'w', 0o660)
  try {
    await handle.writeFile(bytes)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(part, `${folder}/${name}`)
  const above = await open(folder, 'r')
  try {
    // Some network shares cannot sync a folder; the receiver counts, and asks again for what is missing.
    await above.sync().catch(() => undefined)
  } finally {
    await above.close()
  }
}

/** Makes a folder of our own, with those above it, and their names durable. */
export async function makeOwn(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: 0o700 })
  if (first === undefined) return
  for (let at = path; at.length >= first.length; at = dirname(at)) await sound.folder(dirname(at))
}

/** The names in a folder; none when it is not there. */
export const namesIn = (folder: string): Promise<string[]> => orMissing(() => readdir(folder), [])

/** What is in a folder, in order of name, each with whether it is a plain file; none when the folder is not there. */
export const entriesIn = (folder: string): Promise<{ name: string; isPlain: boolean }[]> =>
  orMissing(async () => {
    const entries = await readdir(folder, { withFileTypes: true })
    return entries
      .map((entry) => ({ name: entry.name, isPlain: entry.isFile() }))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  }, [])

/** A small JSON file of our own; null when it is not there. */
export const readOwn = <T>(path: string): Promise<T | null> =>
  orMissing(async () => JSON.parse(await readFile(path, 'utf8')) as T, null)

/** What is known of a name in a folder; links are not followed. */
export interface Facts {
  readonly isPlain: boolean
  readonly bytes: number
  /** When its content was written, or its time was set. */
  readonly modifiedMs: number
  /** When it last changed in any way. */
  readonly changedMs: number
}

/** Null when it is gone. */
export const factsOf = (path: string): Promise<Facts | null> =>
  orMissing(async () => {
    const found = await lstat(path)
    const { size, ctimeMs, mtimeMs } = found
    return { isPlain: found.isFile(), bytes: size, modifiedMs: mtimeMs, changedMs: Math.max(ctimeMs, mtimeMs) }
  }, null)

/** Removes files or folders; missing ones are fine. */
export async function removeAll(...paths: readonly string[]): Promise<void> {
  for (const path of paths) await rm(path, { recursive: true, force: true })
}

/** The first bytes of a file, at most `bytesMax`. @throws FerryError `not_ferry` for what is no plain file. */
export async function beginningOf(path: string, bytesMax: number): Promise<Buffer> {
  const handle = await openPlain(path)
  try {
    const buffer = Buffer.allocUnsafe(bytesMax)
    let at = 0
    for (;;) {
      const { bytesRead } = await handle.read(buffer, at, bytesMax - at, at)
      at += bytesRead
      if (bytesRead === 0 || at === bytesMax) return buffer.subarray(0, at)
    }
  } finally {
    await handle.close()
  }
}

/** Opens what others have put there: a pipe must not hold us up, and a link must not lead us elsewhere. */
async function openPlain(path: string): Promise<FileHandle> {
  let handle: FileHandle
  try {
    handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (cause) {
    // A link, or a socket.
    if (['ELOOP', 'ENXIO'].includes(codeOf(cause))) throw new FerryError('not_ferry', 'no plain file', { cause })
    throw cause
  }
  if ((await handle.stat()).isFile()) return handle
  await handle.close()
  throw new FerryError('not_ferry', 'no plain file')
}

async function orMissing<T>(ask: () => Promise<T>, missing: T): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return missing
    throw error
  }
}

/** The beginning of a name in so many bytes of UTF-8, ending with a whole character. */
export const cutBytes = (name: string, bytesMax: number): string =>
  Buffer.from(name, 'utf8')
    .subarray(0, bytesMax)
    .toString('utf8')
    .replace(/\uFFFD+$/, '')

/**
 * Renames, across file systems too; false when the system does not let us. A file that is gone meanwhile was taken away
 * by the gate.
 */
export async function move(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to).catch(async (error: unknown) => {
      if (codeOf(error) !== 'EXDEV') throw error
      await copyFile(from, to)
      await removeAll(from)
    })
    return true
  } catch (error) {
    return codeOf(error) === 'ENOENT'
  }
}

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '')
