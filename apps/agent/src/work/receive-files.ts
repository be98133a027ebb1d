import { type Cursor, FileReceiver, type FilePosition } from '@huitong/connectors'
import type { ApplyInput, ApplyResult } from '@huitong/contract/work'
import { Acknowledgements } from '../acknowledge.ts'
import type { WorkContext } from '../context.ts'
import { downloadSegment, known } from '../download.ts'
import { ahead } from '../limits.ts'
import { manifests, NewerGeneration } from '../manifests.ts'
import { openReceiving } from '../source.ts'
import { cursorText } from './changes.ts'

/** Segments that are downloaded and opened while one is being written. */
const AHEAD_MAX = 3

/**
 * Writes the files of a stream into the receiving folder, and acknowledges each segment when it is on the disk. Ends with
 * the final segment; a newer generation replaces an unfinished one on the way.
 * @throws ConnectorError that names the file; SegmentError, WorkError, CallError.
 */
export async function receiveFiles(
  input: ApplyInput,
  context: WorkContext,
  progress: () => void,
): Promise<ApplyResult> {
  const { root } = await openReceiving(input.target, context.keys)
  const receiver = await FileReceiver.open(root, input.table.name)
  try {
    const acknowledgements = await Acknowledgements.open(input.stream, context)
    for (let generation = 1; ;) {
      const stop = new AbortController()
      const bound = { ...context, signal: AbortSignal.any([context.signal, stop.signal]) }
      try {
        const { position, cursor } = await receiveGeneration(
          input,
          generation,
          receiver,
          acknowledgements,
          bound,
          progress,
        )
        await acknowledgements.settle()
        const { sequence, counts } = position
        return { generation, sequence, rows: filesOf(counts), changes: counts, ...(cursor === null ? {} : { cursor }) }
      } catch (error) {
        if (!(error instanceof NewerGeneration)) throw error
        generation = error.generation
      } finally {
        stop.abort(new Error('left'))
      }
    }
  } finally {
    await receiver.close()
  }
}

async function receiveGeneration(
  input: ApplyInput,
  generation: number,
  receiver: FileReceiver,
  acknowledgements: Acknowledgements,
  context: WorkContext,
  progress: () => void,
): Promise<{ position: FilePosition; cursor: Cursor | null }> {
  let begun: FilePosition | null = null
  let cursor: Cursor | null = null
  const reached = receiver.reached(input.stream, generation)
  // One segment back: the next one must follow it in the chain.
  const from = Math.max(0, Math.min(reached, acknowledgements.acknowledged(generation)) - 1)
  const listed = manifests(input, generation, from, context)
  const opened = ahead(
    listed,
    AHEAD_MAX,
    (signed) =>
      signed.manifest.sequence <= reached ? Promise.resolve(known(signed)) : downloadSegment(signed, context),
    (segment) => segment.close(),
  )
  for await (const segment of opened) {
    try {
      begun ??= await receiver.begin(input.stream, generation)
      const { sequence, file, source } = segment.signed.manifest
      cursor = cursorText(source.to)
      begun = await receiver.take({ sequence, pieces: file ?? [], plain: segment.plain })
    } finally {
      segment.close()
    }
    progress()
    await acknowledgements.send(segment.signed, `${generation}/${segment.signed.manifest.sequence}`)
    context.report({ generation, sequence: begun.sequence, rows: filesOf(begun.counts), changes: begun.counts })
  }
  if (begun === null) throw new Error('the listing ended before the final segment')
  return { position: begun, cursor }
}

/** Every file that came, whether it was new or there already. */
const filesOf = ({ inserted, updated, unchanged }: FilePosition['counts']): string =>
  (BigInt(inserted) + BigInt(updated) + BigInt(unchanged)).toString()
