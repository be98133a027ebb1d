import { FerryNote, PLATFORM_MESSAGES, type PlatformMessage } from '@huitong/contract/ferry'
import { stat } from 'node:fs/promises'
import { type Arrived, type Gap, gapOf, type Incoming, type Note, type Outgoing, removeAll } from '@huitong/ferry'
import { verifyReceipt } from '@huitong/segment'
import type { Static, TSchema } from 'typebox'
import { Check } from 'typebox/value'
import type { Log } from '../log.ts'
import { describeError } from '../problem.ts'
import { VERSION } from '../version.ts'
import type { ArrivedSegments } from './arrived.ts'
import { type Orders, waitFor } from './orders.ts'

const LOOK_EVERY_MS = 500
const AT_ONCE_MAX = 16
/** What is missing is asked for again after so many times the wait: the note itself may be what got lost. */
const ASK_AGAIN_WAITS = 10
const DAY_MS = 86_400_000

/** What carrying takes. */
export interface Crossing {
  readonly incoming: Incoming
  readonly outgoing: Outgoing
  readonly orders: Orders
  readonly arrived: ArrivedSegments
  readonly platformKey: string
  /** Days that a copy is kept; null: until the platform has taken it. */
  readonly keepDays: number | null
  /** How long something is missing before it is asked for: it may be on its way still. */
  readonly askMs: number
  /** A file that asks for a new numbering by being there. */
  readonly renewFile: string
  readonly log: Log
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )

const isMessage = (kind: string, head: object): boolean =>
  Object.hasOwn(PLATFORM_MESSAGES, kind) &&
  Check(PLATFORM_MESSAGES[kind as keyof typeof PLATFORM_MESSAGES] as TSchema, head)

/** Takes what has come over and lays out what is to go, again and again until `signal` is aborted. */
export class Courier {
  readonly #crossing: Crossing
  /** What the last note said, and when it was written. */
  #noted = { text: '', at: 0 }
  #gap: Gap | null = null
  /** When the first file was last put, as far as this life of the agent knows. */
  #repeatedAt = Date.now()
  #fault = ''

  constructor(crossing: Crossing) {
    this.#crossing = crossing
  }

  /** @throws FatalDurabilityError; other errors are passing, most often a folder that is not mounted. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const more = await this.turn()
        this.#fault = ''
        if (more) continue
      } catch (error) {
        const fault = describeError(error)
        if (error instanceof Error && error.name === 'FatalDurabilityError') throw error
        if (fault !== this.#fault) this.#crossing.log.warn('ferry.held', { reason: fault })
        this.#fault = fault
        this.#crossing.incoming.rollback()
      }
      await waitFor(LOOK_EVERY_MS, signal)
    }
  }

  /** One look at both folders; true when there is more to take. */
  async turn(): Promise<boolean> {
    const { incoming, outgoing, keepDays, log } = this.#crossing
    await this.#renewIfAsked()
    for (const note of await incoming.notes()) await this.#heed(note)
    let taken = 0
    for (; taken < AT_ONCE_MAX; taken++) {
      const arrived = await incoming.next()
      if (arrived === null) break
      await this.#take(arrived)
    }
    await incoming.commit()
    for (const { name, code } of incoming.takeRefusals()) log.warn('ferry.refused', { name, code })
    if (keepDays !== null) {
      const dropped = await outgoing.expire(new Date(Date.now() - keepDays * DAY_MS))
      if (dropped > 0) log.warn('ferry.copies_dropped', { files: dropped, days: keepDays })
    }
    await outgoing.carry()
    await this.#repeatFirst()
    await this.#note()
    return taken === AT_ONCE_MAX
  }

  /** A person says that this folder was restored from an older copy, where no note of the platform comes to tell. */
  async #renewIfAsked(): Promise<void> {
    const { outgoing, renewFile, log } = this.#crossing
    if (!(await isThere(renewFile))) return
    log.warn('ferry.renumbered', { platformHas: null, last: outgoing.last })
    await outgoing.renew()
    await removeAll(renewFile)
  }

  async #repeatFirst(): Promise<void> {
    const { outgoing, askMs } = this.#crossing
    if (Date.now() - this.#repeatedAt < ASK_AGAIN_WAITS * askMs) return
    this.#repeatedAt = Date.now()
    await outgoing.repeatFirst()
  }

  async #heed({ head, at }: Note): Promise<void> {
    const { outgoing, log } = this.#crossing
    if (!Check(FerryNote, head)) return log.warn('ferry.note_unknown')
    const note: Static<typeof FerryNote> = head
    this.#crossing.incoming.expect(note.own.series, note.own.last)
    if (note.series !== null && !(await outgoing.acknowledge(note.series, note.number, note.digest))) {
      // The platform has taken what this folder does not remember: it was restored from an older copy.
      log.warn('ferry.renumbered', { platformHas: note.number, last: outgoing.last })
      await outgoing.renew()
    }
    const { series, number, missing } = note
    if (missing.length > 0 && (series ?? outgoing.series) === outgoing.series)
      log.warn('ferry.again', { files: missing.length, first: missing[0]! })
    if (await outgoing.again({ series, number, missing, at })) return
    // The platform lacks what is not kept any more: it was restored from an older copy, or the copy went by its age.
    log.warn('ferry.renumbered', { platformHas: number, last: outgoing.last })
    await outgoing.renew()
  }

  async #note(): Promise<void> {
    const { incoming, outgoing, askMs } = this.#crossing
    const { series, number, digest } = incoming.taken
    const all = await incoming.missing()
    this.#gap = gapOf(this.#gap, all, new Date())
    const isLate = this.#gap !== null && Date.now() - Date.parse(this.#gap.since) >= askMs
    const missing = isLate ? all : []
    const own = { series: outgoing.series, last: outgoing.put }
    const text = JSON.stringify([series, number, missing, own])
    const stale = isLate && Date.now() - this.#noted.at > ASK_AGAIN_WAITS * askMs
    if (text === this.#noted.text && !stale) return
    await outgoing.note({ head: { version: VERSION, own, series, number, digest, missing }, bytes: new Uint8Array(0) })
    this.#noted = { text, at: Date.now() }
  }

  async #take({ header, head, bytes }: Arrived): Promise<void> {
    const { orders, arrived, log } = this.#crossing
    const { kind, number } = header
    if (!isMessage(kind, head))
      // A newer platform says what this node does not understand; the numbers go on.
      return log.warn('ferry.unknown', { number, kind: kind.slice(0, 32) })
    if (kind === 'order') await orders.add(head as PlatformMessage<'order'>)
    else if (kind === 'revoke') await orders.revoke((head as PlatformMessage<'revoke'>).id)
    else if (kind === 'segment') await arrived.put(head as PlatformMessage<'segment'>, bytes)
    else this.#hear(head as PlatformMessage<'answers'>)
    log.info('ferry.taken', { number, kind })
  }

  /** The platform's receipts, and what it refused. */
  #hear({ answers }: PlatformMessage<'answers'>): void {
    const { platformKey, log } = this.#crossing
    for (const { number, code, receipt } of answers) {
      if (code !== null) log.warn('ferry.answer_refused', { number, code })
      if (receipt === null) continue
      try {
        const { channel, generation, sequence } = verifyReceipt(Buffer.from(receipt, 'utf8'), () => platformKey).receipt
        log.info('ferry.receipt', { stream: channel, generation, sequence })
      } catch (error) {
        log.error('ferry.receipt_invalid', { number, reason: describeError(error) })
      }
    }
  }
}
