import { equalBytes, hexText } from './bytes.ts'
import { openCheckpoint } from './checkpoint.ts'
import { LedgerError } from './errors.ts'
import type { LedgerErrorCode } from './errors.ts'
import type { NoteVerifier } from './note.ts'
import { TILE_WIDTH, fetchEntries, fetchTile, hashesAtLevel, tileHashes, tileOfTree, tilePath } from './tiles.ts'
import type { Fetch } from './tiles.ts'
import { hashLeaf, rootOfHashes, rootOfLevels } from './tree.ts'
import type { Hash } from './tree.ts'

/** Result of a full recheck: the log is whole, or the first thing that is not. */
export type FsckResult =
  | { ok: true; origin: string; size: number; root: string; bundles: number; tiles: number; checkpoint: Uint8Array }
  | {
      ok: false
      code: LedgerErrorCode
      /** Path of the file at fault, `checkpoint` when all files agree with each other but not with the signed root. */
      path: string
      /** First entry that is wrong, when it can be told. */
      index?: number
      detail: string
      words: { zh: string; en: string }
    }

export interface FsckOptions {
  fetch: Fetch
  /** The signed checkpoint to check against; what `checkpoint` in the store says is no better than the store. */
  checkpoint: string | Uint8Array
  verifiers: readonly NoteVerifier[]
  /** Called after each bundle with the entries checked so far. */
  onProgress?: (entries: number, size: number) => void
}

/** Bundles that are read ahead. */
const AHEAD = 8

class Mismatch extends LedgerError {
  readonly index: number | undefined
  constructor(detail: string, path: string, index?: number) {
    super('bad_tile', detail, path)
    this.index = index
  }
}

/**
 * Derives every hash of the log again from its entries and compares each bundle and tile of the tree that the
 * checkpoint signs. Memory does not grow with the log. Names the first bad file, in the order of entries.
 */
export async function fsck({ fetch, checkpoint, verifiers, onProgress }: FsckOptions): Promise<FsckResult> {
  try {
    const { origin, size, root } = openCheckpoint(checkpoint, verifiers)
    const levels: Hash[][] = []
    let tiles = 0
    /** Compares the collected hashes of a level with its stored tile, and hands the root of a full one up. */
    const close = async (level: number, tileIndex: number): Promise<void> => {
      const tile = tileOfTree(size, level, tileIndex)!
      const path = tilePath(tile)
      const stored = tileHashes(await fetchTile(fetch, tile), tile.width, path)
      const derived = levels[level]!
      for (const [i, hash] of derived.entries()) {
        if (equalBytes(hash, stored[i]!)) continue
        const index = (tileIndex * TILE_WIDTH + i) * TILE_WIDTH ** level
        throw new Mismatch(`hash ${i} of the tile differs from its entries`, path, index)
      }
      tiles++
      if (derived.length < TILE_WIDTH) return
      levels[level] = []
      const above = (levels[level + 1] ??= [])
      above.push(rootOfHashes(derived))
      if (above.length === TILE_WIDTH) await close(level + 1, Math.floor(tileIndex / TILE_WIDTH))
    }
    const bundles = Math.ceil(size / TILE_WIDTH)
    const ahead: Promise<Uint8Array[]>[] = []
    for (let next = 0, bundle = 0; bundle < bundles; bundle++) {
      for (; next < bundles && next < bundle + AHEAD; next++) {
        const reading = fetchEntries(fetch, size, next)
        reading.catch(() => undefined)
        ahead.push(reading)
      }
      const entries = await ahead.shift()!
      levels[0] = entries.map(hashLeaf)
      await close(0, bundle)
      onProgress?.(bundle * TILE_WIDTH + entries.length, size)
    }
    for (let level = 1; level < levels.length; level++) {
      if (levels[level]!.length > 0) await close(level, Math.floor(hashesAtLevel(size, level) / TILE_WIDTH))
    }
    const derived = rootOfLevels(levels)
    if (!equalBytes(derived, root)) throw new Mismatch('all files agree, but not with the signed root', 'checkpoint')
    const bytes = typeof checkpoint === 'string' ? Buffer.from(checkpoint) : checkpoint
    return { ok: true, origin, size, root: hexText(root), bundles, tiles, checkpoint: bytes }
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error
    const index = error instanceof Mismatch ? error.index : undefined
    const { code, place, words, message } = error
    return {
      ok: false,
      code,
      path: place || 'checkpoint',
      detail: message,
      words,
      ...(index === undefined ? {} : { index }),
    }
  }
}
