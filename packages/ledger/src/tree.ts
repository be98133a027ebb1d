import { hash } from 'node:crypto'
import { equalBytes } from './bytes.ts'
import { LedgerError } from './errors.ts'

/** SHA-256 output. */
export type Hash = Uint8Array
export const HASH_BYTES = 32
/** No proof of a tree of up to 2^53 - 1 entries is longer than this (a consistency proof has one more than its height). */
export const PROOF_HASHES_MAX = 64

/**
 * Gives the hash of the perfect subtree of 2^level leaves that starts at leaf index * 2^level.
 * It is asked only for subtrees that lie wholly within the tree.
 */
export type HashReader = (level: number, index: number) => Promise<Hash> | Hash

/** Leaf hash SHA-256(0x00 || data), RFC 6962 section 2.1. */
export function hashLeaf(data: Uint8Array): Hash {
  const input = new Uint8Array(data.byteLength + 1)
  input.set(data, 1)
  return hash('sha256', input, 'buffer')
}

/** Interior node SHA-256(0x01 || left || right), RFC 6962 section 2.1. */
export function hashNode(left: Hash, right: Hash): Hash {
  const input = new Uint8Array(1 + 2 * HASH_BYTES)
  input[0] = 1
  input.set(left, 1)
  input.set(right, 1 + HASH_BYTES)
  return hash('sha256', input, 'buffer')
}

/** Root of the empty tree, SHA-256 of nothing, RFC 6962 section 2.1. */
export function emptyRoot(): Hash {
  return hash('sha256', new Uint8Array(0), 'buffer')
}

/** Root of an RFC 6962 tree over hashes that are taken as its leaves (they may be roots of equal perfect subtrees). */
export function rootOfHashes(hashes: readonly Hash[]): Hash {
  if (hashes.length === 0) return emptyRoot()
  let row = hashes.slice()
  // An odd last hash is promoted unchanged: the same tree as RFC 6962's split at the largest power of two.
  while (row.length > 1) {
    const next: Hash[] = []
    for (let i = 0; i + 1 < row.length; i += 2) next.push(hashNode(row[i]!, row[i + 1]!))
    if (row.length % 2 === 1) next.push(row[row.length - 1]!)
    row = next
  }
  return row[0]!
}

/**
 * Root of a tree whose perfect subtrees of 256^level leaves, those not yet in a fuller subtree, are given per level,
 * lowest level first. This is how the right edge of a tiled log is kept.
 */
