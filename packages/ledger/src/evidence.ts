import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto'
import { canonicalBytes, parseCanonicalJson } from './canonical-json.ts'
import { LedgerError } from './errors.ts'

/** Bytes of an evidence entry in the log. */
export const EVIDENCE_BYTES_MAX = 1024
/** A shorter salt could be guessed together with the payload. */
export const SALT_BYTES_MIN = 16
export const SALT_BYTES_MAX = 64

/**
 * One evidence entry (存证) as it stands in the log. It names things by the platform's own identifiers and commits to
 * their content; it never holds the content. Identifiers of people must be opaque, never an ID number or a name.
 */
export interface EvidenceEntry {
  v: 1
  /** What happened, such as `catalogue.publish` or `grant.revoke`. */
  type: string
  /** UTC, ISO 8601, `2026-01-31T08:00:00Z` or with milliseconds. */
  time: string
  /** Who did it: department and key or account identifier. */
  actor: string
  /** Identifier of the thing it was done to. */
  object: string
  /** Hexadecimal HMAC-SHA256 made by `commit`. */
  sha256commitment: string
  /** Hexadecimal leaf hash of the previous entry about the same object. */
  previous?: string
}

const IDENTIFIER = /^[A-Za-z0-9][A-Za-z0-9._:/@#-]{0,127}$/
const HEX_32 = /^[0-9a-f]{64}$/
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{3})?Z$/

function isTime(value: string): boolean {
  if (!TIME.test(value)) return false
  const time = new Date(value)
  if (Number.isNaN(time.getTime())) return false
  return time.toISOString() === (value.includes('.') ? value : value.replace('Z', '.000Z'))
}

const FIELDS: Record<string, (value: string) => boolean> = {
  type: (value) => /^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$/.test(value) && value.length <= 64,
  time: isTime,
  actor: (value) => IDENTIFIER.test(value),
  object: (value) => IDENTIFIER.test(value),
  sha256commitment: (value) => HEX_32.test(value),
  previous: (value) => HEX_32.test(value),
}

function checkEntry(value: unknown): EvidenceEntry {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new LedgerError('bad_leaf', 'not an object')
  const entry = value as Record<string, unknown>
  if (entry['v'] !== 1) throw new LedgerError('bad_leaf', 'version', 'v')
  for (const key of Object.keys(entry)) {
    if (key !== 'v' && !Object.hasOwn(FIELDS, key)) throw new LedgerError('bad_leaf', 'unknown field', key)
  }
  for (const [key, isGood] of Object.entries(FIELDS)) {
    const field = entry[key]
    if (key === 'previous' && !Object.hasOwn(entry, key)) continue
    if (typeof field !== 'string' || !isGood(field)) throw new LedgerError('bad_leaf', 'missing or malformed', key)
  }
  return entry as unknown as EvidenceEntry
}

/** The bytes of an entry for the log: canonical JSON, at most 1,024 bytes. Throws `bad_leaf`, naming the field. */
export function encodeEvidence(entry: EvidenceEntry): Uint8Array {
  const bytes = canonicalBytes(checkEntry(entry))
  if (bytes.byteLength > EVIDENCE_BYTES_MAX) throw new LedgerError('bad_leaf', `more than ${EVIDENCE_BYTES_MAX} bytes`)
  return bytes
}

/** The entry of bytes from the log. Throws `bad_leaf` unless they are exactly what `encodeEvidence` makes. */
export function decodeEvidence(bytes: Uint8Array): EvidenceEntry {
  if (bytes.byteLength > EVIDENCE_BYTES_MAX) throw new LedgerError('bad_leaf', `more than ${EVIDENCE_BYTES_MAX} bytes`)
  return checkEntry(parseCanonicalJson(bytes, 'bad_leaf', 'leaf'))
}

/**
 * Commitment to a payload: hexadecimal HMAC-SHA256(salt, canonical JSON of payload). The salt is random, 16 to 64
 * bytes, kept with the payload and erased with it; without it nobody can test a guess about the payload.
 */
export function commit(salt: Uint8Array, payload: unknown): string {
  if (salt.byteLength < SALT_BYTES_MIN || salt.byteLength > SALT_BYTES_MAX) {
    throw new LedgerError('bad_input', `a salt has ${SALT_BYTES_MIN} to ${SALT_BYTES_MAX} bytes`, 'salt')
  }
  // Made a key first: what is given as bytes goes a way in Node.js that costs six times the digest.
  return createHmac('sha256', createSecretKey(salt)).update(canonicalBytes(payload)).digest('hex')
}

/** True when the commitment is of this payload under this salt. */
export function opensCommitment(commitment: string, salt: Uint8Array, payload: unknown): boolean {
  if (!HEX_32.test(commitment)) return false
  return timingSafeEqual(Buffer.from(commitment, 'hex'), Buffer.from(commit(salt, payload), 'hex'))
}
