import * as fc from 'fast-check'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { naiveRoot, someLeaves } from '../test/naive.ts'
import { refereeFolder } from '../test/referees.ts'
import { consistencyProof, hashLeaf, inclusionProof, treeRoot, verifyConsistency, verifyInclusion } from './tree.ts'
import type { HashReader } from './tree.ts'

const reader =
  (leaves: readonly Uint8Array[]): HashReader =>
  (level, index) => {
    const span = leaves.slice(index * 2 ** level, (index + 1) * 2 ** level)
    if (span.length !== 2 ** level) throw new Error('asked outside the tree')
    return naiveRoot(span)
  }

interface InclusionVector {
  leafIdx: number
  treeSize: number
  root: string
  leafHash: string
  proof: string[] | null
  wantErr: boolean
}
interface ConsistencyVector {
  size1: number
  size2: number
  root1: string
  root2: string
  proof: string[] | null
  wantErr: boolean
  desc: string
}
const from64 = (text: string | null): Buffer => Buffer.from(text ?? '', 'base64')

function vectors<T>(folder: string): { name: string; vector: T }[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json'))
    .map((name) => ({ name, vector: JSON.parse(readFileSync(join(folder, name), 'utf8')) as T }))
}

const folder = refereeFolder('merkle-vectors')

describe.skipIf(folder === undefined)('vectors of transparency-dev/merkle', () => {
  test('98 inclusion proofs', () => {
    const all = vectors<InclusionVector>(join(folder!, 'inclusion'))
    const wrong = all.filter(({ vector }) => {
      const proof = (vector.proof ?? []).map(from64)
      const ok = verifyInclusion(from64(vector.leafHash), vector.leafIdx, vector.treeSize, proof, from64(vector.root))
      return ok === vector.wantErr
    })
    expect(wrong.map(({ name }) => name)).toEqual([])
    expect(all).toHaveLength(98)
    expect(all.filter(({ vector }) => !vector.wantErr).length).toBeGreaterThan(3)
  })

  test('98 consistency proofs; one valid vector uses 12-byte roots, which we refuse', () => {
    const all = vectors<ConsistencyVector>(join(folder!, 'consistency'))
    const verdict = (vector: ConsistencyVector, fix: (root: Uint8Array) => Uint8Array): boolean =>
      verifyConsistency(
        vector.size1,
        vector.size2,
        fix(from64(vector.root1)),
        fix(from64(vector.root2)),
        (vector.proof ?? []).map(from64),
      )
    const wrong = all.filter(({ vector }) => verdict(vector, (root) => root) === vector.wantErr)
    expect(wrong.map(({ vector }) => vector.desc)).toEqual(['sizes are equal (one) and proof is empty'])
    expect(verdict(wrong[0]!.vector, hashLeaf)).toBe(true)
    expect(all).toHaveLength(98)
  })
})

test('the 8-leaf reference root of Certificate Transparency', async () => {
  const leaves = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f']
  const root = await treeRoot(reader(leaves.map((hex) => Buffer.from(hex, 'hex'))), 8)
  expect(Buffer.from(root).toString('hex')).toBe('5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328')
})

test('property: generated proofs verify against the naive tree, and no other index, size or leaf does', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 70 }), fc.nat(), async (size, seed) => {
      const leaves = someLeaves(size)
      const index = seed % size
      const root = naiveRoot(leaves)
      const leaf = hashLeaf(leaves[index]!)
      expect(Buffer.compare(await treeRoot(reader(leaves), size), root)).toBe(0)
      const proof = await inclusionProof(reader(leaves), index, size)
      expect(verifyInclusion(leaf, index, size, proof, root)).toBe(true)
      for (let other = 0; other < size; other++) {
        if (other !== index) expect(verifyInclusion(leaf, other, size, proof, root)).toBe(false)
      }
      expect(verifyInclusion(hashLeaf(Buffer.from('forged')), index, size, proof, root)).toBe(false)
      expect(verifyInclusion(leaf, index, size, [...proof, root], root)).toBe(false)
      if (proof.length > 0) expect(verifyInclusion(leaf, index, size, proof.slice(1), root)).toBe(false)
    }),
    { numRuns: 150 },
  )
})

