import { spawn } from 'node:child_process'
import { createHash, createPublicKey } from 'node:crypto'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const REPOSITORY = join(import.meta.dirname, '../..')

/** Runs `huitong verify` on a file, offline, trusting this key alone. */
export function huitongVerify(path: string, key: string): Promise<{ exit: number; output: string }> {
  return new Promise((resolve, reject) => {
    const args = [join(REPOSITORY, 'apps/cli/src/main.ts'), 'verify', path, '--key', key]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
    child.once('error', reject)
    child.once('close', (code) => resolve({ exit: code ?? -1, output }))
  })
}

/** The exported file, as far as the demonstration reads it. */
export interface Bundle {
  readonly proof: string
  readonly leaf: string
  readonly disclosed: { readonly payload: Payload; readonly salt: string }
}
export interface Payload {
  readonly action: string
  readonly object: { readonly kind: string; readonly id: string } | null
}

interface SigstoreEntry {
  canonicalizedBody: Buffer
  inclusionProof: { logIndex: string; treeSize: string; hashes: Buffer[]; checkpoint: { envelope: string } }
}

// The parts of @sigstore/verify that check checkpoints and inclusion are internal files, hence the shapes here.
const require = createRequire(import.meta.url)
const dist = dirname(require.resolve('@sigstore/verify'))
const { verifyCheckpoint } = require(join(dist, 'tlog/checkpoint.js')) as {
  verifyCheckpoint(entry: SigstoreEntry, logs: object[]): object
}
const { verifyMerkleInclusion } = require(join(dist, 'tlog/merkle.js')) as {
  verifyMerkleInclusion(entry: SigstoreEntry, checkpoint: object): void
}

/** Checks a bundle's leaf, proof and checkpoint with npm's `@sigstore/verify`, which knows nothing of this project. */
export function sigstoreAccepts(bundle: Bundle, verifierKey: string): boolean {
  try {
    const entry = entryOf(bundle)
    verifyMerkleInclusion(entry, verifyCheckpoint(entry, [trusted(verifierKey)]))
    return true
  } catch {
    return false
  }
}

/** A verifier key `name+id+base64(type, key)` as a log that `@sigstore/verify` trusts. */
function trusted(verifierKey: string): object {
  const [, name, id, key] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(verifierKey)!
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), Buffer.from(key!, 'base64').subarray(1)])
  const publicKey = createPublicKey({ key: spki, format: 'der', type: 'spki' })
  return { logID: Buffer.from(id!, 'hex'), publicKey, baseURL: `https://${name}` }
}

/** Reads a tlog-proof (C2SP): header, index, hashes, an empty line, the signed checkpoint. */
function entryOf({ proof, leaf }: Bundle): SigstoreEntry {
  const gap = proof.indexOf('\n\n')
  const [, index, ...hashes] = proof.slice(0, gap).split('\n')
  const envelope = proof.slice(gap + 2)
  return {
    canonicalizedBody: Buffer.from(leaf, 'base64'),
    inclusionProof: {
      logIndex: /^index (\d+)$/.exec(index!)![1]!,
      treeSize: envelope.split('\n')[1]!,
      hashes: hashes.map((hash) => Buffer.from(hash, 'base64')),
      checkpoint: { envelope },
    },
  }
}

/** The same bytes with one bit of one byte turned. */
export function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[at]! ^= 1
  return copy
}

export const digestOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')
