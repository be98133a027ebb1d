import { LedgerError } from './errors.ts'
import type { LedgerErrorCode } from './errors.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Bytes of a string; refuses lone surrogates, which UTF-8 cannot carry. */
export function utf8Bytes(text: string, code: LedgerErrorCode, place = ''): Uint8Array {
  if (!text.isWellFormed()) throw new LedgerError(code, 'lone surrogate', place)
  return Buffer.from(text, 'utf8')
}

/** Text of UTF-8 bytes; refuses anything that is not valid UTF-8. A byte order mark is kept as a character. */
export function utf8Text(bytes: Uint8Array, code: LedgerErrorCode, place = ''): string {
  try {
    return utf8.decode(bytes)
  } catch (cause) {
    throw new LedgerError(code, 'not valid UTF-8', place, { cause })
  }
}

/** Standard base64 with padding (RFC 4648 section 4), canonical only, so that one value has one spelling. */
export function base64Bytes(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : undefined
}

/** Standard base64 with padding. */
export function base64Text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}

/** Lower-case hexadecimal. */
export function hexText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
}

/** Byte equality; different lengths are unequal. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && Buffer.compare(a, b) === 0
}

/** An ASCII decimal without leading zeros, up to 2^53 - 1; undefined otherwise. */
export function decimal(text: string): number | undefined {
  if (!/^(0|[1-9][0-9]{0,15})$/.test(text)) return undefined
  const value = Number(text)
  return Number.isSafeInteger(value) ? value : undefined
}

/** True when the text holds an ASCII control character (below U+0020) other than a newline. */
export function hasControl(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x20 && unit !== 0x0a) return true
  }
  return false
}
