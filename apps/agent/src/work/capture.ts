import {
  ConnectorError,
  type Database,
  type LogEvent,
  type LoggedColumn,
  type LogPiece,
  type LogPlace,
  type LogRead,
  type LogReader,
  startOf,
} from '@huitong/connectors'
import type { CaptureInput, CaptureResult } from '@huitong/contract/work'
import { countOperations, keyIdOf, LOG_COLUMNS, rowsOf, sealSegment, type SignedManifest } from '@huitong/segment'
import { CaptureTally } from '../capture-tally.ts'
import { followTarget } from '../follow-target.ts'
import type { WorkContext } from '../context.ts'
import { logByGrant } from '../cut-fields.ts'
import { planOf } from '../cut.ts'
import type { OutboxStream, SealedResult } from '../outbox.ts'
import { reasonOf, WorkError } from '../problem.ts'
import { Backoff } from '../retry.ts'
import { SlotMark } from '../slot-mark.ts'
import { isShape, withFields } from '../shape.ts'
import { logOf, openDatabase } from '../source.ts'
import { uploadStream } from '../upload.ts'

const TICK_MS = 1_000
const GRANT_CHECK_MS = 60_000
/** How long what was committed before a fault may take to its receiving table, before the fault is told. */
const DELIVER_MS_MAX = 60_000
/** Attempts to find an exact position; while a long transaction runs there is none. */
const END_TRIES_MAX = 3
/** A position before all others. */
const NOWHERE = '00000000/00000000'

/**
 * Reads the log of a table from the receiving table's position on, seals what the grant lets out and sends it, until the
 * platform asks it to end at an exact position. The source is told only of what the receiving table has committed.
 * @throws WorkError `snapshot.lost` when this process does not know what was sealed before, `grant.*`; ConnectorError
 *   `log_gap`, `log_truncated`, `schema_changed`, …; CallError for refusals of the platform.
 */
export function capture(input: CaptureInput, context: WorkContext): Promise<CaptureResult> {
  return context.turns.run(`capture ${input.stream}`, context.signal, async () => {
    const { outbox } = context
    const { stream, generation } = input
    context.snapshots.drop(input.channel)
    for (const { keyId, publicKey } of input.recipients) {
      if (keyIdOf(publicKey) !== keyId) throw new WorkError('request.invalid', `recipient ${keyId} has another key`)
    }
    const newest = await outbox.newest(stream)
    if (newest > generation) throw new WorkError('snapshot.lost', `generation ${newest} was begun since`)
    const known = await outbox.state(stream, generation)
    if (known.state === 'broken' || known.state === 'unfinished')
      throw new WorkError('snapshot.lost', 'this node was restarted while it was reading')
    try {
      if (known.state === 'new') return await new Capture(input, context).run()
      const left = await outbox.resume(stream, generation, known.result)
      await uploadStream(left, context, () => undefined)
      return { ...known.result, snapshot: null }
    } catch (error) {
      if (!context.stopping()) await outbox.abandon(stream, generation)
      throw error
    }
  })
}

class Capture {
  readonly #input: CaptureInput
  readonly #context: WorkContext
  readonly #stop = new AbortController()
  readonly #signal: AbortSignal
  readonly #read: LogRead
  readonly #tally: CaptureTally
  #database: Database | null = null
  #mark: SlotMark | null = null
  #reader: LogReader | null = null
  #previous: SignedManifest | null = null
  #cursor: CaptureInput['from']
  #endAt: LogPlace | null = null
  #isSearching = false
  #snapshot: string | null = null
  #grantChecked = performance.now()

  constructor(input: CaptureInput, context: WorkContext) {
    this.#input = input
    this.#context = context
    this.#cursor = input.from
    this.#signal = AbortSignal.any([context.signal, this.#stop.signal])
    this.#read = logByGrant(input, context.identity.platform.signingKey, new Date())
    this.#tally = new CaptureTally(input.from)
  }

