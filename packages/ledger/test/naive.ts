import { createHash } from 'node:crypto'

/** RFC 6962 section 2.1 written down as it stands there, apart from the code under test. */
export function naiveRoot(leaves: readonly Uint8Array[]): Buffer {
  if (leaves.length === 0) return createHash('sha256').digest()
  if (leaves.length === 1) {
    return createHash('sha256')
      .update(Buffer.of(0))
      .update(leaves[0] ?? Buffer.of())
      .digest()
  }
  let k = 1
  while (k * 2 < leaves.length) k *= 2
  return createHash('sha256')
    .update(Buffer.of(1))
    .update(naiveRoot(leaves.slice(0, k)))
    .update(naiveRoot(leaves.slice(k)))
    .digest()
}

/** Distinct small leaves. */
export function someLeaves(count: number): Buffer[] {
  return Array.from({ length: count }, (_, i) => Buffer.from(`leaf ${i}`))
}
