import type { Database, TargetTable } from '@huitong/connectors'
import type { ApplyInput, ApplyResult } from '@huitong/contract/work'
import { rowsOf, type SignedManifest } from '@huitong/segment'
import { Acknowledgements } from '../acknowledge.ts'
import type { WorkContext } from '../context.ts'
import { downloadSegment } from '../download.ts'
import { ahead } from '../limits.ts'
import { manifests, NewerGeneration } from '../manifests.ts'

const AHEAD_MAX = 2

/**
 * Puts rows right in the receiving table: deletes the listed keys and writes the rows of the repair's segments, under
 * the token of the channel that loads the table. Each part is one transaction and does nothing when it is repeated, so
 * a repair that was cut begins again from its first segment.
 */
export async function applyRepairs(
  input: ApplyInput,
  database: Database,
  table: TargetTable,
  context: WorkContext,
): Promise<ApplyResult> {
  const { channel, position } = await database.claimTable(table)
  const acknowledgements = await Acknowledgements.open(input.stream, context)
  const repair = { channel, table, fence: position.fence }
  const stop = new AbortController()
  const bound = { ...context, signal: AbortSignal.any([context.signal, stop.signal]) }
  let deletes = input.deleteKeys ?? []
  let rows = 0n
  try {
    for (let generation = 1; ;) {
      try {
        let sequence = 0
        const listed = manifests(input, generation, 0, bound)
        const open = (one: SignedManifest) => downloadSegment(one, bound)
        for await (const { signed, plain, close } of ahead(listed, AHEAD_MAX, open, (left) => left.close())) {
          const { manifest } = signed
          const upserts = { plain, rows: rowsOf(manifest).toString(), plainDigest: manifest.plainDigest }
          try {
            await database.applyRepair({ ...repair, upserts, deletes })
          } finally {
            close()
          }
          deletes = []
          rows += rowsOf(manifest)
          sequence = manifest.sequence
          await acknowledgements.send(signed, `repair ${position.generation}/${sequence}`)
          context.report({ generation, sequence, rows: rows.toString() })
        }
        await acknowledgements.settle()
        return { generation, sequence, rows: await database.countRows(table) }
      } catch (error) {
        if (!(error instanceof NewerGeneration)) throw error
        generation = error.generation
        rows = 0n
      }
    }
  } finally {
    stop.abort(new Error('left'))
  }
}
