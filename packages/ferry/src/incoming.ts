import { join } from 'node:path'
import {
  beginningOf,
  cutBytes,
  entriesIn,
  factsOf,
  makeOwn,
  move,
  namesIn,
  readOwn,
  removeAll,
  writeOwn,
} from './disk.ts'
import {
  type Content,
  CONTENT_BYTES_MAX,
  type Direction,
  type Header,
  headerDigest,
  isSignedBy,
  openContent,
  readName,
  readTop,
  type ReadTop,
  TOP_BYTES_MAX,
} from './envelope.ts'
import { FerryError, type FerryErrorCode } from './errors.ts'

/** One direction of a crossing, as its receiver has it. */
export interface IncomingOptions {
  /** Folder of our own: how far has been taken. */
  readonly dir: string
  /** Folder into which the gate, or a person, brings files; what was taken is removed from it. */
  readonly folder: string
  /** Folder for what is refused, each file with its reason beside it. */
  readonly refused: string
  readonly node: string
  readonly direction: Direction
  /** Our X25519 key, base64 PKCS#8. */
  readonly privateKey: string
  /** The raw Ed25519 key (base64) that must have signed this; null when nobody's. */
  readonly signerOf: (header: Header) => string | null
  readonly now: () => Date
}

/** A file whose turn it is: verified and opened. */
export interface Arrived extends Content {
  readonly header: Header
  readonly name: string
}

/** What the other side says beside the order, and when it wrote that by its own clock, ISO 8601. */
export interface Note extends Content {
  readonly at: string
}

/** A file that was not taken. */
export interface Refused {
  readonly name: string
  readonly code: FerryErrorCode
  readonly at: string
  /** It lies where it lay: it cannot be put aside. */
  readonly left: boolean
}

/** The first number that is missing, and since when it is. */
export interface Gap {
  readonly number: number
  readonly since: string
}

/** The gap as it is now: one that was there before keeps its beginning. */
export function gapOf(before: Gap | null, missing: readonly number[], now: Date): Gap | null {
  const [number] = missing
  if (number === undefined) return null
  return before?.number === number ? before : { number, since: now.toISOString() }
}

/** What holds the crossing up: a number that is missing while later ones are here, or a file that is not whole yet. */
export interface Waiting {
  readonly reason: 'missing' | 'growing'
  readonly number: number
  /** Since when, ISO 8601. */
  readonly since: string
}

interface State {
  readonly series: string | null
  /** All up to it were taken. */
  readonly number: number
  readonly digest: string | null
  /** Short digests of the latest headers, by number: the same number must not come with other content. */
  readonly recent: Readonly<Record<string, string>>
  /** Series that are no longer in force, the newest last. */
  readonly past: readonly string[]
}

const STATE = 'received.json'
/** A file that did not grow for so long will not become whole. */
export const CUT_AFTER_MS = 10 * 60_000
const RECENT_MAX = 500
/** A file of another name may still be on its way to its real one. */
const STRANGER_SETTLES_MS = 60_000
const PAST_MAX = 200
/** Refused files that are kept with their reasons; the oldest go first. */
export const REFUSED_FILES_MAX = 200
/** What cannot be put aside stays, and is told once. */
const LEFT = 'left.json'
const FILE_BYTES_MAX = TOP_BYTES_MAX + CONTENT_BYTES_MAX
/** Of a name of 255 bytes at most, the rest is for its time and endings. */
const ASIDE_NAME_BYTES = 200
const MISSING_MAX = 100
const HALF_WRITTEN = /^[.~]|\.(part|tmp|partial|filepart|crdownload)$/i

/**
 * The receiving end: gives the messages of a series in their order, each once. Duplicates are removed, what is cut,
 * changed, foreign or of another history is put aside with its reason, and what is missing is told.
 */
