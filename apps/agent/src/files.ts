import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** A sync to disk failed: nothing that follows may be trusted, so the process ends and is never asked to retry. */
export class DurabilityError extends Error {
  constructor(path: string, cause: unknown) {
    super(`cannot make ${path} durable`, { cause })
    this.name = 'DurabilityError'
  }
}

/** Writes a file so that it is there whole or not at all, also after a power cut; the folder exists. */
export async function writeDurable(path: string, data: Uint8Array | string, mode = 0o600): Promise<void> {
  const half = `${path}.half`
  const handle = await open(half, 'w', mode)
  try {
    await handle.writeFile(data)
    await sync(handle, path)
  } finally {
    await handle.close()
  }
  await rename(half, path)
  await syncFolder(dirname(path))
}

/** Makes the names in a folder durable. @throws DurabilityError. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await sync(handle, path)
  } finally {
    await handle.close()
  }
}

async function sync(handle: { sync(): Promise<void> }, path: string): Promise<void> {
  try {
    await handle.sync()
  } catch (cause) {
    throw new DurabilityError(path, cause)
  }
}

/** Makes a folder and those above it, and their names durable. */
export async function makeFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: 0o700 })
  if (first === undefined) return
  for (let at = path; at.length >= first.length; at = dirname(at)) await syncFolder(dirname(at))
}

/** The text of a file, or null when there is none. */
export async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

/** Removes files or folders; missing ones are fine. */
export async function remove(...parts: string[]): Promise<void> {
  await rm(join(...parts), { recursive: true, force: true })
}

/** Whether an error says that there is no such file. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
