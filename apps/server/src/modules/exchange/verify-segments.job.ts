import { randomUUID } from 'node:crypto'
import { mkdirSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { StorageError } from '@huitong/objects'
import { hasDeclaredOperations, rowsOf, SegmentError } from '@huitong/segment'
import { sql } from 'kysely'
import { systemActor } from '../../kernel/actor.ts'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { act } from '../../kernel/execute.ts'
import { job } from '../../kernel/jobs.ts'
import type { Services } from '../../kernel/services.ts'
import { failStream } from './fail-stream.ts'
import { openStored, reopened } from '../engine/index.ts'

const AT_ONCE = 2

interface Row {
  stream_id: string
  generation: number
  sequence: number
  digest: string
  manifest: string
  channel_id: string
  dataset_id: string
}

/**
 * Checks each received segment on arrival: it opens, its digest, bytes and rows are those of the manifest, and the
 * engine reads as many rows of as many columns. Only then may the consumer's node have it.
 */
export const verifySegmentsJob = job({
  name: 'verify-segments',
  everyMs: 1_000,
  async run(services, { signal }) {
    const rows = await services.db.read(SYSTEM_ROWS, (db) =>
      db.many<Row>(sql`select x.stream_id, x.generation, x.sequence, x.digest, x.manifest, x.channel_id, c.dataset_id
        from segment x join channel c on c.id = x.channel_id join stream s on s.id = x.stream_id and s.generation = x.generation and not s.abandoned
        where x.state = 'received' order by x.received_at, x.sequence limit ${AT_ONCE}`),
    )
    await Promise.all(rows.map((row) => verifyOne(services, row, signal)))
    return rows.length === AT_ONCE
  },
})

async function verifyOne(services: Services, row: Row, signal: AbortSignal): Promise<void> {
  const faults = await findFaults(services, row, signal)
  await act(services, systemActor('verify-segments'), 'job.verify_segment', async ({ db, wake, now, emit }) => {
    const state = faults.length === 0 ? 'verified' : 'rejected'
    const problem = faults.length === 0 ? null : JSON.stringify({ code: 'segment.content', faults })
    const moved = await db.run(sql`update segment set state = ${state}, verified_at = ${now}, problem = ${problem}
      where stream_id = ${row.stream_id} and generation = ${row.generation} and sequence = ${row.sequence} and state = 'received'`)
    if (state === 'rejected') await failStream({ db, now, wake }, row.stream_id, rejected(row, faults))
    else if (moved > 0) await emit('segment.verified', factOf(row))
    await wake(`stream:${row.stream_id}`)
    return {
      value: null,
      audit: { objectKind: 'segment', objectId: row.digest, detail: { state, sequence: row.sequence } },
    }
  })
  services.metrics.segments.inc({ step: faults.length === 0 ? 'verified' : 'rejected' })
}

const factOf = (row: Row) => ({
  streamId: row.stream_id,
  generation: row.generation,
  sequence: row.sequence,
  channelId: row.channel_id,
  datasetId: row.dataset_id,
})

const rejected = (row: Row, faults: readonly string[]) => ({
  code: 'segment.content',
  message: {
    zh: `批次 ${row.sequence} 内容与清单不符：${faults.join('；')}`,
    en: `segment ${row.sequence} differs from its manifest: ${faults.join('; ')}`,
  },
})

/** Opens the segment into a private file for the engine; the file is gone when this resolves. */
async function findFaults(services: Services, row: Row, signal: AbortSignal): Promise<string[]> {
  const signed = reopened(row.manifest)
  const folder = join(services.settings.dataDir, 'engine')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, `${randomUUID()}.csv`)
  try {
    // The engine counts the rows; counting them here as well would cost as much again.
    const plain = await openStored(services, row.digest, signed)
    // The manifest names the pieces, and was checked against itself; the bytes are those of the manifest.
    if (signed.manifest.kind === 'file') return []
    if (!hasDeclaredOperations(signed.manifest, plain)) return ['operations']
    await writeFile(path, plain, { mode: 0o600 })
    const input = {
      path,
      columns: signed.manifest.columns.map((column) => column.name),
      expectedRows: Number(rowsOf(signed.manifest)),
      expectedPlainBytes: plain.length,
    }
    const checked = await services.engine.run('check-segment', input, { signal })
    return checked.ok ? [] : checked.faults.map((fault) => `${fault.kind} ${fault.detail}`)
  } catch (error) {
    if (error instanceof SegmentError) return [error.code]
    if (error instanceof StorageError && error.code === 'storage.absent') return [error.code]
    throw error
  } finally {
    rmSync(path, { force: true })
  }
}
