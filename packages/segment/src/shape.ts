import { isBase64 } from './bytes.ts'
import type { CanonicalValue } from './canonical-json.ts'
import { SegmentError, type SegmentErrorCode } from './errors.ts'

// Small checkers for signed JSON. Each takes the value, its place for the message, and the code to raise.

type Input = CanonicalValue | undefined

export function utf8Text(bytes: Uint8Array, code: SegmentErrorCode): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new SegmentError(code, 'not UTF-8', { cause })
  }
}

export function record(value: Input, place: string, code: SegmentErrorCode): { [key: string]: CanonicalValue } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new SegmentError(code, `${place} is not an object`)
  }
  return value as { [key: string]: CanonicalValue }
}

export function keys(
  value: { [key: string]: CanonicalValue },
  allowed: readonly string[],
  place: string,
  code: SegmentErrorCode,
): void {
  for (const key of Object.keys(value)) {
    if (!allowed.includes(key)) throw new SegmentError(code, `${place} has an unknown key`)
  }
  for (const key of allowed) {
    if (!Object.hasOwn(value, key)) throw new SegmentError(code, `${place}.${key} is missing`)
  }
}

export function list(value: Input, itemsMax: number, place: string, code: SegmentErrorCode): CanonicalValue[] {
  if (!Array.isArray(value)) throw new SegmentError(code, `${place} is not a list`)
  if (value.length > itemsMax) throw new SegmentError(code, `${place} has over ${itemsMax} items`)
  return value as CanonicalValue[]
}

export function text(value: Input, place: string, code: SegmentErrorCode): string {
  if (typeof value !== 'string') throw new SegmentError(code, `${place} is not text`)
  if (value.includes('\0')) throw new SegmentError(code, `${place} holds NUL`)
  return value
}

export function flag(value: Input, place: string, code: SegmentErrorCode): boolean {
  if (typeof value !== 'boolean') throw new SegmentError(code, `${place} is not a boolean`)
  return value
}

export function positive(value: Input, place: string, code: SegmentErrorCode): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1) {
    throw new SegmentError(code, `${place} is not a positive integer`)
  }
  return value
}

export function decimal(value: Input, place: string, code: SegmentErrorCode): string {
  return pattern(value, /^(?:0|[1-9]\d{0,37})$/, 'a decimal string', place, code)
}

export function digest(value: Input, place: string, code: SegmentErrorCode): string {
  return pattern(value, /^[0-9a-f]{64}$/, 'a SHA-256 in hex', place, code)
}

export function keyId(value: Input, place: string, code: SegmentErrorCode): string {
  return pattern(value, /^[0-9a-f]{16}$/, 'a key id', place, code)
}

export function uuid(value: Input, place: string, code: SegmentErrorCode): string {
  return pattern(value, /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'a lower-case UUID', place, code)
}

export function instant(value: Input, place: string, code: SegmentErrorCode): string {
  const found = pattern(value, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z$/, 'a UTC time', place, code)
  if (Number.isNaN(Date.parse(found))) throw new SegmentError(code, `${place} is not a UTC time`)
  return found
}

export function base64(value: Input, place: string, code: SegmentErrorCode): string {
  const found = text(value, place, code)
  if (found === '' || !isBase64(found)) throw new SegmentError(code, `${place} is not base64`)
  return found
}

export function oneOf<const T extends string>(
  value: Input,
  allowed: readonly T[],
  place: string,
  code: SegmentErrorCode,
): T {
  const found = allowed.find((item) => item === value)
  if (found === undefined) throw new SegmentError(code, `${place} is not one of ${allowed.join(', ')}`)
  return found
}

function pattern(value: Input, shape: RegExp, words: string, place: string, code: SegmentErrorCode): string {
  if (typeof value !== 'string' || !shape.test(value)) throw new SegmentError(code, `${place} is not ${words}`)
  return value
}
