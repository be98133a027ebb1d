import { base64Bytes, base64Text, decimal, hexText, utf8Text } from './bytes.ts'
import { openCheckpoint, parseCheckpoint } from './checkpoint.ts'
import { LedgerError } from './errors.ts'
import { NOTE_BYTES_MAX, parseNote } from './note.ts'
import type { NoteVerifier } from './note.ts'
import { tileHashReader } from './tiles.ts'
import type { Fetch } from './tiles.ts'
import { HASH_BYTES, PROOF_HASHES_MAX, hashLeaf, inclusionProof, verifyInclusion } from './tree.ts'
import type { Hash } from './tree.ts'

const HEADER = 'c2sp.org/tlog-proof@v1'
const PROOF_BYTES_MAX = NOTE_BYTES_MAX + 100_000

/** An offline proof of inclusion (C2SP tlog-proof; a draft without a version tag when this was written). */
export interface TlogProof {
  index: number
  /** From the leaf's sibling up to the root's child. */
  hashes: Hash[]
  /** The signed checkpoint, verbatim. */
  checkpoint: string
  /** Opaque and not authenticated: never believe it. We write none. */
  extra?: Uint8Array
}

/** The text of a proof, for a file `*.tlog-proof`. */
export function formatTlogProof({ index, hashes, checkpoint, extra }: TlogProof): string {
  if (!Number.isSafeInteger(index) || index < 0) throw new LedgerError('bad_input', 'index', 'index')
  const lines = [HEADER]
  if (extra !== undefined) lines.push(`extra ${base64Text(extra)}`)
  lines.push(`index ${index}`, ...hashes.map(base64Text), '')
  return `${lines.join('\n')}\n${checkpoint}`
}

/** Parses the text of a proof; the checkpoint in it is not checked. Throws `bad_proof`, naming the line. */
export function parseTlogProof(proof: string | Uint8Array): TlogProof {
  const length = typeof proof === 'string' ? Buffer.byteLength(proof) : proof.byteLength
  if (length > PROOF_BYTES_MAX) throw new LedgerError('bad_proof', `more than ${PROOF_BYTES_MAX} bytes`)
  const text = typeof proof === 'string' ? proof : utf8Text(proof, 'bad_proof')
  const gap = text.indexOf('\n\n')
  if (gap < 0) throw new LedgerError('bad_proof', 'no blank line before the checkpoint')
  const lines = text.slice(0, gap).split('\n')
  if (lines[0] !== HEADER) throw new LedgerError('bad_proof', `must start with ${HEADER}`, 'line 1')
  const hasExtra = lines[1]?.startsWith('extra ') === true
  const extra = hasExtra ? base64Bytes(lines[1]!.slice(6)) : undefined
  if (hasExtra && extra === undefined) throw new LedgerError('bad_proof', 'extra data', 'line 2')
  const at = hasExtra ? 2 : 1
  const indexLine = lines[at]
  const index = indexLine?.startsWith('index ') === true ? decimal(indexLine.slice(6)) : undefined
  if (index === undefined) throw new LedgerError('bad_proof', 'index', `line ${at + 1}`)
  const hashLines = lines.slice(at + 1)
  if (hashLines.length > PROOF_HASHES_MAX) throw new LedgerError('bad_proof', `more than ${PROOF_HASHES_MAX} hashes`)
  const hashes = hashLines.map((line, i) => {
    const bytes = base64Bytes(line)
    if (bytes?.byteLength !== HASH_BYTES) throw new LedgerError('bad_proof', 'hash', `line ${at + 2 + i}`)
    return bytes
  })
  return { index, hashes, checkpoint: text.slice(gap + 2), ...(extra === undefined ? {} : { extra }) }
}

/** What a proof proves. */
export interface InclusionFacts {
  /** The log. */
  origin: string
  /** Index of the entry. */
  index: number
  /** Entries in the log when the checkpoint was signed (区块高度). */
  size: number
  /** Root, in hexadecimal. */
  root: string
  /** Names of the trusted keys whose signatures were checked. */
  signedBy: string[]
}

/**
 * Verifies a proof offline: the checkpoint is signed by a trusted key of the log it names, and `entry` (its exact
 * bytes) is at the index in that tree. Throws LedgerError with the first thing that is wrong.
 */
export function verifyTlogProof(
  proof: string | Uint8Array,
  entry: Uint8Array,
  verifiers: readonly NoteVerifier[],
): InclusionFacts {
  const { index, hashes, checkpoint } = parseTlogProof(proof)
  const { origin, size, root, signedBy } = openCheckpoint(checkpoint, verifiers)
  if (!verifyInclusion(hashLeaf(entry), index, size, hashes, root)) {
    throw new LedgerError('not_included', `index ${index} of size ${size}`)
  }
  return { origin, index, size, root: hexText(root), signedBy: signedBy.map((verifier) => verifier.name) }
}

/** Makes the proof that entry `index` is in the tree of a signed checkpoint, reading its tiles. */
export async function makeTlogProof(fetch: Fetch, checkpoint: string, index: number): Promise<string> {
  const { size } = parseCheckpoint(parseNote(checkpoint).text)
  const hashes = await inclusionProof(tileHashReader(fetch, size), index, size)
  return formatTlogProof({ index, hashes, checkpoint })
}
