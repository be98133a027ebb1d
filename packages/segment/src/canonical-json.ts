import { canonicalJson as write, CanonicalJsonError, parseCanonical, type CanonicalValue } from '@huitong/canonical'
import { SegmentError } from './errors.ts'

export type { CanonicalValue }

/** Says an error of canonical JSON in this package's own code. */
function coded<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof CanonicalJsonError)) throw error
    throw new SegmentError('bad_canonical_json', error.message, { cause: error })
  }
}

/** Canonical JSON text of a value. @throws SegmentError `bad_canonical_json`. */
export function canonicalJson(value: CanonicalValue): string {
  return coded(() => write(value))
}

/** Parses a text that must be exactly canonical. @throws SegmentError `bad_canonical_json`. */
export function parseCanonicalJson(text: string): CanonicalValue {
  return coded(() => parseCanonical(text))
}
