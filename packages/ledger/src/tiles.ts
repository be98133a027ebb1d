import { decimal } from './bytes.ts'
import { LedgerError } from './errors.ts'
import { HASH_BYTES, rootOfHashes } from './tree.ts'
import type { Hash, HashReader } from './tree.ts'

/** Hashes in a full tile, entries in a full bundle (C2SP tlog-tiles). */
export const TILE_WIDTH = 256
export const TILE_BYTES = TILE_WIDTH * HASH_BYTES
/** The length prefix of an entry is a uint16. */
export const ENTRY_BYTES_MAX = 65_535
/** Sizes stay below 2^53, so levels 0 to 6 exist. */
export const TILE_LEVEL_MAX = 6

/** A tile (`level` 0 and up) or an entry bundle (`entries`); `width` is 256 when full, 1 to 255 when partial. */
export interface TileCoordinates {
  level: number | 'entries'
  index: number
  width: number
}

/** Path `tile/<L>/<N>[.p/<W>]` of C2SP tlog-tiles; N in groups of three digits, all but the last marked by `x`. */
export function tilePath({ level, index, width }: TileCoordinates): string {
  if (!Number.isSafeInteger(index) || index < 0 || !Number.isInteger(width) || width < 1 || width > TILE_WIDTH) {
    throw new LedgerError('bad_path', `index ${index}, width ${width}`)
  }
  if (level !== 'entries' && (!Number.isInteger(level) || level < 0 || level > 63)) {
    throw new LedgerError('bad_path', `level ${level}`)
  }
  const digits = String(index)
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0')
  const groups = padded.match(/.{3}/g)!
  const name = groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join('/')
  return `tile/${level}/${name}${width === TILE_WIDTH ? '' : `.p/${width}`}`
}

/** The coordinates of a path, or undefined when it is not exactly a path that `tilePath` makes. */
export function parseTilePath(path: string): TileCoordinates | undefined {
  const match = /^tile\/(entries|[0-9]{1,2})\/((?:x[0-9]{3}\/){0,5}[0-9]{3})(?:\.p\/([0-9]{1,3}))?$/.exec(path)
  if (match === null) return undefined
  const level: number | 'entries' | undefined = match[1] === 'entries' ? 'entries' : decimal(match[1]!)
  const index = Number(match[2]!.replaceAll(/[x/]/g, ''))
  const width = match[3] === undefined ? TILE_WIDTH : decimal(match[3])
  if (level === undefined || width === undefined || !Number.isSafeInteger(index)) return undefined
  if (width < 1 || width > TILE_WIDTH || (level !== 'entries' && level > 63)) return undefined
  const coordinates: TileCoordinates = { level, index, width }
  return tilePath(coordinates) === path ? coordinates : undefined
}

/** Hashes that level `level` of tiles holds in a tree of `size` entries: floor(size / 256^level). */
export function hashesAtLevel(size: number, level: number): number {
  return Math.floor(size / TILE_WIDTH ** level)
}

/** The tile or bundle `index` of a level as it stands in a tree of `size` entries; undefined when it is empty. */
export function tileOfTree(size: number, level: number | 'entries', index: number): TileCoordinates | undefined {
  const hashes = hashesAtLevel(size, level === 'entries' ? 0 : level)
  const width = Math.min(TILE_WIDTH, hashes - index * TILE_WIDTH)
  return width > 0 ? { level, index, width } : undefined
}

/** Splits a tile into its hashes. Throws `bad_tile` unless it holds exactly `width` of them. */
export function tileHashes(bytes: Uint8Array, width: number, path: string): Hash[] {
  if (bytes.byteLength !== width * HASH_BYTES) {
    throw new LedgerError('bad_tile', `${bytes.byteLength} bytes where ${width * HASH_BYTES} are due`, path)
  }
  return Array.from({ length: width }, (_, i) => bytes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES))
}

/** Bytes of a tile. */
export function tileBytes(hashes: readonly Hash[]): Uint8Array {
  return Buffer.concat(hashes)
}

