import { utf8Bytes, utf8Text } from './bytes.ts'
import { LedgerError } from './errors.ts'
import type { LedgerErrorCode } from './errors.ts'

/** The subset of JSON that we canonicalise: no fractions, integers up to 2^53 - 1. */
export type CanonicalValue = string | number | boolean | null | CanonicalValue[] | { [key: string]: CanonicalValue }

const DEPTH_MAX = 32

/**
 * Canonical JSON (RFC 8785, JCS) of a value: keys sorted by UTF-16 code units, no spaces. Throws `bad_input` with the
 * place for anything outside the subset: fractions, undefined, lone surrogates, class instances, deeper than 32.
 */
export function canonicalJson(value: unknown): string {
  return encode(value, '$', 0)
}

function encode(value: unknown, place: string, depth: number): string {
  if (depth > DEPTH_MAX) throw new LedgerError('bad_input', `deeper than ${DEPTH_MAX}`, place)
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new LedgerError('bad_input', 'only integers below 2^53', place)
    return JSON.stringify(value)
  }
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw new LedgerError('bad_input', 'lone surrogate', place)
    return JSON.stringify(value)
  }
  if (Array.isArray(value)) {
    return `[${Array.from(value, (item: unknown, i) => encode(item, `${place}[${i}]`, depth + 1)).join(',')}]`
  }
  if (typeof value !== 'object' || !isPlain(value))
    throw new LedgerError('bad_input', `no JSON form: ${typeof value}`, place)
  const members = Object.keys(value)
    .sort()
    .map((key) => {
      if (!key.isWellFormed()) throw new LedgerError('bad_input', 'lone surrogate in a key', place)
      return `${JSON.stringify(key)}:${encode((value as Record<string, unknown>)[key], `${place}.${key}`, depth + 1)}`
    })
  return `{${members.join(',')}}`
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** Parses bytes that must be exactly the canonical form of their value; so duplicate keys and spaces are refused. */
export function parseCanonicalJson(bytes: Uint8Array, code: LedgerErrorCode, place: string): CanonicalValue {
  const text = utf8Text(bytes, code, place)
  let value: CanonicalValue
  try {
    value = JSON.parse(text) as CanonicalValue
  } catch (cause) {
    throw new LedgerError(code, 'not JSON', place, { cause })
  }
  if (canonicalOrEmpty(value) !== text) throw new LedgerError(code, 'not in canonical form', place)
  return value
}

function canonicalOrEmpty(value: unknown): string {
  try {
    return canonicalJson(value)
  } catch {
    return ''
  }
}

/** Canonical JSON as UTF-8 bytes. */
export function canonicalBytes(value: unknown): Uint8Array {
  return utf8Bytes(canonicalJson(value), 'bad_input')
}
