import { sql } from 'kysely'
import type { Writer } from '../../kernel/db.ts'
import { queueWork, sourceAccess } from './work.ts'
import { digestOf, type UploadRow } from './upload-view.ts'

/**
 * All frames are there: the file takes the place of an earlier one of its name, and the node is asked to look. One that is
 * not what was announced is refused.
 * @returns whether it was kept.
 */
export async function finishWhole(
  context: { db: Writer; now: Date; wake: (topic: string) => Promise<void> },
  row: Pick<UploadRow, 'id' | 'source_id' | 'file_name' | 'announced' | 'frames'>,
): Promise<boolean> {
  const { db, now } = context
  if (row.announced !== null && row.announced !== digestOf(row.frames)) {
    await db.run(sql`update upload set state = 'refused', ended_at = ${now} where id = ${row.id}`)
    return false
  }
  await db.run(sql`select 1 from data_source where id = ${row.source_id} for update`)
  await db.run(sql`update upload set state = 'replaced', touched_at = ${now}
    where source_id = ${row.source_id} and file_name = ${row.file_name} and state = 'kept'`)
  await db.run(sql`update upload set state = 'kept', ended_at = ${now} where id = ${row.id}`)
  await askNode(context, row.source_id)
  return true
}

/** Asks the source's node to look what is there now, unless it has yet to begin with an earlier question. */
export async function askNode(
  context: { db: Writer; now: Date; wake: (topic: string) => Promise<void> },
  sourceId: string,
): Promise<void> {
  const waiting = await context.db.maybe(sql`select 1 from node_work where subject_kind = 'data_source'
    and subject_id = ${sourceId} and kind = 'discover' and state = 'queued'`)
  if (waiting) return
  const { access, nodeId } = await sourceAccess(context.db, sourceId)
  const work = { kind: 'discover', subjectKind: 'data_source', subjectId: sourceId, input: { source: access } } as const
  await queueWork(context, { nodeId, ...work })
}
