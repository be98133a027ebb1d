import { FRAME_BYTES } from '@huitong/contract/nodes'

/**
 * SHA-256 over the SHA-256 of each frame of a file, hexadecimal: the browser digests no stream, and memory holds one frame.
 * @param told bytes that are digested, after each frame.
 * @throws the signal's reason; NotReadableError when the file is gone or changes.
 */
export async function digestOfFile(file: Blob, told: (bytes: number) => void, signal: AbortSignal): Promise<string> {
  const count = Math.ceil(file.size / FRAME_BYTES)
  const digests = new Uint8Array(count * 32)
  for (let frame = 0; frame < count; frame++) {
    signal.throwIfAborted()
    const end = Math.min(file.size, (frame + 1) * FRAME_BYTES)
    const bytes = await file.slice(frame * FRAME_BYTES, end).arrayBuffer()
    digests.set(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)), frame * 32)
    told(end)
  }
  const whole = new Uint8Array(await crypto.subtle.digest('SHA-256', digests))
  return [...whole].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