export function rootOfLevels(levels: readonly (readonly Hash[])[]): Hash {
  let lower: Hash | undefined
  for (const hashes of levels) {
    const row = lower === undefined ? hashes : [...hashes, lower]
    lower = row.length === 0 ? undefined : rootOfHashes(row)
  }
  return lower ?? emptyRoot()
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function isHash(value: unknown): value is Hash {
  return value instanceof Uint8Array && value.byteLength === HASH_BYTES
}

function isHashes(value: unknown): value is Hash[] {
  return Array.isArray(value) && value.length <= PROOF_HASHES_MAX && value.every(isHash)
}

/** Largest power of two smaller than n, for n of 2 and more. */
function split(n: number): number {
  let k = 1
  while (k * 2 < n) k *= 2
  return k
}

function exponent(powerOfTwo: number): number {
  let level = 0
  for (let n = powerOfTwo; n > 1; n /= 2) level++
  return level
}

/** MTH(D[start:end]) of RFC 6962 section 2.1, where every range that occurs starts at a multiple of its perfect parts. */
async function rangeRoot(reader: HashReader, start: number, end: number): Promise<Hash> {
  const n = end - start
  if (n === 1) return await reader(0, start)
  const k = split(n)
  if (k * 2 === n) return await reader(exponent(n), start / n)
  return hashNode(await rangeRoot(reader, start, start + k), await rangeRoot(reader, start + k, end))
}

/** Root of the first `size` entries. Throws LedgerError `bad_input` for a size that is not an integer of 0 to 2^53 - 1. */
export async function treeRoot(reader: HashReader, size: number): Promise<Hash> {
  if (!isSize(size)) throw new LedgerError('bad_input', 'size', 'size')
  return size === 0 ? emptyRoot() : await rangeRoot(reader, 0, size)
}

/** PATH(index, D[size]) of RFC 6962 section 2.1.1, from the leaf's sibling up. Throws `bad_input` unless index < size. */
export async function inclusionProof(reader: HashReader, index: number, size: number): Promise<Hash[]> {
  if (!isSize(size) || !isSize(index) || index >= size) {
    throw new LedgerError('bad_input', `index ${index} of size ${size}`, 'index')
  }
  const path = async (start: number, end: number): Promise<Hash[]> => {
    if (end - start === 1) return []
    const middle = start + split(end - start)
    return index < middle
      ? [...(await path(start, middle)), await rangeRoot(reader, middle, end)]
      : [...(await path(middle, end)), await rangeRoot(reader, start, middle)]
  }
  return await path(0, size)
}

/** PROOF(oldSize, D[newSize]) of RFC 6962 section 2.1.2. Throws `bad_input` unless 1 <= oldSize <= newSize. */
export async function consistencyProof(reader: HashReader, oldSize: number, newSize: number): Promise<Hash[]> {
  if (!isSize(oldSize) || !isSize(newSize) || oldSize < 1 || oldSize > newSize) {
    throw new LedgerError('bad_input', `sizes ${oldSize} and ${newSize}`, 'size')
  }
  const subproof = async (m: number, start: number, end: number, whole: boolean): Promise<Hash[]> => {
    const n = end - start
    if (m === n) return whole ? [] : [await rangeRoot(reader, start, end)]
    const k = split(n)
    return m <= k
      ? [...(await subproof(m, start, start + k, whole)), await rangeRoot(reader, start + k, end)]
      : [...(await subproof(m - k, start + k, end, false)), await rangeRoot(reader, start, start + k)]
  }
  return await subproof(oldSize, 0, newSize, true)
}

const odd = (n: number): boolean => n % 2 === 1
const half = (n: number): number => Math.floor(n / 2)

/**
 * True when `proof` proves that the leaf with hash `leaf` is entry `index` of the tree of `size` entries with `root`.
 * Iterative algorithm of RFC 9162 section 2.1.3.2. Any malformed input gives false; it never throws.
 */
export function verifyInclusion(leaf: Hash, index: number, size: number, proof: readonly Hash[], root: Hash): boolean {
  if (!isHash(leaf) || !isHash(root) || !isHashes(proof) || !isSize(index) || !isSize(size) || index >= size)
    return false
  let fn = index
  let sn = size - 1
  let result = leaf
  for (const sibling of proof) {
    if (sn === 0) return false
    if (odd(fn) || fn === sn) {
      result = hashNode(sibling, result)
      while (!odd(fn) && fn !== 0) {
        fn = half(fn)
        sn = half(sn)
      }
    } else {
      result = hashNode(result, sibling)
    }
    fn = half(fn)
    sn = half(sn)
  }
  return sn === 0 && equalBytes(result, root)
}

/**
 * True when `proof` proves that the tree (oldSize, oldRoot) is a prefix of (newSize, newRoot).
 * Iterative algorithm of RFC 9162 section 2.1.4.2; oldSize 0 proves nothing and gives false. It never throws.
 */
export function verifyConsistency(
  oldSize: number,
  newSize: number,
  oldRoot: Hash,
  newRoot: Hash,
  proof: readonly Hash[],
): boolean {
  if (!isSize(oldSize) || !isSize(newSize) || oldSize < 1 || oldSize > newSize) return false
  if (!isHash(oldRoot) || !isHash(newRoot) || !isHashes(proof)) return false
  if (oldSize === newSize) return proof.length === 0 && equalBytes(oldRoot, newRoot)
  if (proof.length === 0) return false
  let fn = oldSize - 1
  let sn = newSize - 1
  while (odd(fn)) {
    fn = half(fn)
    sn = half(sn)
  }
  // Every step was odd exactly when oldSize is a power of two: then the old root itself starts the path.
  const path = fn === 0 ? [oldRoot, ...proof] : proof
  let oldResult = path[0]!
  let newResult = path[0]!
  for (const sibling of path.slice(1)) {
    if (sn === 0) return false
    if (odd(fn) || fn === sn) {
      oldResult = hashNode(sibling, oldResult)
      newResult = hashNode(sibling, newResult)
      while (!odd(fn) && fn !== 0) {
        fn = half(fn)
        sn = half(sn)
      }
    } else {
      newResult = hashNode(newResult, sibling)
    }
    fn = half(fn)
    sn = half(sn)
  }
  return sn === 0 && equalBytes(oldResult, oldRoot) && equalBytes(newResult, newRoot)
}
