import { canonicalJson as write, CanonicalJsonError, parseCanonical, type CanonicalValue } from '@huitong/canonical'
import { utf8Bytes, utf8Text } from './bytes.ts'
import { LedgerError, type LedgerErrorCode } from './errors.ts'

export type { CanonicalValue }

/** Says an error of canonical JSON in this package's own codes. */
function coded<T>(code: LedgerErrorCode, place: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof CanonicalJsonError)) throw error
    throw new LedgerError(code, error.message, place || error.place, { cause: error })
  }
}

/** Canonical JSON text; `bad_input` naming the place of what has no canonical form. */
export function canonicalJson(value: unknown): string {
  return coded('bad_input', '', () => write(value))
}

/** Parses bytes that must be exactly the canonical form of their value. */
export function parseCanonicalJson(bytes: Uint8Array, code: LedgerErrorCode, place: string): CanonicalValue {
  return coded(code, place, () => parseCanonical(utf8Text(bytes, code, place)))
}

/** Canonical JSON as UTF-8 bytes. */
export function canonicalBytes(value: unknown): Uint8Array {
  return utf8Bytes(canonicalJson(value), 'bad_input')
}
