import { createHash, sign, timingSafeEqual, verify, type KeyObject } from 'node:crypto'

/**
 * HTTP Message Signatures (RFC 9421) with Ed25519 and Content-Digest (RFC 9530), in the one profile that nodes use:
 * method, path, query and body are covered, `created` bounds the age, `nonce` makes each request single-use.
 */
export interface SignedParts {
  readonly method: string
  /** Path without query. */
  readonly path: string
  /** Query with its leading `?`, or just `?` when there is none (RFC 9421 section 2.2.7). */
  readonly query: string
  readonly body: Uint8Array
}

export interface SignatureFacts {
  readonly keyId: string
  /** Unix seconds. */
  readonly created: number
  readonly nonce: string
}

const LABEL = 'huitong'
const COVERED = '("@method" "@path" "@query" "content-digest")'
const INPUT =
  /^huitong=\("@method" "@path" "@query" "content-digest"\);created=(\d{1,12});keyid="([A-Za-z0-9._-]{1,64})";nonce="([A-Za-z0-9_-]{16,64})";alg="ed25519"$/

/** `Content-Digest` value of a body. */
export function contentDigest(body: Uint8Array): string {
  return `sha-256=:${createHash('sha256').update(body).digest('base64')}:`
}

function signatureBase(parts: SignedParts, digest: string, parameters: string): string {
  return [
    `"@method": ${parts.method.toUpperCase()}`,
    `"@path": ${parts.path}`,
    `"@query": ${parts.query}`,
    `"content-digest": ${digest}`,
    `"@signature-params": ${parameters}`,
  ].join('\n')
}

/** Splits a request target into the path and query that are signed. */
export function splitTarget(target: string): { path: string; query: string } {
  const at = target.indexOf('?')
  return at < 0 ? { path: target, query: '?' } : { path: target.slice(0, at), query: target.slice(at) }
}

/** Headers that sign a request: `content-digest`, `signature-input`, `signature`. */
export function signRequest(parts: SignedParts, facts: SignatureFacts, key: KeyObject): Record<string, string> {
  const digest = contentDigest(parts.body)
  const parameters = `${COVERED};created=${facts.created};keyid="${facts.keyId}";nonce="${facts.nonce}";alg="ed25519"`
  const signature = sign(null, Buffer.from(signatureBase(parts, digest, parameters)), key).toString('base64')
  return {
    'content-digest': digest,
    'signature-input': `${LABEL}=${parameters}`,
    signature: `${LABEL}=:${signature}:`,
  }
}

/** Reads `signature-input` without trusting it; null when it is not of our profile. */
export function readSignatureInput(header: string | undefined): SignatureFacts | null {
  const match = INPUT.exec(header ?? '')
  return match ? { created: Number(match[1]), keyId: match[2]!, nonce: match[3]! } : null
}

/** True when the headers sign exactly these parts with this key. Age and nonce are the caller's to check. */
export function verifyRequest(
  parts: SignedParts,
  headers: { 'content-digest'?: string; 'signature-input'?: string; signature?: string },
  key: KeyObject,
): boolean {
  const facts = readSignatureInput(headers['signature-input'])
  const signature = /^huitong=:([A-Za-z0-9+/]{86}==):$/.exec(headers.signature ?? '')?.[1]
  if (!facts || !signature || !headers['content-digest']) return false
  const expected = Buffer.from(contentDigest(parts.body))
  const given = Buffer.from(headers['content-digest'])
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return false
  const bytes = Buffer.from(signature, 'base64')
  // The last letter of 64 bytes has four spare bits, which a decoder skips: one signature must have one spelling only.
  if (bytes.toString('base64') !== signature) return false
  const parameters = headers['signature-input']!.slice(LABEL.length + 1)
  return verify(null, Buffer.from(signatureBase(parts, headers['content-digest'], parameters)), key, bytes)
}
