import { createPrivateKey, createPublicKey, hash, sign, verify } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { base64Bytes, base64Text, hasControl, utf8Bytes, utf8Text } from './bytes.ts'
import { LedgerError } from './errors.ts'

/** Signature type of plain Ed25519 notes (C2SP signed-note). */
export const ED25519_TYPE = 0x01
export const NOTE_BYTES_MAX = 1_000_000
/** The specification asks for at least 16. */
export const NOTE_SIGNATURES_MAX = 100

/** One line `— <name> base64(keyId || signature)`. */
export interface NoteSignature {
  name: string
  /** First four bytes of the key hash, as an unsigned 32-bit number. */
  keyId: number
  signature: Uint8Array
}

/** A parsed note. Its text must not be used before `verifyNote` accepted it. */
export interface SignedNote {
  /** Ends with a newline. */
  text: string
  signatures: NoteSignature[]
}

/** Knows one public key. Other algorithms (SM2) are other objects of this shape. */
export interface NoteVerifier {
  name: string
  keyId: number
  /** False for any signature that is not valid, whatever its bytes; never throws. */
  verify(text: Uint8Array, signature: Uint8Array): boolean
}

/** Knows one private key. */
export interface NoteSigner {
  name: string
  keyId: number
  sign(text: Uint8Array): Uint8Array | Promise<Uint8Array>
  /** The verifier of the same key; the log checks its own signatures before it lets them out. */
  verifier: NoteVerifier
}

/** True for a key name that the specification allows: not empty, no Unicode space, no plus, no control character. */
export function isKeyName(name: string): boolean {
  return name.isWellFormed() && name !== '' && !/[\p{White_Space}+]/u.test(name) && !hasControl(name)
}

/** Key id SHA-256(name || 0x0A || type || key)[:4]. `type` is one byte, or 0xff and a longer identifier. */
export function noteKeyId(name: string, type: number | Uint8Array, key: Uint8Array): number {
  const typeBytes = typeof type === 'number' ? Uint8Array.of(type) : type
  const digest = hash(
    'sha256',
    Buffer.concat([utf8Bytes(name, 'bad_key'), Uint8Array.of(0x0a), typeBytes, key]),
    'buffer',
  )
  return digest.readUInt32BE(0)
}

const SPKI_ED25519 = Buffer.from('302a300506032b6570032100', 'hex')
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex')

/** Ed25519 (RFC 8032) over raw bytes: a 32-byte public key and a 64-byte signature. Anything else gives false. */
export function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.byteLength !== 32 || signature.byteLength !== 64) return false
  try {
    return verify(null, message, ed25519PublicKey(publicKey), signature)
  } catch {
    return false
  }
}

function ed25519PublicKey(raw: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([SPKI_ED25519, raw]), format: 'der', type: 'spki' })
}

/** A verifier for an Ed25519 key. Throws `bad_key` for a name or key that is not acceptable. */
export function ed25519Verifier(name: string, publicKey: Uint8Array): NoteVerifier {
  if (!isKeyName(name)) throw new LedgerError('bad_key', 'key name', 'name')
  if (publicKey.byteLength !== 32) throw new LedgerError('bad_key', 'an Ed25519 key has 32 bytes', 'key')
  const raw = Uint8Array.from(publicKey)
  return {
    name,
    keyId: noteKeyId(name, ED25519_TYPE, raw),
    verify: (text, signature) => verifyEd25519(raw, text, signature),
  }
}

/** A signer from a 32-byte Ed25519 seed (RFC 8032), with the text of its verifier key. */
export function ed25519Signer(name: string, seed: Uint8Array): NoteSigner & { verifierKey: string } {
  if (!isKeyName(name)) throw new LedgerError('bad_key', 'key name', 'name')
  if (seed.byteLength !== 32) throw new LedgerError('bad_key', 'an Ed25519 seed has 32 bytes', 'seed')
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8_ED25519, seed]), format: 'der', type: 'pkcs8' })
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' })
  const publicKey = Uint8Array.from(spki.subarray(SPKI_ED25519.byteLength))
  const verifier = ed25519Verifier(name, publicKey)
  return {
    name,
    keyId: verifier.keyId,
    sign: (text) => sign(null, text, privateKey),
    verifier,
    verifierKey: formatVerifierKey(name, publicKey),
  }
}

/** Verifier key text `<name>+<key id, 8 hex digits>+<base64(type || key)>` of an Ed25519 key. */
export function formatVerifierKey(name: string, publicKey: Uint8Array): string {
  const keyId = ed25519Verifier(name, publicKey).keyId.toString(16).padStart(8, '0')
  return `${name}+${keyId}+${base64Text(Buffer.concat([Uint8Array.of(ED25519_TYPE), publicKey]))}`
}

