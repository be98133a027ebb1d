/** The part of JSON that may be signed. */
export type CanonicalValue =
  | string
  | number
  | boolean
  | null
  | readonly CanonicalValue[]
  | { readonly [key: string]: CanonicalValue }

/** A value or text that has no canonical form; `place` says where, as a path from `$`. */
export class CanonicalJsonError extends Error {
  readonly place: string
  constructor(message: string, place: string, options?: ErrorOptions) {
    super(`${message} at ${place}`, options)
    this.name = 'CanonicalJsonError'
    this.place = place
  }
}

const DEPTH_MAX = 64

/**
 * Canonical JSON text of a value: keys sorted by UTF-16 code units, no white space, shortest escapes (RFC 8785).
 * Throws {@link CanonicalJsonError} for fractions, integers past 2^53, −0, lone surrogates, undefined, class
 * instances, and anything deeper than 64.
 */
export function canonicalJson(value: unknown): string {
  return write(value, [])
}

/** Parses a text that must be exactly canonical, so duplicate keys, spaces and other spellings are refused. */
export function parseCanonical(text: string): CanonicalValue {
  let value: CanonicalValue
  try {
    value = JSON.parse(text) as CanonicalValue
  } catch (cause) {
    throw new CanonicalJsonError('not JSON', '$', { cause })
  }
  if (canonicalJson(value) !== text) throw new CanonicalJsonError('not in canonical form', '$')
  return value
}

/** `path`: names and numbers on the way to the value; they become a text only where something is wrong. */
function write(value: unknown, path: (string | number)[]): string {
  if (path.length > DEPTH_MAX) throw new CanonicalJsonError(`deeper than ${DEPTH_MAX}`, placeOf(path))
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return writeText(value, path)
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value) || Object.is(value, -0))
      throw new CanonicalJsonError('not a safe integer', placeOf(path))
    return String(value)
  }
  if (Array.isArray(value)) return `[${Array.from(value, (item: unknown, at) => below(item, path, at)).join(',')}]`
  if (typeof value !== 'object' || !isPlain(value))
    throw new CanonicalJsonError(`no JSON form: ${typeof value}`, placeOf(path))
  const record = value as Record<string, unknown>
  const members = Object.keys(record)
    // The default order is that of UTF-16 code units, which RFC 8785 section 3.2.3 asks for.
    .sort()
    .map((key) => `${writeText(key, path)}:${below(record[key], path, key)}`)
  return `{${members.join(',')}}`
}

function below(value: unknown, path: (string | number)[], step: string | number): string {
  path.push(step)
  const text = write(value, path)
  path.pop()
  return text
}

const placeOf = (path: readonly (string | number)[]) =>
  `$${path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('')}`

function writeText(text: string, path: readonly (string | number)[]): string {
  if (!text.isWellFormed()) throw new CanonicalJsonError('lone surrogate', placeOf(path))
  return JSON.stringify(text)
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
