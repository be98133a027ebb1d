/** Where tiles, bundles and the published checkpoint live. It is not trusted: everything read from it is checked. */
export interface TileStore {
  /**
   * Stores bytes that never change, durably before it resolves. Storing the same bytes again is fine; other bytes
   * under a used path are refused (`tile_conflict`) and change nothing.
   */
  upload(path: string, bytes: Uint8Array): Promise<void>
  /** Stores bytes that may change later (only `checkpoint`), durably and in one step. */
  replace(path: string, bytes: Uint8Array): Promise<void>
  /** The bytes under a path, undefined when there are none. */
  fetch(path: string): Promise<Uint8Array | undefined>
  /** Removes a staged batch (`staging/…`); no error when it is gone already. */
  remove(path: string): Promise<void>
}

/** What a compare-and-swap is about, so that a lock in a database can record it in the same transaction. */
export interface BatchFacts {
  firstIndex: number
  /** Entries after the batch. */
  size: number
  root: Uint8Array
}

/** The one trusted, atomic, durable cell that decides which checkpoint is the newest. */
export interface CheckpointLock {
  /** The signed checkpoint, undefined before the log was created. */
  fetch(): Promise<string | undefined>
  /** Replaces `expected` by `next` when it is still there; false when it is not. Durable before it resolves to true. */
  compareAndSwap(expected: string | undefined, next: string, batch: BatchFacts): Promise<boolean>
}

/** Path of the published checkpoint. */
export const CHECKPOINT_PATH = 'checkpoint'

/** True for the paths that a tile store may be asked for. */
export function isStagingPath(path: string): boolean {
  return /^staging\/[0-9]{1,16}-[0-9a-f]{64}$/.test(path)
}
