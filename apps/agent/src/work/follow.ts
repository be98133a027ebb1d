import type { AppliedChanges, ChangeSegment, ChangeTarget, Database, Position, TargetTable } from '@huitong/connectors'
import type { ApplyInput, ApplyResult } from '@huitong/contract/work'
import { rowsOf } from '@huitong/segment'
import { Acknowledgements } from '../acknowledge.ts'
import type { WorkContext } from '../context.ts'
import { downloadSegment, known, type OpenedSegment } from '../download.ts'
import { ahead } from '../limits.ts'
import { manifests, NewerGeneration } from '../manifests.ts'
import { cursorsOf, cursorText } from './changes.ts'

const AHEAD_MAX = 3

/**
 * Brings the changes of one stream into the receiving table, under the token of the channel that loads it: gathered
 * segment by segment, applied in one transaction that moves the cursor. What was done before a restart is not done again.
 */
export async function applyChanges(
  input: ApplyInput,
  database: Database,
  table: TargetTable,
  context: WorkContext,
  progress: () => void,
): Promise<ApplyResult> {
  const { channel, position } = await database.claimTable(table)
  const loader = await database.openChanges({ channel, stream: input.stream, table, fence: position.fence })
  try {
    const acknowledgements = await Acknowledgements.open(input.stream, context)
    for (let generation = begunGeneration(position, input.stream); ;) {
      const stop = new AbortController()
      const bound = { ...context, signal: AbortSignal.any([context.signal, stop.signal]) }
      try {
        const applied = await applyGeneration(input, generation, loader, acknowledgements, bound, progress)
        await acknowledgements.settle()
        const { rows, cursor } = await loader.position()
        const at = cursorText(cursor)
        const { sequence, counts } = applied
        return { generation, sequence, rows, changes: counts, ...(at === null ? {} : { cursor: at }) }
      } catch (error) {
        if (!(error instanceof NewerGeneration)) throw error
        context.log.info('follow.generation', { stream: input.stream, generation: error.generation })
        generation = error.generation
      } finally {
        stop.abort(new Error('left'))
      }
    }
  } finally {
    await loader.close()
  }
}

/** Where an earlier start of this agent had come to. */
function begunGeneration({ staged, applied }: Position, stream: string) {
  if (applied?.stream === stream) return applied.generation
  return staged?.stream === stream ? staged.generation : 1
}

async function applyGeneration(
  input: ApplyInput,
  generation: number,
  loader: ChangeTarget,
  acknowledgements: Acknowledgements,
  context: WorkContext,
  progress: () => void,
): Promise<AppliedChanges> {
  const reached = await loader.reached(generation)
  // One segment back: the next one must follow it in the chain, and the last one is needed to apply what was gathered.
  const from = Math.max(0, Math.min(reached, acknowledgements.acknowledged(generation)) - 1)
  const listed = manifests(input, generation, from, context)
  const opened = ahead(
    listed,
    AHEAD_MAX,
    (signed) =>
      signed.manifest.sequence <= reached ? Promise.resolve(known(signed)) : downloadSegment(signed, context),
    (segment) => segment.close(),
  )
  let applied: AppliedChanges | null = null
  for await (const segment of opened) {
    try {
      applied = await loader.take(toChanges(segment))
    } finally {
      segment.close()
    }
    progress()
    const { sequence } = segment.signed.manifest
    // Rows are not yet seen by readers, but they are kept here durably, and come with the final segment.
    await acknowledgements.send(segment.signed, `changes ${generation}/${sequence}`)
    context.report({ generation, sequence, rows: rowsOf(segment.signed.manifest).toString() })
  }
  if (applied === null) throw new Error('the listing ended before the final segment')
  return applied
}

function toChanges({ signed, plain }: OpenedSegment): ChangeSegment {
  const { generation, sequence, final, columns, plainDigest } = signed.manifest
  const rows = rowsOf(signed.manifest).toString()
  return { generation, sequence, final, columns, rows, plainDigest, plain, ...cursorsOf(signed) }
}
