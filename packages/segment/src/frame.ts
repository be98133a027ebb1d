import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { SegmentError } from './errors.ts'
import { decodeBox, encodeBox, openBox, sealBox } from './hpke.ts'

const INFO = 'huitong/frame/v1'
const NONCE_BYTES = 12
const TAG_BYTES = 16

/**
 * Seals a piece of a file to an X25519 key: a key of its own in a box, then AES-256-GCM. `place` names file and place in
 * it; a frame opens nowhere else.
 * @returns two bytes with the length of the box (big-endian), the box, nonce, ciphertext, tag.
 * @throws SegmentError `bad_key`.
 */
export async function sealFrame(publicKey: string, plain: Uint8Array, place: string): Promise<Buffer> {
  const key = randomBytes(32)
  const nonce = randomBytes(NONCE_BYTES)
  const box = Buffer.from(encodeBox(await sealBox(publicKey, key, { info: INFO, aad: place })), 'latin1')
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(place))
  const length = Buffer.alloc(2)
  length.writeUInt16BE(box.length)
  return Buffer.concat([length, box, nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

/** Opens what {@link sealFrame} made. @throws SegmentError `decrypt_failed` for any other key, place or changed byte. */
export async function openFrame(privateKey: string, sealed: Uint8Array, place: string): Promise<Buffer> {
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.length)
  const at = bytes.length < 2 ? Infinity : 2 + bytes.readUInt16BE()
  if (bytes.length < at + NONCE_BYTES + TAG_BYTES) throw new SegmentError('decrypt_failed', 'a frame is cut')
  try {
    const box = decodeBox(bytes.toString('latin1', 2, at))
    const key = await openBox(privateKey, box, { info: INFO, aad: place })
    const nonce = bytes.subarray(at, at + NONCE_BYTES)
    const decipher = createDecipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(place))
    decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES))
    return Buffer.concat([
      decipher.update(bytes.subarray(at + NONCE_BYTES, bytes.length - TAG_BYTES)),
      decipher.final(),
    ])
  } catch (cause) {
    throw new SegmentError('decrypt_failed', 'a frame does not open with this key at this place', { cause })
  }
}
