import { listEvidence } from '@huitong/contract/evidence'
import { emitPostgres, VISIBILITY } from '@huitong/policy'
import { sql } from 'kysely'
import { viewerOf } from '../../kernel/actor.ts'
import { pageAt, pageOf } from '../../kernel/paging.ts'
import { query } from '../../kernel/verb.ts'
import { entryView, SELECT_ENTRY, type EntryRow } from './entry-view.ts'

const FIELDS: Record<string, string> = { department: 'a.department_id' }

/** Evidence entries that the viewer may see, newest first; of one object or one action if asked. */
export const listEvidenceVerb = query<typeof listEvidence>({
  endpoint: listEvidence,
  audit: null,
  async run({ db, actor }, input) {
    const at = pageAt(input.query, 1)
    const { objectKind, objectId, action } = input.query
    const visible = sql.raw(emitPostgres(VISIBILITY.evidence(viewerOf(actor)), (field) => FIELDS[field]!))
    const rows = await db.many<EntryRow>(sql`${SELECT_ENTRY} where ${visible}
      ${at.after ? sql`and a.id < ${at.after[0]}::bigint` : sql``}
      ${objectKind ? sql`and a.object_kind = ${objectKind}` : sql``}
      ${objectId ? sql`and a.object_id = ${objectId}` : sql``}
      ${action ? sql`and a.action = ${action}` : sql``}
      order by a.id desc limit ${at.limit + 1}`)
    return pageOf(rows, at, (row) => [row.id], entryView)
  },
})
