import { canonicalJson, parseCanonicalJson, type CanonicalValue } from './canonical-json.ts'
import { utf8 } from './bytes.ts'
import { SegmentError } from './errors.ts'
import { keyIdOf, signBytes, verifyBytes } from './keys.ts'
import * as check from './shape.ts'

/** Signed acknowledgement of one hop: the platform stored the segment, or a consumer committed it. */
export interface Receipt {
  readonly version: 1
  readonly channel: string
  readonly generation: number
  readonly sequence: number
  readonly sealedDigest: string
  /** Rows stored or applied, a decimal string. */
  readonly rows: string
  readonly hop: 'platform' | 'consumer'
  /** Where the consumer's target stands after the commit, in its own words; null at the platform. */
  readonly position: string | null
  readonly at: string
  /** Key id of the signer. */
  readonly by: string
}

/** A receipt with its signature; `bytes` is the canonical JSON of `{receipt, signature}`. */
export interface SignedReceipt {
  readonly receipt: Receipt
  readonly signature: string
  readonly bytes: Uint8Array
}

/** Bytes over which no receipt is even parsed. */
export const RECEIPT_BYTES_MAX = 16_384

const DOMAIN = 'huitong/segment-receipt/v1'
const FAULT = 'bad_receipt'
const RECEIPT_KEYS: readonly (keyof Receipt)[] = [
  'version',
  'channel',
  'generation',
  'sequence',
  'sealedDigest',
  'rows',
  'hop',
  'position',
  'at',
  'by',
]

/** Check a receipt's shape and sign it with an Ed25519 key (base64 PKCS#8). @throws SegmentError `bad_receipt`. */
export function signReceipt(receipt: Receipt, privateKey: string): SignedReceipt {
  const checked = checkReceipt(receipt as unknown as CanonicalValue)
  const value = checked as unknown as CanonicalValue
  const signature = signBytes(privateKey, DOMAIN, utf8(canonicalJson(value)))
  return { receipt: checked, signature, bytes: utf8(canonicalJson({ receipt: value, signature })) }
}

/**
 * Parse and verify a signed receipt.
 * @param resolveKey base64 raw Ed25519 key of a key id, or null when not trusted.
 * @throws SegmentError `bad_receipt`, `bad_canonical_json`, `unknown_signer`, `bad_signature`.
 */
export function verifyReceipt(bytes: Uint8Array, resolveKey: (keyId: string) => string | null): SignedReceipt {
  if (bytes.length > RECEIPT_BYTES_MAX) throw new SegmentError(FAULT, `over ${RECEIPT_BYTES_MAX} bytes`)
  const outer = check.record(parseCanonicalJson(check.utf8Text(bytes, FAULT)), '$', FAULT)
  check.keys(outer, ['receipt', 'signature'], '$', FAULT)
  const receipt = checkReceipt(outer['receipt'])
  const signature = check.text(outer['signature'], '$.signature', FAULT)
  const publicKey = resolveKey(receipt.by)
  if (publicKey === null || keyIdOf(publicKey) !== receipt.by) throw new SegmentError('unknown_signer', receipt.by)
  const message = utf8(canonicalJson(receipt as unknown as CanonicalValue))
  if (!verifyBytes(publicKey, DOMAIN, message, signature)) throw new SegmentError('bad_signature', 'receipt')
  return { receipt, signature, bytes: Uint8Array.from(bytes) }
}

function checkReceipt(value: CanonicalValue | undefined): Receipt {
  const r = check.record(value, '$', FAULT)
  check.keys(r, RECEIPT_KEYS, '$', FAULT)
  if (r['version'] !== 1) throw new SegmentError(FAULT, 'version is not 1')
  return {
    version: 1,
    channel: check.uuid(r['channel'], '$.channel', FAULT),
    generation: check.positive(r['generation'], '$.generation', FAULT),
    sequence: check.positive(r['sequence'], '$.sequence', FAULT),
    sealedDigest: check.digest(r['sealedDigest'], '$.sealedDigest', FAULT),
    rows: check.decimal(r['rows'], '$.rows', FAULT),
    hop: check.oneOf(r['hop'], ['platform', 'consumer'] as const, '$.hop', FAULT),
    position: r['position'] === null ? null : check.text(r['position'], '$.position', FAULT),
    at: check.instant(r['at'], '$.at', FAULT),
    by: check.keyId(r['by'], '$.by', FAULT),
  }
}