export class Incoming {
  readonly #options: IncomingOptions
  #durable: State
  #state: State
  /** Given since the last {@link commit}. */
  #given: string[] = []
  #waiting: Waiting | null = null
  #refusals: Refused[] = []
  #expected = { series: '', last: 0 }
  /** What was left in the folder though it is refused: when a plain file last changed, ms; 0 for anything else. */
  readonly #left: Map<string, number>

  private constructor(options: IncomingOptions, state: State, left: Readonly<Record<string, number>>) {
    this.#options = options
    this.#left = new Map(Object.entries(left))
    this.#durable = state
    this.#state = state
  }

  static async open(options: IncomingOptions): Promise<Incoming> {
    await makeOwn(options.dir)
    await makeOwn(options.refused)
    const state = await readOwn<State>(join(options.dir, STATE))
    const left = await readOwn<Record<string, number>>(join(options.dir, LEFT))
    return new Incoming(options, state ?? { series: null, number: 0, digest: null, recent: {}, past: [] }, left ?? {})
  }

  /** How far has been taken durably: series, number, and the digest of that file's header. */
  get taken(): { series: string | null; number: number; digest: string | null } {
    const { series, number, digest } = this.#durable
    return { series, number, digest }
  }
  /** What held up the last {@link next}; null for nothing. */
  get waiting(): Waiting | null {
    return this.#waiting
  }
  /** What was refused since the last call. */
  takeRefusals(): Refused[] {
    return this.#refusals.splice(0)
  }

