import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto'
import { isBase64, sha256Hex } from './bytes.ts'
import { SegmentError } from './errors.ts'

/** `ed25519` signs manifests and receipts; `x25519` receives segment keys and small secrets. */
export type KeyKind = 'ed25519' | 'x25519'

/** A key pair as text: `publicKey` base64 of the 32 raw bytes, `privateKey` base64 of PKCS#8 DER. */
export interface KeyPairText {
  readonly kind: KeyKind
  readonly keyId: string
  readonly publicKey: string
  readonly privateKey: string
}

// DER of SubjectPublicKeyInfo before the 32 raw bytes (RFC 8410 section 4).
const SPKI_PREFIX: Record<KeyKind, Buffer> = {
  ed25519: Buffer.from('302a300506032b6570032100', 'hex'),
  x25519: Buffer.from('302a300506032b656e032100', 'hex'),
}

/** Make a new key pair from the system's randomness. */
export function generateKeyPair(kind: KeyKind): KeyPairText {
  const pair = kind === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('x25519')
  const publicKey = exportPublicKey(pair.publicKey)
  const privateKey = pair.privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64')
  return { kind, keyId: keyIdOf(publicKey), publicKey, privateKey }
}

/** The name of a key: first 16 hex digits of the SHA-256 of its 32 raw public bytes. */
export function keyIdOf(publicKey: string): string {
  return sha256Hex(rawPublicKey(publicKey)).slice(0, 16)
}

/** The 32 raw bytes of a base64 public key. @throws SegmentError `bad_key`. */
export function rawPublicKey(publicKey: string): Buffer {
  const raw = isBase64(publicKey) ? Buffer.from(publicKey, 'base64') : Buffer.alloc(0)
  if (raw.length !== 32) throw new SegmentError('bad_key', 'public key is not base64 of 32 bytes')
  return raw
}

/** A `KeyObject` from a base64 raw public key. @throws SegmentError `bad_key`. */
export function importPublicKey(kind: KeyKind, publicKey: string): KeyObject {
  const raw = rawPublicKey(publicKey)
  return createPublicKey({ key: Buffer.concat([SPKI_PREFIX[kind], raw]), format: 'der', type: 'spki' })
}

/** A `KeyObject` from base64 PKCS#8, which must be of `kind`. @throws SegmentError `bad_key`. */
export function importPrivateKey(kind: KeyKind, privateKey: string): KeyObject {
  let key: KeyObject
  try {
    key = createPrivateKey({ key: Buffer.from(privateKey, 'base64'), format: 'der', type: 'pkcs8' })
  } catch {
    // The cause is dropped: an OpenSSL message about a private key has no place in a log.
    throw new SegmentError('bad_key', 'private key is not PKCS#8')
  }
  if (key.asymmetricKeyType !== kind) throw new SegmentError('bad_key', `private key is not ${kind}`)
  return key
}

/** Base64 of the raw 32 bytes of a public key, or of the public half of a private key. */
export function exportPublicKey(key: KeyObject): string {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key
  const der = publicKey.export({ format: 'der', type: 'spki' })
  return der.subarray(der.length - 32).toString('base64')
}

/** The raw 32-byte scalar or seed of a private key. Secret: never log it. */
export function rawPrivateKey(key: KeyObject): Buffer {
  const d = key.export({ format: 'jwk' }).d
  if (d === undefined) throw new SegmentError('bad_key', 'key has no private part')
  return Buffer.from(d, 'base64url')
}

/** Ed25519 over `domain` ‖ LF ‖ `message`: a signature made for one use never verifies for another. */
export function signBytes(privateKey: string, domain: string, message: Uint8Array): string {
  return sign(null, domainBytes(domain, message), importPrivateKey('ed25519', privateKey)).toString('base64')
}

/** Check a signature made by {@link signBytes}. Malformed signatures give `false`. */
export function verifyBytes(publicKey: string, domain: string, message: Uint8Array, signature: string): boolean {
  if (!isBase64(signature)) return false
  const raw = Buffer.from(signature, 'base64')
  if (raw.length !== 64) return false
  return verify(null, domainBytes(domain, message), importPublicKey('ed25519', publicKey), raw)
}

function domainBytes(domain: string, message: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${domain}\n`, 'utf8'), message])
}
