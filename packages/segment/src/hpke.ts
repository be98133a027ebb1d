import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core'
import { isBase64, utf8 } from './bytes.ts'
import { canonicalJson, parseCanonicalJson } from './canonical-json.ts'
import { SegmentError } from './errors.ts'
import { importPrivateKey, keyIdOf, rawPrivateKey, rawPublicKey } from './keys.ts'
import * as check from './shape.ts'

/** A secret sealed to one X25519 key: base64 of the encapsulated key and of the ciphertext. */
export interface Box {
  readonly keyId: string
  readonly enc: string
  readonly sealed: string
}

// RFC 9180: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM, base mode.
const suite = new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() })

/** The longest secret that {@link sealBox} takes. */
export const BOX_BYTES_MAX = 65_536
/** Characters of an encoded box: base64 of JSON of base64. */
const BOX_TEXT_MAX = 2 * BOX_BYTES_MAX

/**
 * Seal a small secret to `publicKey` (HPKE base mode, single shot). `info` names the use, `aad` is bound but not
 * hidden; both must be given again to open.
 * @throws SegmentError `bad_key`, `bad_argument`.
 */
export async function sealBox(
  publicKey: string,
  plain: Uint8Array,
  context: { readonly info: string; readonly aad?: string },
): Promise<Box> {
  if (plain.length > BOX_BYTES_MAX) throw new SegmentError('bad_argument', `secret over ${BOX_BYTES_MAX} bytes`)
  const recipientPublicKey = await suite.kem.deserializePublicKey(exact(rawPublicKey(publicKey)))
  try {
    const { enc, ct } = await suite.seal(
      { recipientPublicKey, info: exact(utf8(context.info)) },
      exact(plain),
      exact(utf8(context.aad ?? '')),
    )
    return {
      keyId: keyIdOf(publicKey),
      enc: Buffer.from(enc).toString('base64'),
      sealed: Buffer.from(ct).toString('base64'),
    }
  } catch (cause) {
    // A public key of small order gives an all-zero shared secret, which the library refuses.
    throw new SegmentError('bad_key', 'cannot encapsulate to this key', { cause })
  }
}

/**
 * Open a box with the PKCS#8 X25519 `privateKey`. Any wrong key, context or changed byte fails alike.
 * @throws SegmentError `decrypt_failed`, `bad_key`.
 */
export async function openBox(
  privateKey: string,
  box: { readonly enc: string; readonly sealed: string },
  context: { readonly info: string; readonly aad?: string },
): Promise<Buffer> {
  const scalar = rawPrivateKey(importPrivateKey('x25519', privateKey))
  if (!isBase64(box.enc) || !isBase64(box.sealed)) throw new SegmentError('decrypt_failed', 'box is not base64')
  try {
    const recipientKey = await suite.kem.importKey('raw', exact(scalar), false)
    const plain = await suite.open(
      { recipientKey, enc: exact(Buffer.from(box.enc, 'base64')), info: exact(utf8(context.info)) },
      exact(Buffer.from(box.sealed, 'base64')),
      exact(utf8(context.aad ?? '')),
    )
    return Buffer.from(plain)
  } catch (cause) {
    throw new SegmentError('decrypt_failed', 'the box does not open with this key and context', { cause })
  }
}

/** A box as one base64 text: of the canonical JSON of its three fields. */
export function encodeBox(box: Box): string {
  const { keyId, enc, sealed } = box
  return utf8Base64(canonicalJson({ keyId, enc, sealed }))
}

/** The box that {@link encodeBox} wrote. @throws SegmentError `bad_box`, `bad_canonical_json`. */
export function decodeBox(text: string): Box {
  if (!isBase64(text) || text.length > BOX_TEXT_MAX) throw new SegmentError('bad_box', 'not base64, or too long')
  const value = parseCanonicalJson(check.utf8Text(Buffer.from(text, 'base64'), 'bad_box'))
  const box = check.record(value, '$', 'bad_box')
  check.keys(box, ['keyId', 'enc', 'sealed'], '$', 'bad_box')
  return {
    keyId: check.keyId(box['keyId'], '$.keyId', 'bad_box'),
    enc: check.base64(box['enc'], '$.enc', 'bad_box'),
    sealed: check.base64(box['sealed'], '$.sealed', 'bad_box'),
  }
}

const utf8Base64 = (text: string) => Buffer.from(text, 'utf8').toString('base64')

/** The library takes whole ArrayBuffers; Node's small Buffers are views into a shared pool. */
function exact(bytes: Uint8Array): ArrayBuffer {
  const copy = new ArrayBuffer(bytes.length)
  new Uint8Array(copy).set(bytes)
  return copy
}
