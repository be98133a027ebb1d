import { createHash, randomBytes } from 'node:crypto'
import { FRAME_BYTES } from '@huitong/contract/nodes'
import { expect, test } from 'vitest'
import { digestOfFile } from './upload-digest.ts'

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest()

test('the digest of a file is that of the digests of its frames, of no, one and several', async () => {
  for (const size of [0, 1, FRAME_BYTES, FRAME_BYTES + 1, 2 * FRAME_BYTES + 77]) {
    const content = randomBytes(size)
    const frames = Array.from({ length: Math.ceil(size / FRAME_BYTES) }, (_one, i) =>
      sha256(content.subarray(i * FRAME_BYTES, (i + 1) * FRAME_BYTES)),
    )
    const told: number[] = []
    const digest = await digestOfFile(new Blob([content]), (bytes) => told.push(bytes), new AbortController().signal)
    expect(digest).toBe(sha256(Buffer.concat(frames)).toString('hex'))
    expect(told.at(-1) ?? 0).toBe(size)
  }
})
