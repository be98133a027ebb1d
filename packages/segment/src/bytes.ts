import { hash } from 'node:crypto'

/** SHA-256 of `data` (strings as UTF-8) as 64 lower-case hex digits. */
export function sha256Hex(data: Uint8Array | string): string {
  return hash('sha256', data, 'hex')
}

/** UTF-8 bytes of `text`. */
export function utf8(text: string): Buffer {
  return Buffer.from(text, 'utf8')
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** Whether `text` is canonical, padded, standard base64 (RFC 4648 section 4; unused bits must be zero). */
export function isBase64(text: string): boolean {
  return BASE64.test(text) && Buffer.from(text, 'base64').toString('base64') === text
}
