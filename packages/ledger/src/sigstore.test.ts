import { createPublicKey } from 'node:crypto'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { someLeaves } from '../test/naive.ts'
import { createLog } from './log.ts'
import { ed25519Signer } from './note.ts'
import { parseTlogProof } from './proof.ts'
import { memoryLock, memoryTileStore } from './testing.ts'

/** The parts of @sigstore/verify that check checkpoints and inclusion; they are internal files, hence the shapes here. */
interface SigstoreEntry {
  canonicalizedBody: Buffer
  inclusionProof: { logIndex: string; treeSize: string; hashes: Buffer[]; checkpoint: { envelope: string } }
}
interface SigstoreCheckpoint {
  origin: string
  logSize: bigint
  logHash: Buffer
}
const require = createRequire(import.meta.url)
const dist = dirname(require.resolve('@sigstore/verify'))
const { verifyCheckpoint } = require(join(dist, 'tlog/checkpoint.js')) as {
  verifyCheckpoint(entry: SigstoreEntry, logs: object[]): SigstoreCheckpoint
}
const { verifyMerkleInclusion } = require(join(dist, 'tlog/merkle.js')) as {
  verifyMerkleInclusion(entry: SigstoreEntry, checkpoint: SigstoreCheckpoint): void
}

const origin = 'log.example/2026'
const signer = ed25519Signer(origin, Buffer.alloc(32, 5))
const SIZE = 777
const leaves = someLeaves(SIZE)
const proofs: string[] = []

function trusted(verifierKey: string): object {
  const [, keyId, key] = /^[^+]+\+([0-9a-f]{8})\+(.+)$/.exec(verifierKey)!.slice(0)
  const raw = Buffer.from(key!, 'base64').subarray(1)
  const publicKey = createPublicKey({
    key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw]),
    format: 'der',
    type: 'spki',
  })
  return { logID: Buffer.from(keyId!, 'hex'), publicKey, baseURL: `https://${origin}` }
}

function sigstoreEntry(text: string, leaf: Uint8Array): SigstoreEntry {
  const { index, hashes, checkpoint } = parseTlogProof(text)
  return {
    canonicalizedBody: Buffer.from(leaf),
    inclusionProof: {
      logIndex: String(index),
      treeSize: String(SIZE),
      hashes: hashes.map((hash) => Buffer.from(hash)),
      checkpoint: { envelope: checkpoint },
    },
  }
}

beforeAll(async () => {
  const log = await createLog({ origin, store: memoryTileStore(), lock: memoryLock(), signers: [signer] })
  await log.appendBatch(leaves)
  for (let index = 0; index < SIZE; index++) proofs.push(await log.proveInclusion(index))
})

describe('@sigstore/verify', () => {
  test(`accepts our checkpoint and all ${SIZE} inclusion proofs`, () => {
    for (const [i, text] of proofs.entries()) {
      const entry = sigstoreEntry(text, leaves[i]!)
      const checkpoint = verifyCheckpoint(entry, [trusted(signer.verifierKey)])
      expect(checkpoint).toMatchObject({ origin, logSize: BigInt(SIZE) })
      verifyMerkleInclusion(entry, checkpoint)
    }
    expect(proofs).toHaveLength(SIZE)
  })

  test('refuses the forged leaf, the wrong index and the changed checkpoint', () => {
    const good = sigstoreEntry(proofs[100]!, leaves[100]!)
    const checkpoint = verifyCheckpoint(good, [trusted(signer.verifierKey)])
    expect(() => verifyMerkleInclusion(sigstoreEntry(proofs[100]!, Buffer.from('forged')), checkpoint)).toThrow(/root/)
    expect(() => verifyMerkleInclusion(sigstoreEntry(proofs[101]!, leaves[100]!), checkpoint)).toThrow(/root/)
    const bent = sigstoreEntry(proofs[100]!.replace(`\n${SIZE}\n`, `\n${SIZE + 1}\n`), leaves[100]!)
    expect(() => verifyCheckpoint(bent, [trusted(signer.verifierKey)])).toThrow(/signature/)
    const stranger = ed25519Signer(origin, Buffer.alloc(32, 6))
    expect(() => verifyCheckpoint(good, [trusted(stranger.verifierKey)])).toThrow(/signature/)
  })
})
