import { base64Bytes, base64Text, utf8Text } from './bytes.ts'
import { LedgerError } from './errors.ts'
import type { LedgerErrorCode } from './errors.ts'
import { SALT_BYTES_MAX, SALT_BYTES_MIN, decodeEvidence, encodeEvidence, opensCommitment } from './evidence.ts'
import type { EvidenceEntry } from './evidence.ts'
import { parseVerifierKey } from './note.ts'
import { verifyTlogProof } from './proof.ts'
import type { InclusionFacts } from './proof.ts'

export const PROOF_BUNDLE_FORMAT = 'huitong-proof/v1'
export const PROOF_BUNDLE_BYTES_MAX = 8 * 1024 * 1024

/** A file that lets anyone check, alone and offline, what was recorded: proof, entry, and what the entry commits to. */
export interface ProofBundle {
  format: typeof PROOF_BUNDLE_FORMAT
  /** Verifier key of the log. It is a hint which trusted key to use, never a reason for trust. */
  log: string
  /** Text of a tlog-proof. */
  proof: string
  /** The evidence entry, base64 of its exact bytes in the log. */
  leaf: string
  /** What the entry commits to, and the salt in base64. */
  disclosed: { payload: Record<string, unknown>; salt: string }
}

export type BundleCode = LedgerErrorCode | 'bad_bundle' | 'untrusted_log' | 'commitment_mismatch'

/** Facts of a bundle that verifies. */
export interface BundleFacts extends InclusionFacts {
  ok: true
  entry: EvidenceEntry
  payload: Record<string, unknown>
}

/** Why a bundle does not verify: a stable code, the field, public words, and a detail. */
export interface BundleRefusal {
  ok: false
  code: BundleCode
  place: string
  words: { zh: string; en: string }
  detail: string
}

const WORDS: Record<Exclude<BundleCode, LedgerErrorCode>, { zh: string; en: string }> = {
  bad_bundle: { zh: '证明文件格式不正确', en: 'The proof bundle is malformed' },
  untrusted_log: { zh: '证明来自不受信任的日志', en: 'The bundle is of a log that you do not trust' },
  commitment_mismatch: { zh: '披露的内容与存证不符', en: 'The disclosed content is not what was recorded' },
}

class Refusal extends Error {
  readonly code: Exclude<BundleCode, LedgerErrorCode>
  readonly place: string
  constructor(code: Exclude<BundleCode, LedgerErrorCode>, place: string, detail: string) {
    super(detail)
    this.code = code
    this.place = place
  }
}

/** Makes a bundle from its parts. Throws `bad_leaf` or `bad_input` when the parts do not belong together. */
export function makeBundle(parts: {
  log: string
  proof: string
  entry: EvidenceEntry
  payload: Record<string, unknown>
  salt: Uint8Array
}): ProofBundle {
  if (!opensCommitment(parts.entry.sha256commitment, parts.salt, parts.payload)) {
    throw new LedgerError('bad_input', 'the entry does not commit to this payload', 'payload')
  }
  return {
    format: PROOF_BUNDLE_FORMAT,
    log: parts.log,
    proof: parts.proof,
    leaf: base64Text(encodeEvidence(parts.entry)),
    disclosed: { payload: parts.payload, salt: base64Text(parts.salt) },
  }
}

/** Exactly these keys, or a refusal that names the first missing or unknown one. */
function members(value: unknown, keys: readonly string[], place: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Refusal('bad_bundle', place, 'not an object')
  }
  const record = value as Record<string, unknown>
  const wrong =
    keys.find((key) => !Object.hasOwn(record, key)) ?? Object.keys(record).find((key) => !keys.includes(key))
  if (wrong !== undefined)
    throw new Refusal('bad_bundle', place === '' ? wrong : `${place}.${wrong}`, 'missing or unknown')
  return record
}

function text(record: Record<string, unknown>, key: string, place: string): string {
  const value = record[key]
  if (typeof value !== 'string') throw new Refusal('bad_bundle', place, 'not a string')
  return value
}

function bytes(record: Record<string, unknown>, key: string, place: string): Uint8Array {
  const value = base64Bytes(text(record, key, place))
  if (value === undefined) throw new Refusal('bad_bundle', place, 'not base64')
  return value
}

function parse(bundle: unknown): unknown {
  if (typeof bundle !== 'string' && !(bundle instanceof Uint8Array)) return bundle
  if (bundle.length > PROOF_BUNDLE_BYTES_MAX) throw new Refusal('bad_bundle', '', 'too large')
  try {
    return JSON.parse(typeof bundle === 'string' ? bundle : utf8Text(bundle, 'bad_input')) as unknown
  } catch {
    throw new Refusal('bad_bundle', '', 'not JSON in UTF-8')
  }
}

/** Runs a step and puts its refusals at a place in the bundle. */
function at<T>(place: string, step: () => T): T {
  try {
    return step()
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error
    const inner = error.place === '' ? place : `${place}: ${error.place}`
    throw new LedgerError(error.code, error.message, inner, { cause: error })
  }
}

/**
 * Verifies a proof bundle (its JSON text, bytes, or the parsed value) offline against the caller's trusted verifier
 * keys. Order: shape, trust, proof and signatures, entry, disclosed content. Never throws for a bad bundle; a trusted
 * key that is malformed is the caller's mistake and throws `bad_key`.
 */
export function verifyBundle(bundle: unknown, trustedVerifierKeys: readonly string[]): BundleFacts | BundleRefusal {
  const trusted = trustedVerifierKeys.map((key) => ({ key, verifier: parseVerifierKey(key) }))
  try {
    const record = members(parse(bundle), ['format', 'log', 'proof', 'leaf', 'disclosed'], '')
    if (record['format'] !== PROOF_BUNDLE_FORMAT) throw new Refusal('bad_bundle', 'format', 'unknown format')
    const disclosed = members(record['disclosed'], ['payload', 'salt'], 'disclosed')
    const log = text(record, 'log', 'log')
    const proof = text(record, 'proof', 'proof')
    const leaf = bytes(record, 'leaf', 'leaf')
    const salt = bytes(disclosed, 'salt', 'disclosed.salt')
    if (salt.byteLength < SALT_BYTES_MIN || salt.byteLength > SALT_BYTES_MAX) {
      throw new Refusal('bad_bundle', 'disclosed.salt', 'length')
    }
    const key = trusted.find((candidate) => candidate.key === log)
    if (key === undefined) throw new Refusal('untrusted_log', 'log', 'not among the trusted keys')
    const facts = at('proof', () => verifyTlogProof(proof, leaf, [key.verifier]))
    const entry = at('leaf', () => decodeEvidence(leaf))
    const payload = disclosed['payload']
    if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) {
      throw new Refusal('bad_bundle', 'disclosed.payload', 'not an object')
    }
    if (!at('disclosed.payload', () => opensCommitment(entry.sha256commitment, salt, payload))) {
      throw new Refusal('commitment_mismatch', 'disclosed', 'another payload or salt was committed to')
    }
    return { ok: true, ...facts, entry, payload: payload as Record<string, unknown> }
  } catch (error) {
    if (error instanceof Refusal) {
      return { ok: false, code: error.code, place: error.place, words: WORDS[error.code], detail: error.message }
    }
    if (!(error instanceof LedgerError)) throw error
    return { ok: false, code: error.code, place: error.place, words: error.words, detail: error.message }
  }
}
