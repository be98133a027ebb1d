import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { durable } from '@huitong/objects'

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

/** A small JSON file of our own; null when it is not there. */
export const readOwn = <T>(path: string): Promise<T | null> =>
  orMissing(async () => JSON.parse(await readFile(path, 'utf8')) as T, null)

/** Size in bytes and when it last changed in any way, in ms; null when it is gone. */
export const factsOf = (path: string): Promise<{ bytes: number; changedMs: number } | null> =>
  orMissing(async () => {
    const { size, ctimeMs, mtimeMs } = await stat(path)
    return { bytes: size, changedMs: Math.max(ctimeMs, mtimeMs) }
  }, null)

/** Removes files or folders; missing ones are fine. */
export async function removeAll(...paths: readonly string[]): Promise<void> {
  for (const path of paths) await rm(path, { recursive: true, force: true })
}

/** The first bytes of a file, at most `bytesMax`. */
export async function beginningOf(path: string, bytesMax: number): Promise<Buffer> {
  const handle = await open(path, 'r')
  try {
    const buffer = Buffer.alloc(bytesMax)
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

async function orMissing<T>(ask: () => Promise<T>, missing: T): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return missing
    throw error
  }
}
