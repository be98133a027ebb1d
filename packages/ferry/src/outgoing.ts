import { randomUUID } from 'node:crypto'
import { readFile, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import type { KeyPairText } from '@huitong/segment'
import { beginningOf, factsOf, makeOwn, namesIn, readOwn, removeAll, writeCarried, writeOwn } from './disk.ts'
import {
  type Content,
  type Direction,
  headerDigest,
  nameOf,
  readName,
  readTop,
  sealContent,
  signFile,
  TOP_BYTES_MAX,
} from './envelope.ts'

/** One direction of a crossing, as its sender has it. */
export interface OutgoingOptions {
  /** Folder of our own: numbering, and copies of what the other side has not acknowledged. */
  readonly dir: string
  /** Folder from which the gate, or a person, carries. It must be there: it is most often mounted. */
  readonly folder: string
  readonly node: string
  readonly direction: Direction
  readonly signing: KeyPairText
  /** The other side's X25519 key, base64. */
  readonly recipient: string
  /** Bytes that are kept at most; {@link Outgoing.hasRoom} is false above it. */
  readonly keptBytesMax: number
  readonly now: () => Date
}

interface State {
  readonly series: string
  /** Last number that was given, and the digest of its header. */
  readonly last: number
  readonly lastDigest: string | null
  /** Up to where files were put into the folder. */
  readonly put: number
  /** Up to where the other side has taken them. */
  readonly taken: number
  /** When the newest note that was heeded was written, by the other side's clock. */
  readonly heard?: string
}

/** What a note says is lacking. */
export interface Lacking {
  /** The numbering that the other side has in force; null for none. */
  readonly series: string | null
  /** Up to where it has taken that. */
  readonly number: number
  readonly missing: readonly number[]
  /** When the note was written, ISO 8601. */
  readonly at: string
}

/** Files that lie in the folder at one time; the rest waits until some were carried away. */
export const FOLDER_FILES_MAX = 500
const STATE = 'sent.json'
const KEPT = /^(\d{10})\.ferry$/
const keptName = (number: number) => `${String(number).padStart(10, '0')}.ferry`

/**
 * The sending end: each message gets the next number, is sealed, signed and kept durably, and is then put into the folder.
 * It is kept until the other side has taken it, or until {@link Outgoing.expire}.
 */
export class Outgoing {
  readonly #options: OutgoingOptions
  #state: State
  /** Bytes of the kept files, by number. */
  readonly #kept: Map<number, number>
  #turn: Promise<unknown> = Promise.resolve()

  private constructor(options: OutgoingOptions, state: State, kept: Map<number, number>) {
    this.#options = options
    this.#state = state
    this.#kept = kept
  }

  /** Opens the sending end, or begins its first series. A file that was kept before its number was noted counts. */
  static async open(options: OutgoingOptions): Promise<Outgoing> {
    await makeOwn(options.dir)
    const read = await readOwn<State>(join(options.dir, STATE))
    let state = read ?? { series: randomUUID(), last: 0, lastDigest: null, put: 0, taken: 0 }
    if (read === null) await writeOwn(join(options.dir, STATE), JSON.stringify(state))
    const folder = join(options.dir, state.series)
    await makeOwn(folder)
    const kept = new Map<number, number>()
    for (const name of (await namesIn(folder)).sort()) {
      const number = Number(KEPT.exec(name)?.[1] ?? 0)
      if (number === 0) continue
      const path = join(folder, name)
      kept.set(number, (await factsOf(path))?.bytes ?? 0)
      if (number <= state.last) continue
      const top = readTop(await beginningOf(path, TOP_BYTES_MAX))
      if (top !== null) state = { ...state, last: number, lastDigest: headerDigest(top.top) }
    }
    const outgoing = new Outgoing(options, state, kept)
    await outgoing.#removeOlder()
    return outgoing
  }

  get series(): string {
    return this.#state.series
  }
  /** Last number given; last one put into the folder; last one that the other side has taken. */
  get last(): number {
    return this.#state.last
  }
  get put(): number {
    return this.#state.put
  }
  get taken(): number {
    return this.#state.taken
  }
  /** Files and bytes that are kept. */
  get kept(): { files: number; bytes: number } {
    return { files: this.#kept.size, bytes: [...this.#kept.values()].reduce((sum, one) => sum + one, 0) }
  }
  /** Whether another message may be sent now. */
  get hasRoom(): boolean {
    return this.kept.bytes < this.#options.keptBytesMax
  }

  /** Gives the next number to a message and makes it durable; {@link carry} brings it into the folder. */
  send(kind: string, content: Content, key: string | null = null): Promise<number> {
    return this.#inTurn(async () => {
      const { node, direction, recipient, signing, now } = this.#options
      const sealed = await sealContent(content, { node, direction, kind }, recipient)
      const number = this.#state.last + 1
      const { series, lastDigest } = this.#state
      const facts = { node, direction, series, number, previous: lastDigest, kind, at: now().toISOString(), key }
      const file = signFile(facts, sealed, signing)
      await writeOwn(this.#pathOf(number), file.top, file.sealed)
      this.#kept.set(number, file.top.length + sealed.length)
      await this.#save({ ...this.#state, last: number, lastDigest: headerDigest(file.top) })
      return number
    })
  }

  /** Puts into the folder what has its number and was not put yet, as far as there is room. @throws when there is no folder. */
  carry(): Promise<void> {
    return this.#inTurn(async () => {
      for (let number = this.#state.put + 1; number <= this.#state.last; number++) {
        if ((await this.#lying()) >= FOLDER_FILES_MAX) return
        await this.#putOne(number)
        await this.#save({ ...this.#state, put: number })
      }
    })
  }

  /**
   * Puts once more what the other side says did not arrive. False when that is no longer kept: the other side forgot what it
   * had taken, or its copy went by its age, and only a new series goes on. A note that is not the newest says nothing of that.
   */
  again({ series, number: taken, missing, at }: Lacking): Promise<boolean> {
    return this.#inTurn(async () => {
      const isNewest = at > (this.#state.heard ?? '')
      if (isNewest) await this.#save({ ...this.#state, heard: at })
      if (missing.length === 0) return true
      if (series !== null && series !== this.#state.series) return !(isNewest && this.#state.taken > 0)
      // A number that it has taken is one of another series, of which it has only heard.
      const isGone = (number: number) => number > taken && number <= this.#state.last && !this.#kept.has(number)
      if (isNewest && missing.some(isGone)) return false
      for (const number of missing) {
        if (number > this.#state.put || (await this.#lying()) >= FOLDER_FILES_MAX) continue
        await this.#putOne(number)
      }
      return true
    })
  }

  /** Puts the first file once more while no note has named its series: nobody may know yet that there is one to miss. */
  repeatFirst(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#state.taken === 0 && this.#state.put > 0) await this.#layOut(1)
    })
  }

  /** Writes a note: what has no number, of which only the newest counts and which may get lost. */
  note(content: Content): Promise<void> {
    return this.#inTurn(async () => {
      const { node, direction, recipient, signing, now, folder } = this.#options
      const kind = 'note'
      const sealed = await sealContent(content, { node, direction, kind }, recipient)
      const { series } = this.#state
      const facts = { node, direction, series, number: 0, previous: null, kind, at: now().toISOString(), key: null }
      const file = signFile(facts, sealed, signing)
      await writeCarried(folder, nameOf(file.header), Buffer.concat([file.top, file.sealed]))
    })
  }

  /**
   * The other side has taken all up to a number: nothing of it is needed any more. False when it has taken more than this
   * memory gave, or something else: it is older than what was sent, and a new series must begin.
   */
  acknowledge(series: string, number: number, digest: string | null): Promise<boolean> {
    return this.#inTurn(async () => {
      if (series !== this.#state.series || number <= this.#state.taken) return true
      if (number > this.#state.last) return false
      const own = await this.#digestOf(number)
      if (own !== null && own !== digest) return false
      await this.#save({ ...this.#state, taken: number })
      for (const one of [...this.#kept.keys()].filter((kept) => kept <= number)) await this.#drop(one)
      return true
    })
  }

  /** Gives up the copies of files that were put before a time, whether or not they were taken. Answers how many. */
  expire(before: Date): Promise<number> {
    return this.#inTurn(async () => {
      let dropped = 0
      for (const number of [...this.#kept.keys()].filter((kept) => kept <= this.#state.put)) {
        const facts = await factsOf(this.#pathOf(number))
        if (facts !== null && facts.modifiedMs >= before.getTime()) continue
        await this.#drop(number)
        dropped++
      }
      return dropped
    })
  }

  /** Begins a new series: what is kept gets new numbers and is put again, so that nothing is missing in it. */
  renew(): Promise<void> {
    return this.#inTurn(async () => {
      const { node, direction, signing, dir, folder } = this.#options
      const series = randomUUID()
      const kept = new Map<number, number>()
      let lastDigest: string | null = null
      await makeOwn(join(dir, series))
      for (const old of [...this.#kept.keys()].sort((a, b) => a - b)) {
        const bytes = await readFile(this.#pathOf(old))
        const { header, top } = readTop(bytes)!
        const number = kept.size + 1
        const { kind, at, key } = header
        const sealed = bytes.subarray(top.length)
        const file = signFile({ node, direction, series, number, previous: lastDigest, kind, at, key }, sealed, signing)
        await writeOwn(join(dir, series, keptName(number)), file.top, file.sealed)
        kept.set(number, file.top.length + sealed.length)
        lastDigest = headerDigest(file.top)
      }
      await this.#save({ ...this.#state, series, last: kept.size, lastDigest, put: 0, taken: 0 })
      this.#kept.clear()
      for (const [number, bytes] of kept) this.#kept.set(number, bytes)
      await this.#removeOlder()
      for (const name of await this.#namesOfOurs()) await removeAll(join(folder, name))
    })
  }

  /** Its age counts from now on. */
  async #putOne(number: number): Promise<void> {
    await this.#layOut(number)
    const now = this.#options.now()
    if (this.#kept.has(number)) await utimes(this.#pathOf(number), now, now)
  }

  async #layOut(number: number): Promise<void> {
    if (!this.#kept.has(number)) return
    const { node, direction, folder } = this.#options
    const bytes = await readFile(this.#pathOf(number))
    await writeCarried(folder, nameOf({ node, direction, series: this.#state.series, number }), bytes)
  }

  async #drop(number: number): Promise<void> {
    const { node, direction, folder } = this.#options
    const name = nameOf({ node, direction, series: this.#state.series, number })
    // A gate that leaves what it has carried would fill the folder.
    await removeAll(this.#pathOf(number), join(folder, name))
    this.#kept.delete(number)
  }

  async #digestOf(number: number): Promise<string | null> {
    if (number === this.#state.last) return this.#state.lastDigest
    if (!this.#kept.has(number)) return null
    return headerDigest(readTop(await beginningOf(this.#pathOf(number), TOP_BYTES_MAX))!.top)
  }

  async #namesOfOurs(): Promise<string[]> {
    const { node, direction, folder } = this.#options
    return (await namesIn(folder)).filter((name) => {
      const read = readName(name)
      return read !== null && read.node === node.slice(0, 8) && read.direction === direction
    })
  }

  async #lying(): Promise<number> {
    return (await this.#namesOfOurs()).length
  }

  #pathOf(number: number): string {
    return join(this.#options.dir, this.#state.series, keptName(number))
  }

  async #save(state: State): Promise<void> {
    await writeOwn(join(this.#options.dir, STATE), JSON.stringify(state))
    this.#state = state
  }

  async #removeOlder(): Promise<void> {
    const { dir } = this.#options
    for (const name of await namesIn(dir)) {
      if (name !== STATE && name !== this.#state.series) await removeAll(join(dir, name))
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work, work)
    this.#turn = mine.catch(() => undefined)
    return mine
  }
}
