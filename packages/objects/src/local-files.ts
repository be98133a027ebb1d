import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import type { Durable } from './durable.ts'
import { StorageError } from './errors.ts'
import type { Expected } from './object-store.ts'

/** What the two halves of the local store share. */
export interface LocalFolder {
  objects: string
  uploads: string
  durable: Durable
  reserveSpace(bytes: number): Promise<void>
  /** Makes the synced file `from` the object `key`, unless there is one. Removes `from`. */
  place(from: string, key: string, expected: Expected): Promise<'stored' | 'present'>
}

/**
 * Writes a stream to a file from `at` on, at most `bytesMax`; returns how many bytes were written. Throws
 * storage.size_mismatch as soon as there is more, storage.full when the disk is.
 */
export async function writeAll(
  file: FileHandle,
  content: AsyncIterable<Uint8Array>,
  at: number,
  bytesMax: number,
  onChunk: (chunk: Uint8Array) => void = () => undefined,
): Promise<number> {
  let written = 0
  for await (const chunk of content) {
    if (written + chunk.length > bytesMax) throw new StorageError('storage.size_mismatch', { bytes: bytesMax })
    onChunk(chunk)
    for (let from = 0; from < chunk.length;) {
      const { bytesWritten } = await file
        .write(chunk, from, chunk.length - from, at + written + from)
        .catch(asStorageFull)
      from += bytesWritten
    }
    written += chunk.length
  }
  return written
}

/** Turns "no space left" and "quota exceeded" into storage.full; other errors pass. */
export function asStorageFull(error: unknown): never {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOSPC' || code === 'EDQUOT') throw new StorageError('storage.full', {}, { cause: error })
  throw error
}

/** Lowercase hexadecimal SHA-256 of a whole open file. */
export async function digestOf(file: FileHandle): Promise<string> {
  const digest = createHash('sha256')
  const stream = file.createReadStream({ start: 0, autoClose: false, highWaterMark: 1024 * 1024 })
  for await (const chunk of stream) digest.update(chunk as Buffer)
  return digest.digest('hex')
}