test('every pair of sizes up to 40: consistency proofs verify, and not for a changed old tree', async () => {
  const leaves = someLeaves(40)
  for (let newSize = 1; newSize <= 40; newSize++) {
    const newRoot = naiveRoot(leaves.slice(0, newSize))
    for (let oldSize = 1; oldSize <= newSize; oldSize++) {
      const oldRoot = naiveRoot(leaves.slice(0, oldSize))
      const forged = naiveRoot([...leaves.slice(0, oldSize - 1), Buffer.from('rewritten')])
      const proof = await consistencyProof(reader(leaves), oldSize, newSize)
      expect(verifyConsistency(oldSize, newSize, oldRoot, newRoot, proof)).toBe(true)
      expect(verifyConsistency(oldSize, newSize, forged, newRoot, proof)).toBe(false)
      expect(verifyConsistency(oldSize, newSize, oldRoot, hashLeaf(newRoot), proof)).toBe(false)
      expect(verifyConsistency(oldSize, newSize, oldRoot, newRoot, [...proof, newRoot])).toBe(false)
    }
  }
})

/** Flips one bit of every byte in turn, expects each refused, and counts them. */
function flips(parts: readonly Uint8Array[], check: (parts: Uint8Array[]) => boolean): number {
  let refused = 0
  for (const [i, part] of parts.entries()) {
    for (let at = 0; at < part.byteLength; at++) {
      const bent = parts.map((bytes) => Uint8Array.from(bytes))
      bent[i]![at]! ^= 1 << (at % 8)
      expect(check(bent)).toBe(false)
      refused++
    }
  }
  return refused
}

test('mutation: any flipped byte of a proof, root or leaf hash is refused', async () => {
  const leaves = someLeaves(21)
  const root = naiveRoot(leaves)
  const inclusion = await inclusionProof(reader(leaves), 18, 21)
  const leaf = hashLeaf(leaves[18]!)
  const oldRoot = naiveRoot(leaves.slice(0, 13))
  const consistency = await consistencyProof(reader(leaves), 13, 21)
  expect(verifyInclusion(leaf, 18, 21, inclusion, root)).toBe(true)
  expect(flips([leaf, root, ...inclusion], ([l, r, ...p]) => verifyInclusion(l!, 18, 21, p, r!))).toBeGreaterThan(150)
  expect(verifyConsistency(13, 21, oldRoot, root, consistency)).toBe(true)
  expect(
    flips([oldRoot, root, ...consistency], ([o, r, ...p]) => verifyConsistency(13, 21, o!, r!, p)),
  ).toBeGreaterThan(150)
})

test('hostile sizes and shapes give false, never an exception', () => {
  const hash = hashLeaf(Buffer.from('x'))
  const sizes = [-1, 0.5, Number.NaN, Infinity, 2 ** 53, 2 ** 64]
  for (const size of sizes) {
    expect(verifyInclusion(hash, 0, size, [], hash)).toBe(false)
    expect(verifyInclusion(hash, size, 9, [], hash)).toBe(false)
    expect(verifyConsistency(size, 9, hash, hash, [])).toBe(false)
    expect(verifyConsistency(1, size, hash, hash, [hash])).toBe(false)
  }
  expect(verifyConsistency(0, 5, hash, hash, [])).toBe(false)
  expect(verifyInclusion(hash.subarray(1), 0, 1, [], hash.subarray(1))).toBe(false)
  expect(verifyInclusion(hash, 0, 2, [new Uint8Array(31)], hash)).toBe(false)
  expect(
    verifyInclusion(
      hash,
      0,
      2 ** 53 - 1,
      Array.from({ length: 65 }, () => hash),
      hash,
    ),
  ).toBe(false)
  expect(verifyInclusion(hash, 0, 2, 'xy' as unknown as Uint8Array[], hash)).toBe(false)
})

test('generators refuse what is not a place in the tree', async () => {
  await expect(inclusionProof(reader([]), 0, 0)).rejects.toMatchObject({ code: 'bad_input' })
  await expect(inclusionProof(reader(someLeaves(3)), 3, 3)).rejects.toMatchObject({ code: 'bad_input' })
  await expect(consistencyProof(reader(someLeaves(3)), 0, 3)).rejects.toMatchObject({ code: 'bad_input' })
  await expect(consistencyProof(reader(someLeaves(3)), 4, 3)).rejects.toMatchObject({ code: 'bad_input' })
})
