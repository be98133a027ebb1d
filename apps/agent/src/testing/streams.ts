import {
  type KeyPairText,
  openSegmentToBuffer,
  rowsOf,
  SegmentError,
  sha256Hex,
  type SignedManifest,
  signReceipt,
  verifyChain,
  verifyManifest,
  verifyReceipt,
} from '@huitong/segment'
import { Refusal } from './refusal.ts'
import type { Node } from './work-queue.ts'

interface Held {
  readonly signed: SignedManifest
  bytes: Buffer
  verified: boolean
  receipt: string | null
  /** Consumer receipts, by key id of the signer. */
  readonly applied: Map<string, number>
}

interface Stream {
  generation: number
  readonly provider: Node
  readonly generations: Map<number, Held[]>
}

/** Segments of streams: announced in order, stored by offset, verified by opening them, listed, acknowledged. */
export class Streams {
  readonly #signing: KeyPairText
  readonly #sealing: KeyPairText
  readonly #streams = new Map<string, Stream>()
  readonly #byDigest = new Map<string, Held>()
  #changed = Promise.withResolvers<void>()
  /** Bends what is sent to consumers. */
  tamper: (bytes: Buffer, signed: SignedManifest) => Buffer = (bytes) => bytes
  tamperManifest: (text: string) => string = (text) => text
  /** Wants each segment whole before it hears of the next. */
  strict = false
  /** Streams whose next announcement finds other bytes left of an upload before, which are then gone. */
  readonly spoilt = new Set<string>()
  /** Opens what it received, as the platform does; slow on large tables. */
  opens = true

  constructor(signing: KeyPairText, sealing: KeyPairText) {
    this.#signing = signing
    this.#sealing = sealing
  }

  create(id: string, provider: Node): void {
    this.#streams.set(id, { generation: 1, provider, generations: new Map() })
  }

  /** Puts the next generation in force. */
  next(id: string): number {
    const stream = this.#stream(id)
    stream.generation++
    this.#wake()
    return stream.generation
  }

  generation(id: string): number {
    return this.#stream(id).generation
  }

  /** Segments of the generation in force. */
  held(id: string): readonly Held[] {
    const stream = this.#stream(id)
    return stream.generations.get(stream.generation) ?? []
  }

  announce(node: Node, { manifest }: { manifest: string }): object {
    const signed = this.#verify(node, manifest)
    const { channel, generation, sequence } = signed.manifest
    const stream = this.#stream(channel)
    if (stream.provider.id !== node.id) throw new Refusal('object.not_found')
    if (generation !== stream.generation) throw new Refusal('node.fenced')
    const held = stream.generations.get(generation) ?? []
    stream.generations.set(generation, held)
    const known = held[sequence - 1]
    const before = held[sequence - 2] ?? null
    const chain = verifyChain(known?.signed ?? before?.signed ?? null, signed)
    if (!chain.ok || (known === undefined && chain.same)) throw new Refusal('segment.chain')
    if (this.strict && before !== null && before.receipt === null) throw new Refusal('segment.chain')
    if (known === undefined) {
      const fresh = { signed, bytes: Buffer.alloc(0), verified: false, receipt: null, applied: new Map() }
      held.push(fresh)
      this.#byDigest.set(signed.manifest.sealedDigest, fresh)
      if (this.spoilt.delete(channel)) throw new Refusal('segment.digest')
      return { offset: 0, receipt: null }
    }
    return { offset: known.bytes.length, receipt: known.receipt }
  }