/** The verifier of a verifier key text. Throws `bad_key`: wrong form, wrong key id, or a type other than Ed25519. */
export function parseVerifierKey(text: string): NoteVerifier {
  const first = text.indexOf('+')
  const second = text.indexOf('+', first + 1)
  if (first < 0 || second < 0) throw new LedgerError('bad_key', 'not of the form name+hash+key', 'verifier key')
  const name = text.slice(0, first)
  const key = base64Bytes(text.slice(second + 1))
  if (key === undefined || key.byteLength !== 33 || key[0] !== ED25519_TYPE) {
    throw new LedgerError('bad_key', 'the key is not an Ed25519 key in base64', 'verifier key')
  }
  const verifier = ed25519Verifier(name, key.subarray(1))
  if (text.slice(first + 1, second) !== verifier.keyId.toString(16).padStart(8, '0')) {
    throw new LedgerError('bad_key', 'the key id does not belong to the name and key', 'verifier key')
  }
  return verifier
}

const SIGNATURE_PREFIX = '\u2014 '

/** Parses a note without checking any signature. Throws `bad_note`, naming the line. */
export function parseNote(note: string | Uint8Array): SignedNote {
  const length = typeof note === 'string' ? Buffer.byteLength(note) : note.byteLength
  if (length > NOTE_BYTES_MAX) throw new LedgerError('bad_note', `more than ${NOTE_BYTES_MAX} bytes`)
  const whole = typeof note === 'string' ? note : utf8Text(note, 'bad_note')
  if (!whole.isWellFormed()) throw new LedgerError('bad_note', 'lone surrogate')
  if (hasControl(whole)) throw new LedgerError('bad_note', 'control character')
  const gap = whole.lastIndexOf('\n\n')
  if (gap < 0 || !whole.endsWith('\n')) throw new LedgerError('bad_note', 'no blank line before the signatures')
  const text = whole.slice(0, gap + 1)
  const lines = whole
    .slice(gap + 2)
    .split('\n')
    .slice(0, -1)
  const firstLine = text.split('\n').length + 1
  if (lines.length === 0) throw new LedgerError('bad_note', 'no signature', `line ${firstLine}`)
  if (lines.length > NOTE_SIGNATURES_MAX)
    throw new LedgerError('bad_note', `more than ${NOTE_SIGNATURES_MAX} signatures`)
  return { text, signatures: lines.map((line, i) => parseSignatureLine(line, `line ${firstLine + i}`)) }
}

function parseSignatureLine(line: string, place: string): NoteSignature {
  if (!line.startsWith(SIGNATURE_PREFIX)) throw new LedgerError('bad_note', 'does not start with an em dash', place)
  const [name, value, ...rest] = line.slice(SIGNATURE_PREFIX.length).split(' ')
  if (name === undefined || !isKeyName(name)) throw new LedgerError('bad_note', 'key name', place)
  const bytes = value === undefined || rest.length > 0 ? undefined : base64Bytes(value)
  if (bytes === undefined || bytes.byteLength < 5) throw new LedgerError('bad_note', 'signature', place)
  return { name, keyId: Buffer.from(bytes).readUInt32BE(0), signature: bytes.subarray(4) }
}

/** One signature line with its newline. */
export function formatSignatureLine({ name, keyId, signature }: NoteSignature): string {
  const id = Buffer.alloc(4)
  id.writeUInt32BE(keyId)
  return `${SIGNATURE_PREFIX}${name} ${base64Text(Buffer.concat([id, signature]))}\n`
}

/** Signs a text with each signer in order. The text must end with a newline and hold no other control character. */
export async function signNote(text: string, signers: readonly NoteSigner[]): Promise<string> {
  if (!text.endsWith('\n') || hasControl(text)) throw new LedgerError('bad_note', 'text must end with a newline')
  if (signers.length === 0) throw new LedgerError('bad_input', 'no signer')
  const bytes = utf8Bytes(text, 'bad_note')
  let note = `${text}\n`
  for (const signer of signers) {
    if (!isKeyName(signer.name)) throw new LedgerError('bad_key', 'key name', 'name')
    note += formatSignatureLine({ name: signer.name, keyId: signer.keyId, signature: await signer.sign(bytes) })
  }
  return note
}

/** What a note says after its signatures were checked. */
export interface VerifiedNote {
  text: string
  /** The verifiers whose signature is on the note, each once, in the order of the note. */
  signedBy: NoteVerifier[]
  /** Signature lines by keys that are not among the verifiers; they prove nothing. */
  unknown: number
}

/**
 * Opens a note (C2SP signed-note, Signatures). A line by a known key (name and id) that does not verify rejects the
 * whole note (`bad_signature`); lines by unknown keys are ignored; without any known line it is `no_trusted_signature`.
 */
export function verifyNote(note: string | Uint8Array, verifiers: readonly NoteVerifier[]): VerifiedNote {
  const { text, signatures } = parseNote(note)
  const bytes = utf8Bytes(text, 'bad_note')
  const signedBy: NoteVerifier[] = []
  let unknown = 0
  for (const { name, keyId, signature } of signatures) {
    const known = verifiers.filter((verifier) => verifier.name === name && verifier.keyId === keyId)
    if (known.length === 0) unknown++
    for (const verifier of known) {
      if (!verifier.verify(bytes, signature)) throw new LedgerError('bad_signature', 'does not verify', name)
      if (!signedBy.includes(verifier)) signedBy.push(verifier)
    }
  }
  if (signedBy.length === 0) throw new LedgerError('no_trusted_signature', `${unknown} lines by unknown keys`)
  return { text, signedBy, unknown }
}
