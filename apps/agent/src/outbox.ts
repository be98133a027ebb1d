import type { Dirent } from 'node:fs'
import { readdir, readFile, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { CaptureResult, ReadResult } from '@huitong/contract/work'
import { rowsOf, type SealedSegment, type SignedManifest, verifyManifest } from '@huitong/segment'
import { isMissing, makeFolder, readText, remove, writeDurable } from './files.ts'
import { Slots } from './limits.ts'

/** How far a generation has come on this node. */
export type OutboxState =
  /** Never begun here. */
  | { readonly state: 'new' }
  /** Begun and not sealed to the end: its snapshot lives only as long as the reading transaction. */
  | { readonly state: 'broken' }
  /** Not sealed to the end, and what is left to seal can be read again: its plan says how. */
  | { readonly state: 'unfinished'; readonly plan: string }
  /** Sealed to the end. */
  | { readonly state: 'complete'; readonly result: SealedResult }

/** What was sealed in all, kept until the platform has taken the result. */
export interface SealedResult {
  /** Rows that the source answered, decimal text. */
  readonly rows: string
  readonly segments: number
  /** Digest of the sealed bytes of the final segment; null when there was nothing to send. */
  readonly finalDigest: string | null
  /** Of tables that keep the convention: where the cursor stands then, and what cannot be followed. */
  readonly changes?: NonNullable<ReadResult['changes']>
  /** Of a copy after which the log is followed: its slot. */
  readonly log?: NonNullable<ReadResult['log']>
  /** Of a file whose bad records are set aside: those, sealed to the platform. */
  readonly rejected?: NonNullable<ReadResult['rejected']>
  /** Of a stream of the log that was ended: where. */
  readonly at?: NonNullable<CaptureResult['at']>
}

/** The last segment that was sealed, and the rows of all up to it. */
export interface Last {
  readonly rows: bigint
  readonly signed: SignedManifest
}

/** A segment that waits for its receipt. */
export interface Waiting {
  readonly sequence: number
  readonly signed: SignedManifest
  /** File of the sealed bytes. */
  readonly path: string
  readonly bytes: number
}

const STATE = 'state.json'
/** Of generations that outlive a restart: what they seal, and how far that is: `{rows, manifest}` of the last segment. */
const PLAN = 'plan.json'
const LAST = 'last.json'
const MANIFEST = /^(\d{1,10})\.json$/

/** Room on disk that a generation holds, by sequence: each entry gives it back. */
type Held = Map<number, () => void>

/**
 * Sealed segments on disk until the platform's receipts: `<stream>/<generation>/<sequence>.seg` with the sealed bytes,
 * `.json` with the signed manifest (written last: it makes the segment exist), and `state.json`. A generation with a plan
 * also has `plan.json` and `last.json`, and goes on after a restart.
 */
export class Outbox {
  readonly #dir: string
  readonly #room: Slots
  readonly #publicKey: string
  readonly #held = new Map<string, Held>()

  private constructor(dir: string, bytesMax: number, publicKey: string) {
    this.#dir = dir
    this.#room = new Slots(bytesMax)
    this.#publicKey = publicKey
  }

  /**
   * Opens the outbox of a folder. Segments of generations that were being sealed when the last process ended are
   * removed: their snapshot is gone, so they can never be completed.
   * @param bytesMax sealed bytes above which {@link OutboxStream.append} waits.
   * @param publicKey this node's own signing key, base64.
   */
  static async open(dir: string, bytesMax: number, publicKey: string): Promise<Outbox> {
    const outbox = new Outbox(dir, bytesMax, publicKey)
    await makeFolder(dir)
    for (const stream of await folders(dir)) {
      for (const name of await folders(join(dir, stream))) {
        const generation = Number(name)
        const { state } = await outbox.state(stream, generation)
        if (state === 'complete' || state === 'unfinished') await outbox.#hold(stream, generation)
        else await outbox.abandon(stream, generation)
      }
    }
    return outbox
  }

  /** Sealed bytes that wait now. */
  get bytes(): number {
    return this.#room.taken
  }

  /** How far a generation of a stream has come. */
  async state(stream: string, generation: number): Promise<OutboxState> {
    const text = await readText(join(this.#folder(stream, generation), STATE))
    if (text === null) return { state: 'new' }
    const kept = JSON.parse(text) as { result: SealedResult | null }
    if (kept.result !== null) return { state: 'complete', result: kept.result }
    const plan = await readText(join(this.#folder(stream, generation), PLAN))
    return plan === null ? { state: 'broken' } : { state: 'unfinished', plan }
  }

  /** The largest generation of a stream that was begun here; 0 for none. */
  async newest(stream: string): Promise<number> {
    const found = await folders(join(this.#dir, stream))
    return Math.max(0, ...found.map(Number))
  }

  /** Begins a generation; whatever older ones left is removed. With a plan it goes on after a restart. */
  async begin(stream: string, generation: number, plan: string | null = null): Promise<OutboxStream> {
    for (const older of await folders(join(this.#dir, stream))) await this.remove(stream, Number(older))
    const folder = this.#folder(stream, generation)
    await makeFolder(folder)
    if (plan !== null) await writeDurable(join(folder, PLAN), plan)
    await writeDurable(join(folder, STATE), JSON.stringify({ result: null }))
    return new OutboxStream(folder, this.#room, this.#heldOf(folder), [], null, plan === null ? null : 0n)
  }

  /** Goes on with a generation that has a plan: segments that wait are sent, and others follow the last one. */
  async goOn(stream: string, generation: number): Promise<{ stream: OutboxStream; last: Last | null }> {
    const folder = this.#folder(stream, generation)
    const waiting = await this.#waitingIn(folder)
    const text = await readText(join(folder, LAST))
    const kept = text === null ? null : (JSON.parse(text) as { rows: string; manifest: string })
    const signed = kept && verifyManifest(Buffer.from(kept.manifest, 'utf8'), () => this.#publicKey)
    let last: Last | null = kept && signed && { rows: BigInt(kept.rows), signed }
    // The segment was there before its mark was.
    const newest = waiting.at(-1)?.signed
    if (newest !== undefined && newest.manifest.sequence > (signed?.manifest.sequence ?? 0))
      last = { rows: (last?.rows ?? 0n) + rowsOf(newest.manifest), signed: newest }
    const rows = last?.rows ?? 0n
    return { stream: new OutboxStream(folder, this.#room, this.#heldOf(folder), waiting, null, rows), last }
  }

  /** Goes on with a generation that was sealed to the end: only its waiting segments are left to send. */
  async resume(stream: string, generation: number, result: SealedResult): Promise<OutboxStream> {
    const folder = this.#folder(stream, generation)
    const waiting = await this.#waitingIn(folder)
    return new OutboxStream(folder, this.#room, this.#heldOf(folder), waiting, result, null)
  }

  async #waitingIn(folder: string): Promise<Waiting[]> {
    return Promise.all(
      (await sequencesIn(folder)).map(async (sequence) => {
        const path = join(folder, `${sequence}.seg`)
        const signed = verifyManifest(await readFile(join(folder, `${sequence}.json`)), () => this.#publicKey)
        return { sequence, signed, path, bytes: (await stat(path)).size }
      }),
    )
  }

  /** Removes the segments of a generation and keeps the mark that it was begun, so that it is not begun again. */
  async abandon(stream: string, generation: number): Promise<void> {
    const folder = this.#folder(stream, generation)
    for (const name of await files(folder)) if (name !== STATE) await remove(folder, name)
    this.#letGo(folder)
  }

  /** Forgets a generation: the platform has taken its result. */
  async remove(stream: string, generation: number): Promise<void> {
    const folder = this.#folder(stream, generation)
    await remove(folder)
    this.#letGo(folder)
  }

  async #hold(stream: string, generation: number): Promise<void> {
    const folder = this.#folder(stream, generation)
    const held = this.#heldOf(folder)
    for (const sequence of await sequencesIn(folder)) {
      held.set(sequence, this.#room.force((await stat(join(folder, `${sequence}.seg`))).size))
    }
  }

  #heldOf(folder: string): Held {
    const held = this.#held.get(folder) ?? new Map<number, () => void>()
    this.#held.set(folder, held)
    return held
  }

  #letGo(folder: string): void {
    for (const free of this.#held.get(folder)?.values() ?? []) free()
    this.#held.delete(folder)
  }

  #folder(stream: string, generation: number): string {
    return join(this.#dir, stream, String(generation))
  }
}

/** One generation of one stream: the sealer appends, the uploader takes in order and prunes by receipt. */
export class OutboxStream {
  readonly #folder: string
  readonly #room: Slots
  readonly #held: Held
  readonly #waiting: Waiting[]
  /** Rows that are sealed, of a generation that goes on after a restart; null for others. */
  #rows: bigint | null
  #result: SealedResult | null
  #changed = Promise.withResolvers<void>()

  constructor(
    folder: string,
    room: Slots,
    held: Held,
    waiting: Waiting[],
    result: SealedResult | null,
    rows: bigint | null,
  ) {
    this.#folder = folder
    this.#rows = rows
    this.#room = room
    this.#held = held
    this.#waiting = waiting.sort((a, b) => a.sequence - b.sequence)
    this.#result = result
  }

  /** What was sealed in all, null while sealing goes on. */
  get result(): SealedResult | null {
    return this.#result
  }

  /** Segments that wait to be taken by {@link next}. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** Makes a segment durable; waits while the outbox is full. `result` comes with the final one. */
  async append(segment: SealedSegment, signal: AbortSignal, result: SealedResult | null = null): Promise<void> {
    const { signed, sealed } = segment
    const { sequence } = signed.manifest
    this.#held.set(sequence, await this.#room.take(sealed.length, signal))
    const path = join(this.#folder, `${sequence}.seg`)
    await writeDurable(path, sealed)
    await writeDurable(join(this.#folder, `${sequence}.json`), signed.bytes)
    if (this.#rows !== null) {
      this.#rows += rowsOf(signed.manifest)
      const manifest = Buffer.from(signed.bytes).toString('utf8')
      await writeDurable(join(this.#folder, LAST), JSON.stringify({ rows: this.#rows.toString(), manifest }))
    }
    // Before the final segment can be sent and pruned, it is on record that nothing is missing.
    if (result !== null) await writeDurable(join(this.#folder, STATE), JSON.stringify({ result }))
    this.#result = result
    this.#waiting.push({ sequence, signed, path, bytes: sealed.length })
    this.#wake()
  }

  /** The next segment to send, in order; null when all were given and sealing has ended. */
  async next(signal: AbortSignal): Promise<Waiting | null> {
    const stop = (): void => this.#wake()
    signal.addEventListener('abort', stop, { once: true })
    try {
      for (;;) {
        signal.throwIfAborted()
        const first = this.#waiting.shift()
        if (first !== undefined) return first
        if (this.#result !== null) return null
        await this.#changed.promise
      }
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }

  /** Removes a segment whose receipt was verified. */
  async prune(sequence: number): Promise<void> {
    // The manifest goes first: without it the bytes are nothing, and a repeated announcement is harmless.
    for (const name of [`${sequence}.json`, `${sequence}.seg`]) await unlink(join(this.#folder, name))
    this.#held.get(sequence)?.()
    this.#held.delete(sequence)
  }

  #wake(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }
}

async function sequencesIn(folder: string): Promise<number[]> {
  const sealed = (await files(folder)).map((name) => MANIFEST.exec(name)?.[1]).filter((name) => name !== undefined)
  return sealed.map(Number).sort((a, b) => a - b)
}

async function files(folder: string): Promise<string[]> {
  return (await entries(folder)).filter((entry) => entry.isFile()).map((entry) => entry.name)
}

async function folders(folder: string): Promise<string[]> {
  return (await entries(folder)).filter((entry) => entry.isDirectory()).map((entry) => entry.name)
}

async function entries(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true })
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}
