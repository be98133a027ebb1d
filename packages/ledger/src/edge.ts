import { equalBytes } from './bytes.ts'
import { LedgerError } from './errors.ts'
import {
  TILE_WIDTH,
  encodeBundle,
  fetchEntries,
  fetchTile,
  hashesAtLevel,
  tileBytes,
  tileHashes,
  tileOfTree,
  tilePath,
} from './tiles.ts'
import type { Fetch } from './tiles.ts'
import { hashLeaf, rootOfHashes, rootOfLevels } from './tree.ts'
import type { Hash } from './tree.ts'

/** The right edge of a tree: all that is needed to append to it. */
export interface Edge {
  size: number
  /** The hashes of the partial tile of each level, lowest first; 0 to 255 each. */
  levels: Hash[][]
  /** The entries of the partial bundle. */
  entries: Uint8Array[]
}

/** A file to store: immutable, named by its tile path. */
export interface LogFile {
  path: string
  bytes: Uint8Array
}

/** Root of the tree with this edge (RFC 6962 section 2.1). */
export function edgeRoot(edge: Edge): Hash {
  return rootOfLevels(edge.levels)
}

/**
 * Reads the edge of a tree of `size` entries. When `root` is given, the edge must lead to it. Anything missing,
 * damaged or contradicting throws LedgerError (`tile_missing`, `bad_tile`, `edge_damaged`) with the path.
 */
export async function loadEdge(fetch: Fetch, size: number, root?: Hash): Promise<Edge> {
  const edge: Edge = { size, levels: [], entries: [] }
  for (let level = 0; hashesAtLevel(size, level) > 0; level++) {
    const tile = tileOfTree(size, level, Math.floor(hashesAtLevel(size, level) / TILE_WIDTH))
    edge.levels.push(tile === undefined ? [] : tileHashes(await fetchTile(fetch, tile), tile.width, tilePath(tile)))
  }
  const bundle = tileOfTree(size, 'entries', Math.floor(size / TILE_WIDTH))
  if (bundle !== undefined) {
    edge.entries = await fetchEntries(fetch, size, bundle.index)
    for (const [i, entry] of edge.entries.entries()) {
      if (!equalBytes(hashLeaf(entry), edge.levels[0]![i]!)) {
        throw new LedgerError(
          'edge_damaged',
          `entry ${bundle.index * TILE_WIDTH + i} and its hash differ`,
          tilePath(bundle),
        )
      }
    }
  }
  if (root !== undefined && !equalBytes(edgeRoot(edge), root)) {
    const tile = tileOfTree(size, 0, Math.floor(Math.max(size - 1, 0) / TILE_WIDTH))
    throw new LedgerError(
      'edge_damaged',
      'the tiles do not lead to the signed root',
      tile ? tilePath(tile) : 'checkpoint',
    )
  }
  return edge
}

/** The tree after `entries` were appended: its edge and every file that is new, bundles and tiles apart. */
export function growEdge(
  edge: Edge,
  entries: readonly Uint8Array[],
): { edge: Edge; bundles: LogFile[]; tiles: LogFile[] } {
  const levels = edge.levels.map((hashes) => hashes.slice())
  const counts = levels.map((_, level) => hashesAtLevel(edge.size, level))
  const bundles: LogFile[] = []
  const tiles: LogFile[] = []
  const push = (level: number, hash: Hash): void => {
    const hashes = (levels[level] ??= [])
    hashes.push(hash)
    counts[level] = (counts[level] ?? 0) + 1
    if (hashes.length < TILE_WIDTH) return
    const path = tilePath({ level, index: counts[level] / TILE_WIDTH - 1, width: TILE_WIDTH })
    tiles.push({ path, bytes: tileBytes(hashes) })
    levels[level] = []
    push(level + 1, rootOfHashes(hashes))
  }
  let bundle = edge.entries.slice()
  const emitBundle = (): void => {
    const index = Math.ceil(counts[0]! / TILE_WIDTH) - 1
    bundles.push({ path: tilePath({ level: 'entries', index, width: bundle.length }), bytes: encodeBundle(bundle) })
    bundle = []
  }
  for (const entry of entries) {
    bundle.push(entry)
    push(0, hashLeaf(entry))
    if (bundle.length === TILE_WIDTH) emitBundle()
  }
  const rest = bundle.slice()
  if (rest.length > 0 && entries.length > 0) emitBundle()
  for (const [level, hashes] of levels.entries()) {
    if (hashes.length === 0 || counts[level] === hashesAtLevel(edge.size, level)) continue
    const path = tilePath({ level, index: Math.floor(counts[level]! / TILE_WIDTH), width: hashes.length })
    tiles.push({ path, bytes: tileBytes(hashes) })
  }
  return { edge: { size: edge.size + entries.length, levels, entries: rest }, bundles, tiles }
}
