import { listUploads } from '@huitong/contract/nodes'
import { sql } from 'kysely'
import { query } from '../../kernel/verb.ts'
import { findSource } from './consent.ts'
import { uploadsFor, uploadView } from './upload-view.ts'

const UPLOADS_MAX = 200

/** Files of a source: those that are there or on their way, then what became of the latest others. */
export const listUploadsVerb = query<typeof listUploads>({
  endpoint: listUploads,
  audit: null,
  async run({ db, actor, services }, { params }) {
    const source = await findSource(db, actor, params.id)
    const rows = await uploadsFor(
      db,
      actor,
      sql`u.source_id = ${source.id} order by u.state not in ('kept', 'receiving'), u.created_at desc, u.id limit ${UPLOADS_MAX}`,
    )
    const used = await db.one<{ bytes: string }>(sql`select coalesce(sum(bytes), 0)::text as bytes from upload
      where source_id = ${source.id} and cleaned_at is null`)
    return {
      items: rows.map(uploadView),
      usedBytes: used.bytes,
      bytesMax: String(services.settings.uploadQuotaBytes),
    }
  },
})
