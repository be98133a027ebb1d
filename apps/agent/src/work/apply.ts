import type { Applied, Database, FullCopyTarget, LoadSegment, Position, TargetTable } from '@huitong/connectors'
import type { ApplyInput, ApplyResult } from '@huitong/contract/work'
import { rowsOf, type SignedManifest } from '@huitong/segment'
import { Acknowledgements } from '../acknowledge.ts'
import type { WorkContext } from '../context.ts'
import { downloadSegment, known, type OpenedSegment } from '../download.ts'
import { ahead } from '../limits.ts'
import { manifests, NewerGeneration } from '../manifests.ts'
import { reasonOf } from '../problem.ts'
import { throughRestarts } from '../retry.ts'
import { openDatabase } from '../source.ts'
import { applyLog } from './apply-log.ts'
import { cursorText } from './changes.ts'
import { applyChanges } from './follow.ts'
import { receiveFiles } from './receive-files.ts'
import { applyRepairs } from './repair.ts'

/** Segments that are downloaded and opened while one is being loaded. */
const AHEAD_MAX = 3

/**
 * Loads the segments of a stream into the receiving table, generation by generation, each once and in order, and
 * acknowledges each after its commit. Ends when a generation is visible as a whole; a newer one replaces it on the way.
 * A stream of changes, or of a repair, changes rows in place instead.
 * @throws ConnectorError, SegmentError, WorkError; CallError for refusals of the platform.
 */
export function apply(input: ApplyInput, context: WorkContext): Promise<ApplyResult> {
  return context.turns.run(`apply ${input.stream}`, context.signal, async () => {
    const onWait = (error: Error) => context.log.warn('apply.waiting', { stream: input.stream, ...reasonOf(error) })
    if (input.payload === 'file')
      return throughRestarts(context.signal, (progress) => receiveFiles(input, context, progress), { onWait })
    const database = await openDatabase(input.target, context.keys)
    if (input.payload === 'changes') {
      const table = targetOf(input)
      return throughRestarts(
        context.signal,
        (progress) =>
          input.log !== undefined
            ? applyLog(input, database, table, context, progress)
            : input.deleteKeys === null
              ? applyChanges(input, database, table, context, progress)
              : applyRepairs(input, database, table, context),
        { onWait },
      )
    }
    return throughRestarts(context.signal, (progress) => loadStream(input, database, context, progress), { onWait })
  })
}

/** The receiving table as the work describes it. */
function targetOf(input: ApplyInput): TargetTable {
  const columns = input.columns.map(({ as, type, nullable }) => ({ name: as, type, nullable }))
  return { ...input.table, columns, key: input.key }
}

async function loadStream(
  input: ApplyInput,
  database: Database,
  context: WorkContext,
  progress: () => void,
): Promise<ApplyResult> {
  const table = targetOf(input)
  await database.ensureTable(table)
  const claimed = await database.claimChannel(input.stream, table)
  const loader = await database.openFullCopy({ channel: input.stream, table, fence: claimed.fence })
  try {
    const acknowledgements = await Acknowledgements.open(input.stream, context)
    for (let generation = Math.max(1, claimed.generation); ;) {
      const stop = new AbortController()
      const bound = { ...context, signal: AbortSignal.any([context.signal, stop.signal]) }
      try {
        const sequence = await loadGeneration(input, generation, loader, acknowledgements, bound, progress)
        await acknowledgements.settle()
        const cursor = cursorText((await loader.position()).cursor)
        return { generation, sequence, rows: await database.countRows(table), ...(cursor === null ? {} : { cursor }) }
      } catch (error) {
        if (!(error instanceof NewerGeneration)) throw error
        context.log.info('apply.generation', { stream: input.stream, generation: error.generation })
        generation = error.generation
      } finally {
        // Ends the listing and the downloads ahead of a generation that was left.
        stop.abort(new Error('left'))
      }
    }
  } finally {
    await loader.close()
  }
}

/** Loads one generation to its end; answers its last sequence. */
async function loadGeneration(
  input: ApplyInput,
  generation: number,
  loader: FullCopyTarget,
  acknowledgements: Acknowledgements,
  context: WorkContext,
  progress: () => void,
): Promise<number> {
  let position: Position = await loader.position()
  const applied = position.generation === generation ? position.sequence : 0
  // One segment back: the next one must follow it in the chain.
  const from = Math.max(0, Math.min(applied, acknowledgements.acknowledged(generation)) - 1)
  context.report(progressOf(position))
  const listed = manifests(input, generation, from, context)
  const open = (signed: SignedManifest) =>
    signed.manifest.sequence <= applied ? Promise.resolve(known(signed)) : downloadSegment(signed, context)
  const opened = ahead(listed, AHEAD_MAX, open, (segment) => segment.close())
  for await (const segment of opened) {
    try {
      const done: Applied = await loader.apply(toLoad(segment))
      position = done.position
    } finally {
      segment.close()
    }
    progress()
    await acknowledgements.send(segment.signed, `${position.generation}/${position.sequence}`)
    context.report(progressOf(position))
  }
  return position.sequence
}

function toLoad({ signed, plain }: OpenedSegment): LoadSegment {
  const { generation, sequence, final, columns, source } = signed.manifest
  const cursor = cursorText(source.to) === null ? null : source.to
  return { generation, sequence, final, columns, rows: rowsOf(signed.manifest).toString(), plain, cursor }
}

const progressOf = ({ generation, sequence, rows }: Position) => ({ generation, sequence, rows })