  async append(node: Node, digest: string, offset: number, raw: Buffer): Promise<object> {
    const held = this.#find(digest)
    const { manifest } = held.signed
    if (this.#stream(manifest.channel).provider.id !== node.id) throw new Refusal('object.not_found')
    if (held.receipt !== null) return { offset: held.bytes.length, receipt: held.receipt }
    if (offset !== held.bytes.length) throw new Refusal('upload.offset')
    const bytes = Buffer.concat([held.bytes, raw])
    const whole = Number(manifest.sealedBytes)
    if (bytes.length < whole) {
      held.bytes = bytes
      return { offset: bytes.length, receipt: null }
    }
    if (bytes.length > whole || sha256Hex(bytes) !== digest) {
      held.bytes = Buffer.alloc(0)
      throw new Refusal('segment.digest')
    }
    held.bytes = bytes
    if (this.opens) {
      await openSegmentToBuffer({ signed: held.signed, sealed: bytes, privateKey: this.#sealing.privateKey })
    }
    held.verified = true
    held.receipt ??= this.#receipt(held.signed)
    this.#wake()
    return { offset: bytes.length, receipt: held.receipt }
  }

  async pull(id: string, query: Record<string, string>): Promise<object> {
    const until = Date.now() + Number(query['waitSeconds'] ?? 0) * 1000
    for (;;) {
      const stream = this.#stream(id)
      const after = Number(query['generation']) === stream.generation ? Number(query['after']) : 0
      const held = stream.generations.get(stream.generation) ?? []
      const gap = held.findIndex(({ verified }) => !verified)
      const ready = held.slice(after, gap < 0 ? held.length : gap).slice(0, 50)
      const segments = ready.map(({ signed }) => ({
        sequence: signed.manifest.sequence,
        digest: signed.manifest.sealedDigest,
        manifest: this.tamperManifest(Buffer.from(signed.bytes).toString('utf8')),
      }))
      const newer = stream.generation > Number(query['generation'])
      if (segments.length > 0 || newer || Date.now() >= until) return { generation: stream.generation, segments }
      await Promise.race([this.#changed.promise, new Promise((resolve) => setTimeout(resolve, 200))])
    }
  }

  fetch(digest: string, offset: number): Buffer {
    const held = this.#find(digest)
    if (!held.verified) throw new Refusal('object.not_found')
    return this.tamper(held.bytes, held.signed).subarray(offset)
  }

  acknowledge(node: Node, { receipt: text }: { receipt: string }): object {
    try {
      const { receipt } = verifyReceipt(Buffer.from(text), (id) => (id === node.keyId ? node.signingKey : null))
      const held = this.#find(receipt.sealedDigest)
      const { manifest } = held.signed
      const same =
        receipt.hop === 'consumer' &&
        receipt.channel === manifest.channel &&
        receipt.generation === manifest.generation &&
        receipt.sequence === manifest.sequence &&
        receipt.rows === rowsOf(manifest).toString()
      if (!same) throw new Refusal('segment.signature')
      held.applied.set(node.keyId, (held.applied.get(node.keyId) ?? 0) + 1)
      return {}
    } catch (error) {
      if (error instanceof SegmentError) throw new Refusal('segment.signature')
      throw error
    }
  }

  #verify(node: Node, manifest: string): SignedManifest {
    try {
      return verifyManifest(Buffer.from(manifest), (id) => (id === node.keyId ? node.signingKey : null))
    } catch {
      throw new Refusal('segment.signature')
    }
  }

  #receipt({ manifest }: SignedManifest): string {
    const { channel, generation, sequence, sealedDigest } = manifest
    const at = new Date().toISOString()
    const rows = rowsOf(manifest).toString()
    const signed = signReceipt(
      {
        version: 1,
        channel,
        generation,
        sequence,
        sealedDigest,
        rows,
        hop: 'platform',
        position: null,
        at,
        by: this.#signing.keyId,
      },
      this.#signing.privateKey,
    )
    return Buffer.from(signed.bytes).toString('utf8')
  }

  #stream(id: string): Stream {
    const stream = this.#streams.get(id)
    if (stream === undefined) throw new Refusal('object.not_found')
    return stream
  }

  #find(digest: string): Held {
    const held = this.#byDigest.get(digest)
    if (held === undefined) throw new Refusal('object.not_found')
    return held
  }

  #wake(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }
}