  async run(): Promise<CaptureResult> {
    const input = this.#input
    const { outbox, dir, keys } = this.#context
    this.#database = await openDatabase(input.source, keys)
    this.#mark = await SlotMark.open(dir, input.slot.slot, input.from.since)
    const stream = await outbox.begin(input.stream, input.generation)
    const bound = { ...this.#context, signal: this.#signal }
    const ticking = this.#tick()
    const sending = uploadStream(stream, bound, () => undefined)
    const following = followTarget(input, bound, {
      applied: (sequence) => this.#tally.applied(sequence),
      end: () => this.#end(),
      isEnding: () => this.#endAt !== null,
    })
    const reading = this.#readAll(stream)
    const parts = [ticking, sending, following, reading]
    // Whichever fails first stops the others; the end of reading and sending is the end of all.
    for (const one of parts) one.catch((error: unknown) => this.#stop.abort(error))
    await Promise.allSettled([reading, sending])
    const failed = this.#stop.signal.aborted
    this.#stop.abort(new Error('done'))
    await Promise.allSettled(parts)
    if (failed) throw this.#stop.signal.reason
    this.#context.signal.throwIfAborted()
    this.#context.log.info('capture.ended', { stream: input.stream, at: this.#cursor.since })
    return { ...stream.result!, snapshot: this.#snapshot }
  }

  /** Reads until the end that was asked for; a source that is away is waited for, however long. */
  async #readAll(stream: OutboxStream): Promise<void> {
    const backoff = new Backoff()
    for (;;) {
      this.#signal.throwIfAborted()
      try {
        const ended = await this.#readSome(stream, () => backoff.reset())
        if (ended) return
      } catch (error) {
        this.#signal.throwIfAborted()
        if (!(error instanceof ConnectorError) || error.hop !== 'source') throw error
        if (!error.retryable) {
          await this.#delivered()
          throw await withFields(error, () => this.#database!.describe(this.#input.table))
        }
        // What was sealed of an unfinished transaction cannot be gone on with.
        if (this.#reader?.isInside === true) throw new WorkError('snapshot.lost', 'the line broke in a transaction')
        this.#tally.away(true)
        this.#context.log.warn('capture.waiting', { stream: this.#input.stream, ...reasonOf(error) })
      } finally {
        this.#reader?.close()
        this.#reader = null
      }
      await backoff.wait(this.#signal)
    }
  }

  async #readSome(stream: OutboxStream, progress: () => void): Promise<boolean> {
    const reader = await logOf(this.#database!).openReader(this.#read, {
      slot: this.#input.slot,
      from: this.#cursor,
      confirmedMax: this.#mark!.confirmed,
      cuts: this.#input.cuts ?? [],
      approved: this.#input.approved,
      onShape: (columns) => this.#requireShape(columns),
      signal: this.#signal,
    })
    this.#reader = reader
    reader.endAt = this.#endAt
    if (this.#isSearching) reader.pause()
    this.#tally.away(false)
    for await (const event of reader.events()) {
      progress()
      if (event.kind === 'idle') this.#tally.idle(event.lsn)
      else await this.#seal(event, stream)
      if (event.kind === 'end') return true
    }
    return false
  }

  async #seal(event: Exclude<LogEvent, { kind: 'idle' }>, stream: OutboxStream): Promise<void> {
    const input = this.#input
    const isFinal = event.kind === 'end'
    const piece = isFinal ? emptyPiece(this.#cursor, event.at) : event
    const sequence = (this.#previous?.manifest.sequence ?? 0) + 1
    const segment = await sealSegment({
      channel: input.stream,
      generation: input.generation,
      sequence,
      kind: 'changes',
      counts: countOperations(piece.data),
      columns: [...LOG_COLUMNS, ...input.columns.map(({ as, type }) => ({ name: as, type }))],
      plain: piece.data,
      recipients: input.recipients.map(({ publicKey }) => publicKey),
      rowsCounted: true,
      final: isFinal,
      source: {
        from: JSON.stringify(piece.from),
        to: JSON.stringify(piece.to),
        snapshot: piece.truncates ? TRUNCATES : null,
      },
      previous: this.#previous,
      signingKey: this.#context.keys.signing.privateKey,
      sealedAt: new Date(),
    })
    this.#tally.sealing(piece, rowsOf(segment.signed.manifest))
    await this.#room(piece)
    this.#tally.sealed(sequence, piece.to, segment.sealed.length)
    await this.#tally.while(
      'outbox_full',
      stream.append(segment, this.#signal, isFinal ? this.#result(segment.signed, piece) : null),
    )
    this.#previous = segment.signed
    this.#cursor = piece.to
  }

  #result(signed: SignedManifest, piece: LogPiece): SealedResult {
    return {
      rows: this.#tally.rows.toString(),
      segments: signed.manifest.sequence,
      finalDigest: signed.manifest.sealedDigest,
      at: piece.to,
    }
  }

  /** A receiving side that does not keep up leaves the log at the source, where it is kept in any case. */
  async #room(piece: LogPiece): Promise<void> {
    // In the middle of a transaction nothing can be committed before its end.
    if (piece.to.since === piece.from.since || this.#reader?.isInside === true) return
    await this.#tally.while('target_behind', this.#tally.room(this.#signal))
  }

  /**
   * The columns that travel are what they were in the copy; and where the log has come to how the table is now, that is the
   * table that was mounted. Before that place the log may describe it as it was. @throws ConnectorError `schema_changed`
   * naming the difference.
   */
  async #requireShape(logged: readonly LoggedColumn[]): Promise<void> {
    const { table, columns } = this.#input
    const place = { table: table.name }
    for (const { field, as, type } of columns) {
      const found = logged.find(({ name }) => name === field)
      const isMasked = this.#read.fields.find((one) => one.as === as)?.mask !== undefined
      const column = { place: { ...place, column: field } }
      if (found === undefined) throw new ConnectorError('schema_changed', `${field} is gone`, column)
      if (!isMasked && found.canonicalType !== type)
        throw new ConnectorError('schema_changed', `${field} is now ${found.canonicalType}, not ${type}`, column)
    }
    const now = await this.#database!.describe(table)
    if (now === null || isShape(now, this.#input)) return
    const textOf = (list: readonly LoggedColumn[]) => list.map((one) => `${one.name} ${one.canonicalType}`).join(', ')
    if (textOf(logged) !== textOf(now.columns)) return
    const granted = new Set(columns.map(({ field }) => field))
    const others = textOf(now.columns.filter(({ name }) => !granted.has(name)))
    const detail = `the fields are not those that were mounted; besides those that travel: ${others || 'none'}`
    throw new ConnectorError('schema_changed', detail, { place })
  }

  /** Ends at the consistent point of a slot of its own, whose snapshot is held for the comparison. */
  async #end(): Promise<void> {
    const { channel, table } = this.#input
    for (let attempt = 1; ; attempt++) {
      // Whatever was read before lies before the position, because nothing is read until it is known.
      this.#isSearching = true
      this.#reader?.pause()
      try {
        const tag = Date.now().toString(36)
        const held = await logOf(this.#database!).createSlot({ channel, tag, table, temporary: true })
        this.#snapshot = this.#context.snapshots.hold(channel, held)
        this.#endAt = startOf(held.slot)
        break
      } catch (error) {
        this.#signal.throwIfAborted()
        if (!(error instanceof ConnectorError)) throw error
        this.#context.log.warn('capture.no_position', { ...reasonOf(error), attempt })
        // Without a snapshot: what waits for it hears so, and following goes on.
        if (attempt >= END_TRIES_MAX) {
          this.#endAt = { since: NOWHERE }
          break
        }
      } finally {
        this.#isSearching = false
        if (this.#reader !== null) this.#reader.endAt = this.#endAt
        this.#reader?.proceed()
      }
      await new Backoff().wait(this.#signal)
    }
  }

  /** What was committed before a fault reaches the receiving table first, as far as that does not take too long. */
  async #delivered(): Promise<void> {
    const until = performance.now() + DELIVER_MS_MAX
    while (!this.#tally.isSettled && performance.now() < until && !this.#signal.aborted) {
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }

  /** Once a second: the source hears what is committed, the platform how far things are. */
  async #tick(): Promise<void> {
    const { platform } = this.#context.identity
    while (!this.#signal.aborted) {
      await new Promise((resolve) => setTimeout(resolve, TICK_MS))
      if (this.#signal.aborted) return
      const committed = this.#tally.confirmable
      if (committed > this.#mark!.confirmed) await this.#mark!.raise(committed)
      this.#reader?.confirm(this.#mark!.confirmed)
      this.#context.report(this.#tally.report(this.#mark!.confirmed, this.#reader))
      if (performance.now() - this.#grantChecked > GRANT_CHECK_MS) {
        this.#grantChecked = performance.now()
        planOf(this.#input.grant, platform.signingKey, new Date())
      }
    }
  }
}

/** The word in a manifest that everything goes before these rows come. */
export const TRUNCATES = 'truncate'

function emptyPiece(from: CaptureInput['from'], to: CaptureInput['from']): LogPiece {
  const later = to.since > from.since ? to : from
  const nothing = { rows: 0, changes: 0, transactions: 0, truncates: false }
  return { kind: 'piece', data: Buffer.alloc(0), ...nothing, from, to: later }
}
