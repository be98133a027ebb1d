import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { FRAME_BYTES } from '@huitong/contract/nodes'

/**
 * SHA-256 over the SHA-256 of each frame of a file, hexadecimal: memory holds one frame. A library digests it: over plain
 * HTTP, as in many an intranet, browsers offer no digest of their own.
 * @param told bytes that are digested, after each frame.
 * @throws AbortError; NotReadableError when the file is gone or changes.
 */
export async function digestOfFile(file: Blob, told: (bytes: number) => void, signal: AbortSignal): Promise<string> {
  const count = Math.ceil(file.size / FRAME_BYTES)
  const digests = new Uint8Array(count * 32)
  for (let frame = 0; frame < count; frame++) {
    if (signal.aborted) throw new DOMException('aborted', 'AbortError')
    const end = Math.min(file.size, (frame + 1) * FRAME_BYTES)
    const bytes = await file.slice(frame * FRAME_BYTES, end).arrayBuffer()
    digests.set(sha256(new Uint8Array(bytes)), frame * 32)
    told(end)
  }
  return bytesToHex(sha256(digests))
}
