import type { Manifest, SignedManifest } from './manifest.ts'
import { finishSegment, type PayloadInput, sealPayload, type SealedPayload, type SealedSegment } from './seal.ts'

/** What all kinds of segments of one generation share. */
export interface SealOptions {
  readonly channel: string
  readonly generation: number
  readonly source: Manifest['source']
  readonly recipients: readonly string[]
  readonly signingKey: string
  readonly now: () => Date
  /** Last segment already sealed of this generation, when continuing; sequence goes on from it. */
  readonly previous?: SignedManifest
  /** Payloads compressed and encrypted at the same time (default 2). */
  readonly parallel?: number
}

type Content = Omit<PayloadInput, 'channel' | 'generation' | 'sequence' | 'recipients'>

/**
 * Seals packs in order, the last one as final; none at all gives one final segment of `empty`. When `packs` throws, so does
 * this, and no final segment is made. Memory: about (`parallel` + 2) packs.
 */
export async function* sealInOrder<P extends { readonly done?: () => void }>(
  packs: AsyncIterable<P>,
  empty: P,
  options: SealOptions,
  contentOf: (pack: P) => Content,
): AsyncGenerator<SealedSegment, void, undefined> {
  const { channel, generation, recipients, source, signingKey, now } = options
  const parallel = Math.max(1, options.parallel ?? 2)
  const pending: Promise<SealedPayload>[] = []
  let previous = options.previous ?? null
  let sequence = (previous?.manifest.sequence ?? 0) + 1
  const start = (pack: P) => {
    const payload = sealPayload({ ...contentOf(pack), channel, generation, recipients, sequence: sequence++ })
    // Awaited in order below; until then a failure must not count as unhandled.
    payload.catch(() => undefined).finally(pack.done)
    pending.push(payload)
  }
  const finish = async (final: boolean): Promise<SealedSegment> => {
    const payload = await pending.shift()!
    const segment = finishSegment(payload, { final, source, previous, signingKey, sealedAt: now() })
    previous = segment.signed
    return segment
  }
  for await (const pack of packs) {
    start(pack)
    if (pending.length > parallel) yield await finish(false)
  }
  if (pending.length === 0) start(empty)
  while (pending.length > 0) yield await finish(pending.length === 1)
}