  /** The next message in order, or null; its file stays until {@link commit}. */
  async next(): Promise<Arrived | null> {
    this.#waiting = null
    for (const one of await this.#candidates()) {
      const arrived = await this.#guarded(one.name, () => this.#look(one.name, one.number))
      if (arrived !== null) return arrived
    }
    if (this.#waiting === null) await this.#findGap()
    return null
  }

  /** Says that all that {@link next} gave is safe: it is not given again, and its files are removed. */
  async commit(): Promise<void> {
    if (this.#given.length === 0) return
    await writeOwn(join(this.#options.dir, STATE), JSON.stringify(this.#state))
    this.#durable = this.#state
    for (const name of this.#given.splice(0)) await removeAll(join(this.#options.folder, name))
  }

  /** Forgets what was given since the last commit: {@link next} gives it again. */
  rollback(): void {
    this.#state = this.#durable
    this.#given = []
  }

  /** The newest notes of the other side, which are removed by being read. */
  async notes(): Promise<Note[]> {
    const found: Note[] = []
    for (const { name, number } of await this.#ours()) {
      if (number !== 0) continue
      const note = await this.#guarded(name, async () => {
        const top = await this.#verifiedTop(name)
        if (top === null || !(await this.#isWhole(name, top))) return null
        return { ...(await this.#open(name, top)), at: top.header.at }
      })
      if (note === null) continue
      found.push(note)
      await removeAll(join(this.#options.folder, name))
    }
    return found
  }

  /** The sender says up to where it has laid out: what is missing at the end is seen only by that. */
  expect(series: string, last: number): void {
    this.#expected = { series, last }
  }

  /**
   * Numbers of the series in force that are not here while later ones are, or are said to be; at most 100. The first of a
   * series that has begun and is not in force yet is missing too.
   */
  async missing(): Promise<number[]> {
    const { series, last: said } = this.#expected
    const { series: current, past } = this.#state
    if (said > 0 && current !== null && series !== current && !past.includes(series)) {
      const isHere = (await this.#ours()).some((one) => one.series === series.slice(0, 8) && one.number === 1)
      return isHere ? [] : [1]
    }
    const here = await this.#numbersHere()
    const last = Math.max(series === current || current === null ? said : 0, ...here)
    const missing: number[] = []
    for (let number = this.#state.number + 1; number <= last && missing.length < MISSING_MAX; number++) {
      if (!here.has(number)) missing.push(number)
    }
    return missing
  }

  async #numbersHere(): Promise<Set<number>> {
    const series = this.#state.series?.slice(0, 8)
    return new Set((await this.#ours()).filter((one) => one.series === series).map(({ number }) => number))
  }

  async #findGap(): Promise<void> {
    const [first] = await this.missing()
    if (first === undefined) return
    const later = (await this.#ours()).find((one) => one.number > first)
    const facts = later && (await factsOf(join(this.#options.folder, later.name)))
    const since = new Date(facts?.changedMs ?? this.#options.now().getTime()).toISOString()
    this.#waiting = { reason: 'missing', number: first, since }
  }

  /** Files whose turn it is, first what is here again, then the next, then the beginnings of other series. */
  async #candidates(): Promise<{ name: string; number: number }[]> {
    const { series, number } = this.#state
    const mine = series?.slice(0, 8)
    const given = new Set(this.#given)
    const ours = (await this.#ours()).filter((one) => one.number > 0 && !given.has(one.name))
    const current = ours.filter((one) => one.series === mine && one.number <= number + 1)
    const old = new Set(this.#state.past.map((one) => one.slice(0, 8)))
    const others = ours.filter((one) => one.series !== mine && (one.number === 1 || old.has(one.series)))
    return [...current, ...others]
  }

  /** Names that are a crossing of this node; others are refused when they are no half-written file. */
  async #ours(): Promise<{ name: string; series: string; number: number }[]> {
    const { folder, node, direction } = this.#options
    const ours: { name: string; series: string; number: number }[] = []
    for (const { name, isPlain } of await entriesIn(folder)) {
      if (HALF_WRITTEN.test(name) || (await this.#isLeft(name, isPlain))) continue
      const read = isPlain ? readName(name) : null
      if (read !== null && read.node === node.slice(0, 8) && read.direction === direction) ours.push({ name, ...read })
      else if (read !== null) await this.#refuse(name, new FerryError('foreign', 'name'))
      else await this.#refuseStranger(name)
    }
    return ours
  }

  async #refuseStranger(name: string): Promise<void> {
    const facts = await factsOf(join(this.#options.folder, name))
    if (facts === null || this.#options.now().getTime() - facts.changedMs < STRANGER_SETTLES_MS) return
    await this.#refuse(name, new FerryError('not_ferry', 'name'))
  }

  /** Whether it was refused before and lies there unchanged. */
  async #isLeft(name: string, isPlain: boolean): Promise<boolean> {
    const changedMs = this.#left.get(name)
    if (changedMs === undefined || !isPlain) return changedMs === 0
    return (await factsOf(join(this.#options.folder, name)))?.changedMs === changedMs
  }

  /** Looks at one file in its turn; null when it is none to give now. */
  async #look(name: string, number: number): Promise<Arrived | null> {
    const top = await this.#verifiedTop(name)
    if (top === null) return this.#growing(name, number)
    const { header } = top
    if (header.number !== number) throw new FerryError('renamed', `holds ${header.number}`)
    const { series, past } = this.#state
    if (past.includes(header.series)) throw new FerryError('old_series', header.series)
    const digest = headerDigest(top.top)
    if (header.series === series && number <= this.#state.number) return this.#duplicate(name, number, digest)
    if (header.series !== series && number !== 1) throw new FerryError('renamed', 'another series')
    const after = header.series === series ? this.#state.digest : null
    if (header.previous !== after) throw new FerryError('history', `file ${number}`)
    if (!(await this.#isWhole(name, top))) return this.#growing(name, number)
    const content = await this.#open(name, top)
    this.#state = this.#after(header, digest)
    this.#given.push(name)
    return { header, name, ...content }
  }

  #after({ series, number }: Header, digest: string): State {
    const { series: before, past } = this.#state
    const isNew = series !== before
    const recent = Object.entries(isNew ? {} : this.#state.recent).slice(1 - RECENT_MAX)
    return {
      series,
      number,
      digest,
      recent: Object.fromEntries([...recent, [String(number), digest.slice(0, 16)]]),
      past: isNew && before !== null ? [...past, before].slice(-PAST_MAX) : past,
    }
  }

  /** The signed header of a file, null while it is not there yet. */
  async #verifiedTop(name: string): Promise<ReadTop | null> {
    const { folder, node, direction, signerOf } = this.#options
    const top = readTop(await beginningOf(join(folder, name), TOP_BYTES_MAX))
    if (top === null) return null
    const { header } = top
    if (header.node !== node || header.direction !== direction) throw new FerryError('foreign', header.node)
    const signer = signerOf(header)
    if (signer === null || !isSignedBy(top, signer)) throw new FerryError('unsigned', `key ${header.by}`)
    if (header.bytes > CONTENT_BYTES_MAX) throw new FerryError('too_large', `${header.bytes} bytes`)
    return top
  }

  async #isWhole(name: string, { header, top }: ReadTop): Promise<boolean> {
    const facts = await factsOf(join(this.#options.folder, name))
    const expected = top.length + header.bytes
    if (facts !== null && facts.bytes > expected) throw new FerryError('damaged', `${facts.bytes} of ${expected} bytes`)
    return facts?.bytes === expected
  }

  async #open(name: string, { header, top }: ReadTop): Promise<Content> {
    const bytes = await beginningOf(join(this.#options.folder, name), top.length + header.bytes)
    return openContent(header, bytes.subarray(top.length), this.#options.privateKey)
  }

  async #growing(name: string, number: number): Promise<null> {
    const facts = await factsOf(join(this.#options.folder, name))
    if (facts === null) return null
    if (this.#options.now().getTime() - facts.changedMs > CUT_AFTER_MS)
      throw new FerryError('cut', `${facts.bytes} bytes`)
    if (number > 0) this.#waiting ??= { reason: 'growing', number, since: new Date(facts.changedMs).toISOString() }
    return null
  }

  async #duplicate(name: string, number: number, digest: string): Promise<null> {
    const known = this.#state.recent[String(number)]
    if (known !== undefined && known !== digest.slice(0, 16)) throw new FerryError('reused', `file ${number}`)
    await removeAll(join(this.#options.folder, name))
    return null
  }

  async #guarded<T>(name: string, look: () => Promise<T | null>): Promise<T | null> {
    try {
      return await look()
    } catch (error) {
      if (error instanceof FerryError) await this.#refuse(name, error)
      // A gate that takes files away again: it comes back, or it is missing.
      else if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
      return null
    }
  }

  /** Puts a file aside with its reason; of too many the oldest go. What cannot be put aside is left where it is. */
  async #refuse(name: string, error: FerryError): Promise<void> {
    const { folder, refused, now } = this.#options
    const at = now().toISOString()
    const aside = `${at.replaceAll(/\D/g, '')}-${cutBytes(name, ASIDE_NAME_BYTES)}`
    const kept = (await namesIn(refused)).sort()
    for (const old of kept.slice(0, Math.max(0, kept.length + 2 - 2 * REFUSED_FILES_MAX)))
      await removeAll(join(refused, old))
    await writeOwn(
      join(refused, `${aside}.reason.json`),
      JSON.stringify({ name, code: error.code, words: error.words, detail: error.detail, at }),
    )
    const path = join(folder, name)
    const facts = await factsOf(path)
    const isMovable = facts === null || (facts.isPlain && facts.bytes <= FILE_BYTES_MAX)
    const left = !isMovable || !(await move(path, join(refused, aside)))
    if (left) await this.#leave(name)
    this.#refusals.push({ name, code: error.code, at, left })
  }

  async #leave(name: string): Promise<void> {
    const { dir, folder } = this.#options
    const here = new Set(await namesIn(folder))
    for (const old of [...this.#left.keys()].filter((one) => !here.has(one))) this.#left.delete(old)
    const facts = await factsOf(join(folder, name))
    if (facts === null) return
    this.#left.set(name, facts.isPlain ? facts.changedMs : 0)
    await writeOwn(join(dir, LEFT), JSON.stringify(Object.fromEntries(this.#left)))
  }
}
