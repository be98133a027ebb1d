import { base64Bytes, base64Text, decimal, hasControl } from './bytes.ts'
import { LedgerError } from './errors.ts'
import { signNote, verifyNote } from './note.ts'
import type { NoteSigner, NoteVerifier, VerifiedNote } from './note.ts'
import { HASH_BYTES } from './tree.ts'
import type { Hash } from './tree.ts'

/** A tree head of a log (C2SP tlog-checkpoint). */
export interface Checkpoint {
  /** Name of the log; equals the name of its key. */
  origin: string
  /** Entries in the tree, 0 to 2^53 - 1. */
  size: number
  root: Hash
}

/** The three lines of a checkpoint. We produce no extension lines. Throws `bad_checkpoint`. */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  if (origin === '' || origin.includes('\n') || hasControl(origin) || !origin.isWellFormed()) {
    throw new LedgerError('bad_checkpoint', 'origin', 'origin')
  }
  if (!Number.isSafeInteger(size) || size < 0) throw new LedgerError('bad_checkpoint', 'size', 'size')
  if (root.byteLength !== HASH_BYTES) throw new LedgerError('bad_checkpoint', 'root', 'root')
  return `${origin}\n${size}\n${base64Text(root)}\n`
}

/**
 * Parses the text of a checkpoint. Sizes with leading zeros or above 2^53 - 1 and roots that are not 32 bytes of
 * canonical base64 are refused; extension lines of other logs are allowed when not empty, and ignored.
 */
export function parseCheckpoint(text: string): Checkpoint {
  const lines = text.split('\n')
  if (lines.length < 4 || lines.pop() !== '') throw new LedgerError('bad_checkpoint', 'fewer than three lines')
  const [origin, sizeLine, rootLine] = lines
  if (lines.includes('')) throw new LedgerError('bad_checkpoint', 'empty line', `line ${lines.indexOf('') + 1}`)
  const size = decimal(sizeLine!)
  if (size === undefined) throw new LedgerError('bad_checkpoint', 'size', 'line 2')
  const root = base64Bytes(rootLine!)
  if (root === undefined || root.byteLength !== HASH_BYTES) throw new LedgerError('bad_checkpoint', 'root', 'line 3')
  return { origin: origin!, size, root }
}

/** Signs a checkpoint; the first signer must bear the name of the log, others add lines (SM2, cosignatures). */
export async function signCheckpoint(checkpoint: Checkpoint, signers: readonly NoteSigner[]): Promise<string> {
  if (signers[0]?.name !== checkpoint.origin) {
    throw new LedgerError('bad_origin', 'the first key must bear the name of the log', 'origin')
  }
  return await signNote(formatCheckpoint(checkpoint), signers)
}

/**
 * Opens a signed checkpoint. At least one signature must be by a trusted key that bears the origin's name: a key
 * that is trusted for another log does not speak for this one (`bad_origin`).
 */
export function openCheckpoint(
  note: string | Uint8Array,
  verifiers: readonly NoteVerifier[],
): Checkpoint & { signedBy: VerifiedNote['signedBy'] } {
  const { text, signedBy } = verifyNote(note, verifiers)
  const checkpoint = parseCheckpoint(text)
  if (!signedBy.some((verifier) => verifier.name === checkpoint.origin)) {
    throw new LedgerError('bad_origin', `signed by ${signedBy.map((verifier) => verifier.name).join(', ')}`, 'origin')
  }
  return { ...checkpoint, signedBy }
}
