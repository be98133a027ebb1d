import { listNodeUploads } from '@huitong/contract/nodes'
import { sql } from 'kysely'
import { query } from '../../kernel/verb.ts'
import { digestOf } from './upload-view.ts'

/** The files that a source has now, for the node that reads it. */
export const listNodeUploadsVerb = query<typeof listNodeUploads>({
  endpoint: listNodeUploads,
  audit: null,
  async run({ db, actor }, { params }) {
    await db.one(sql`select 1 from data_source where id = ${params.id} and node_id = ${actor.id}`)
    const rows = await db.many<{ id: string; file_name: string; bytes: string; frames: Buffer }>(
      sql`select id, file_name, bytes, frames from upload where source_id = ${params.id} and state = 'kept' order by file_name`,
    )
    return {
      items: rows.map((row) => ({
        id: row.id,
        fileName: row.file_name,
        bytes: row.bytes,
        digest: digestOf(row.frames),
      })),
    }
  },
})
