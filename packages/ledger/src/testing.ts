import { equalBytes } from './bytes.ts'
import { LedgerError } from './errors.ts'
import type { CheckpointLock, TileStore } from './storage.ts'

/** A lock in memory. For tests only: it forgets, so a log over it could be signed twice. */
export function memoryLock(initial?: string): CheckpointLock {
  let current = initial
  return {
    fetch: async () => current,
    compareAndSwap: async (expected, next) => {
      if (current !== expected) return false
      current = next
      return true
    },
  }
}

/** A tile store in memory. For tests only; `files` may be bent by the test. */
export function memoryTileStore(): TileStore & { files: Map<string, Uint8Array> } {
  const files = new Map<string, Uint8Array>()
  return {
    files,
    upload: async (path, bytes) => {
      const stored = files.get(path)
      if (stored !== undefined && !equalBytes(stored, bytes)) throw new LedgerError('tile_conflict', 'differs', path)
      files.set(path, Uint8Array.from(bytes))
    },
    replace: async (path, bytes) => void files.set(path, Uint8Array.from(bytes)),
    fetch: async (path) => files.get(path),
    remove: async (path) => void files.delete(path),
  }
}
