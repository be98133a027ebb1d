import { SegmentError } from './errors.ts'

/** The part of JSON that may be signed: no number but safe integers, so that no two writers can differ. */
export type CanonicalValue =
  string | number | boolean | null | readonly CanonicalValue[] | { readonly [key: string]: CanonicalValue }

/**
 * Canonical JSON text of `value` (RFC 8785, restricted to safe integers as numbers): keys sorted by UTF-16 code
 * units, no white space, shortest escapes.
 * @throws SegmentError `bad_canonical_json` for lone surrogates, other numbers, and values JSON cannot hold.
 */
export function canonicalJson(value: CanonicalValue): string {
  return write(value, '$')
}

/**
 * Parse `text` and require that it is exactly the canonical form, so that one value has one byte string.
 * @throws SegmentError `bad_canonical_json`.
 */
export function parseCanonicalJson(text: string): CanonicalValue {
  let value: CanonicalValue
  try {
    value = JSON.parse(text) as CanonicalValue
  } catch (cause) {
    throw new SegmentError('bad_canonical_json', 'not JSON', { cause })
  }
  if (canonicalJson(value) !== text) throw new SegmentError('bad_canonical_json', 'not in canonical form')
  return value
}

function write(value: CanonicalValue, place: string): string {
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw new SegmentError('bad_canonical_json', `lone surrogate at ${place}`)
    return JSON.stringify(value)
  }
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
      throw new SegmentError('bad_canonical_json', `not a safe integer at ${place}`)
    }
    return String(value)
  }
  if (typeof value === 'boolean' || value === null) return String(value)
  if (Array.isArray(value)) {
    return `[${value.map((item: CanonicalValue, i) => write(item, `${place}[${i}]`)).join(',')}]`
  }
  if (typeof value !== 'object') throw new SegmentError('bad_canonical_json', `not a JSON value at ${place}`)
  const record = value as { readonly [key: string]: CanonicalValue }
  // The default sort compares UTF-16 code units, which is the order RFC 8785 section 3.2.3 asks for.
  const keys = Object.keys(record).sort()
  return `{${keys.map((key) => `${write(key, place)}:${write(record[key]!, `${place}.${key}`)}`).join(',')}}`
}