/** Entries, each behind its big-endian uint16 length. Throws `bad_input` for an entry above 65,535 bytes. */
export function encodeBundle(entries: readonly Uint8Array[]): Uint8Array {
  let total = 0
  for (const [i, entry] of entries.entries()) {
    if (entry.byteLength > ENTRY_BYTES_MAX) {
      throw new LedgerError('bad_input', `${entry.byteLength} bytes, at most ${ENTRY_BYTES_MAX}`, `entry ${i}`)
    }
    total += 2 + entry.byteLength
  }
  const bundle = new Uint8Array(total)
  let at = 0
  for (const entry of entries) {
    bundle[at] = entry.byteLength >> 8
    bundle[at + 1] = entry.byteLength & 255
    bundle.set(entry, at + 2)
    at += 2 + entry.byteLength
  }
  return bundle
}

/** The `count` entries of a bundle. Throws `bad_tile` when bytes are missing or left over. */
export function decodeBundle(bundle: Uint8Array, count: number, path: string): Uint8Array[] {
  const entries: Uint8Array[] = []
  let at = 0
  while (entries.length < count) {
    if (at + 2 > bundle.byteLength) throw new LedgerError('bad_tile', `entry ${entries.length} is cut off`, path)
    const length = bundle[at]! * 256 + bundle[at + 1]!
    if (at + 2 + length > bundle.byteLength)
      throw new LedgerError('bad_tile', `entry ${entries.length} is cut off`, path)
    entries.push(bundle.subarray(at + 2, at + 2 + length))
    at += 2 + length
  }
  if (at !== bundle.byteLength) throw new LedgerError('bad_tile', `${bundle.byteLength - at} bytes left over`, path)
  return entries
}

/** Fetches a stored path; undefined when there is nothing under it. */
export type Fetch = (path: string) => Promise<Uint8Array | undefined>

/**
 * The bytes of a tile or bundle of a tree of `size` entries. A partial one that is gone is cut from the full one
 * that replaced it (C2SP tlog-tiles, Partial Tiles). Throws `tile_missing` or `bad_tile`, naming the path.
 */
export async function fetchTile(fetch: Fetch, tile: TileCoordinates): Promise<Uint8Array> {
  const path = tilePath(tile)
  const bytes = await fetch(path)
  if (bytes !== undefined) return bytes
  if (tile.width < TILE_WIDTH && tile.level !== 'entries') {
    const full = await fetch(tilePath({ ...tile, width: TILE_WIDTH }))
    if (full !== undefined && full.byteLength === TILE_BYTES) return full.subarray(0, tile.width * HASH_BYTES)
  }
  throw new LedgerError('tile_missing', 'nothing is stored here', path)
}

/** The entries of bundle `index` in a tree of `size` entries; a partial one may be cut from the full one. */
export async function fetchEntries(fetch: Fetch, size: number, index: number): Promise<Uint8Array[]> {
  const tile = tileOfTree(size, 'entries', index)
  if (tile === undefined) throw new LedgerError('bad_input', `bundle ${index} of size ${size}`, 'index')
  const path = tilePath(tile)
  const bytes = await fetch(path)
  if (bytes !== undefined) return decodeBundle(bytes, tile.width, path)
  const fullPath = tilePath({ ...tile, width: TILE_WIDTH })
  const full = tile.width < TILE_WIDTH ? await fetch(fullPath) : undefined
  if (full === undefined) throw new LedgerError('tile_missing', 'nothing is stored here', path)
  return decodeBundle(full, TILE_WIDTH, fullPath).slice(0, tile.width)
}

/**
 * A hash reader over the tiles of a tree of `size` entries. Tiles are fetched once per reader, so make a new one for
 * each proof. Nothing that it returns is trusted by itself: check the proof or the root made from it.
 */
export function tileHashReader(fetch: Fetch, size: number): HashReader {
  const tiles = new Map<string, Promise<Hash[]>>()
  const load = (tile: TileCoordinates): Promise<Hash[]> => {
    const path = tilePath(tile)
    let hashes = tiles.get(path)
    if (hashes === undefined) {
      hashes = fetchTile(fetch, tile).then((bytes) => tileHashes(bytes, tile.width, path))
      tiles.set(path, hashes)
    }
    return hashes
  }
  return async (level, index) => {
    const tileLevel = Math.floor(level / 8)
    const span = 2 ** (level % 8)
    const first = index * span
    const tileIndex = Math.floor(first / TILE_WIDTH)
    const tile = tileOfTree(size, tileLevel, tileIndex)
    const offset = first - tileIndex * TILE_WIDTH
    if (tile === undefined || offset + span > tile.width) {
      throw new LedgerError('bad_input', `subtree ${level}/${index} of size ${size}`, 'index')
    }
    return rootOfHashes((await load(tile)).slice(offset, offset + span))
  }
}
