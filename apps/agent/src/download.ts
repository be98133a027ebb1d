import { openSegmentToBuffer, SegmentError, type SignedManifest } from '@huitong/segment'
import type { WorkContext } from './context.ts'
import { WorkError } from './problem.ts'
import { Backoff, isPassing } from './retry.ts'

/** A line may change a byte once; a platform that sends other bytes each time is refused. */
const TRIES_MAX = 3

/** A segment that was opened: its plain text, and how to give back the room it holds. */
export interface OpenedSegment {
  readonly signed: SignedManifest
  readonly plain: Uint8Array
  close(): void
}

/** A segment that is in the target already: known by its number, and not looked into. */
export const known = (signed: SignedManifest): OpenedSegment => ({
  signed,
  plain: new Uint8Array(0),
  close: () => undefined,
})

/**
 * Downloads a segment, goes on where a broken line left it, checks the bytes against the signed digest and opens them.
 * Its rows are counted by the database that loads them, against the manifest and before the commit.
 * @throws SegmentError `sealed_digest_mismatch` and others; CallError for refusals.
 */
export async function downloadSegment(signed: SignedManifest, context: WorkContext): Promise<OpenedSegment> {
  const { manifest } = signed
  const bytes = Number(manifest.sealedBytes) + Number(manifest.plainBytes)
  const close = await context.openBytes.take(bytes, context.signal)
  try {
    for (let attempt = 1; ; attempt++) {
      const sealed = await receive(signed, context)
      try {
        const { privateKey } = context.keys.sealing
        return { signed, plain: await openSegmentToBuffer({ signed, sealed, privateKey, countRows: false }), close }
      } catch (error) {
        const changed = error instanceof SegmentError && error.code === 'sealed_digest_mismatch'
        if (!changed || attempt >= TRIES_MAX) throw error
        context.log.warn('segment.changed', { sequence: manifest.sequence, attempt })
      }
    }
  } catch (error) {
    close()
    throw error
  }
}

async function receive(signed: SignedManifest, context: WorkContext): Promise<Buffer> {
  const { sealedDigest, sealedBytes } = signed.manifest
  const sealed = Buffer.allocUnsafe(Number(sealedBytes))
  const backoff = new Backoff()
  for (let at = 0; at < sealed.length;) {
    const before = at
    try {
      for await (const piece of context.platform.fetch(sealedDigest, at, context.signal)) {
        if (at + piece.length > sealed.length) throw new WorkError('segment.digest', `more than ${sealedBytes} bytes`)
        sealed.set(piece, at)
        at += piece.length
      }
    } catch (error) {
      context.signal.throwIfAborted()
      if (!isPassing(error)) throw error
    }
    if (at > before) backoff.reset()
    if (at < sealed.length) await backoff.wait(context.signal)
  }
  return sealed
}
