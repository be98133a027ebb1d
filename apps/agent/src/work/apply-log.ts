import type { Database, LogLoader, LogSegment, TargetTable } from '@huitong/connectors'
import type { ApplyInput, ApplyResult } from '@huitong/contract/work'
import { rowsOf, type SignedManifest } from '@huitong/segment'
import { Acknowledgements } from '../acknowledge.ts'
import type { WorkContext } from '../context.ts'
import { downloadSegment, known, type OpenedSegment } from '../download.ts'
import { ahead } from '../limits.ts'
import { manifests, NewerGeneration } from '../manifests.ts'
import { TRUNCATES } from './capture.ts'
import { logOf } from '../source.ts'
import { cursorsOf, cursorText } from './changes.ts'

const AHEAD_MAX = 4
/** Segments that are committed together when several wait. */
const TOGETHER_MAX = 8

/**
 * Brings the log of one table into the receiving table as long as it comes: whole transactions of the source in their
 * order, each once, under the token of the channel. Each segment is acknowledged after its commit. Ends with the final
 * segment, which stands at an exact position.
 */
export async function applyLog(
  input: ApplyInput,
  database: Database,
  table: TargetTable,
  context: WorkContext,
  progress: () => void,
): Promise<ApplyResult> {
  const { channel, position } = await database.claimTable(table)
  const loader = await logOf(database).openTarget({
    channel,
    stream: input.stream,
    table,
    fence: position.fence,
    rebase: input.log?.rebase ?? null,
  })
  try {
    const acknowledgements = await Acknowledgements.open(input.stream, context)
    const { applied } = position
    for (let generation = applied?.stream === input.stream ? applied.generation : 1; ;) {
      const stop = new AbortController()
      const bound = { ...context, signal: AbortSignal.any([context.signal, stop.signal]) }
      try {
        const sequence = await applyGeneration(input, generation, loader, acknowledgements, bound, progress)
        await acknowledgements.settle()
        const { rows, cursor, applied: done } = await loader.position()
        const at = cursorText(cursor)
        const changes = done?.stream === input.stream ? { changes: done.counts } : {}
        return { generation, sequence, rows, ...changes, ...(at === null ? {} : { cursor: at }) }
      } catch (error) {
        if (!(error instanceof NewerGeneration)) throw error
        context.log.info('follow.generation', { stream: input.stream, generation: error.generation })
        await loader.drop()
        generation = error.generation
      } finally {
        stop.abort(new Error('left'))
      }
    }
  } finally {
    await loader.close()
  }
}

async function applyGeneration(
  input: ApplyInput,
  generation: number,
  loader: LogLoader,
  acknowledgements: Acknowledgements,
  context: WorkContext,
  progress: () => void,
): Promise<number> {
  const reached = await loader.reached(generation)
  // One segment back: the next one must follow it in the chain.
  const from = Math.max(0, Math.min(reached, acknowledgements.acknowledged(generation)) - 1)
  const listed = manifests(input, generation, from, context)
  const open = (signed: SignedManifest) =>
    signed.manifest.sequence <= reached ? Promise.resolve(known(signed)) : downloadSegment(signed, context)
  let taken: SignedManifest[] = []
  let sequence = reached
  const commit = async (): Promise<void> => {
    const { cursor, rows, applied } = loader.isOpen ? await loader.commit() : await loader.position()
    const at = cursorText(cursor)?.since ?? ''
    for (const signed of taken) await acknowledgements.send(signed, `log ${at}`)
    taken = []
    progress()
    context.report({ generation, sequence, rows, ...(applied === null ? {} : { changes: applied.counts }) })
  }
  const segments = new Peekable(ahead(listed, AHEAD_MAX, open, (segment) => segment.close()))
  for (let next = await segments.next(); next !== null; next = await segments.next()) {
    try {
      const { manifest } = next.signed
      if (manifest.sequence > reached) await loader.merge(toLog(next))
      sequence = manifest.sequence
      taken.push(next.signed)
    } finally {
      next.close()
    }
    if (loader.isInside) continue
    if (taken.length >= TOGETHER_MAX || !(await segments.isReady())) await commit()
  }
  if (taken.length > 0) await commit()
  return sequence
}

/** Knows whether the next item is there already. */
class Peekable {
  readonly #source: AsyncIterator<OpenedSegment>
  #next: Promise<IteratorResult<OpenedSegment>> | null = null

  constructor(source: AsyncGenerator<OpenedSegment>) {
    this.#source = source
  }

  async next(): Promise<OpenedSegment | null> {
    const pending = this.#next ?? this.#source.next()
    this.#next = null
    const { done, value } = await pending
    return done === true ? null : value
  }

  async isReady(): Promise<boolean> {
    this.#next ??= this.#source.next()
    // A failure is thrown by whoever takes the item.
    this.#next.catch(() => undefined)
    const ready = this.#next.then(
      () => true,
      () => true,
    )
    const now = new Promise<boolean>((resolve) => setImmediate(() => resolve(false)))
    return Promise.race([ready, now])
  }
}

function toLog({ signed, plain }: OpenedSegment): LogSegment {
  const { generation, sequence, final, columns, plainDigest, source } = signed.manifest
  const rows = rowsOf(signed.manifest).toString()
  const truncates = source.snapshot === TRUNCATES
  return { generation, sequence, final, columns, rows, plainDigest, plain, truncates, ...cursorsOf(signed) }
}
