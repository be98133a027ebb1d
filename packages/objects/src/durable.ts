import { mkdir, open, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { FatalDurabilityError } from './errors.ts'

/** Makes an open file or directory durable; the one thing of the file system that tests must be able to break. */
export type Sync = (handle: FileHandle) => Promise<void>

/** fsync with our rule: it succeeds, or nothing more happens here. */
export interface Durable {
  file(handle: FileHandle, what: string): Promise<void>
  folder(path: string): Promise<void>
  /** Creates missing folders down to `path` and makes each of their entries durable; `root` exists. */
  makeFolders(path: string, root: string): Promise<void>
  /** Throws the first failure again: after it no call may succeed. */
  assertSound(): void
}

export function durable(sync: Sync = (handle) => handle.sync()): Durable {
  let failure: FatalDurabilityError | undefined
  const assertSound = (): void => {
    if (failure !== undefined) throw failure
  }
  const file = async (handle: FileHandle, what: string): Promise<void> => {
    assertSound()
    try {
      await sync(handle)
    } catch (error) {
      failure ??= new FatalDurabilityError(what, { cause: error })
    }
    assertSound()
  }
  const folder = async (path: string): Promise<void> => {
    const handle = await open(path, 'r')
    try {
      await file(handle, path)
    } finally {
      await handle.close()
    }
  }
  const makeFolders = async (path: string, root: string): Promise<void> => {
    const first = await mkdir(path, { recursive: true, mode: 0o700 })
    if (first === undefined) return
    for (let at = path; at.length >= first.length && at !== root; at = dirname(at)) await folder(dirname(at))
  }
  return { file, folder, makeFolders, assertSound }
}
