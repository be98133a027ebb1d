import { discoverSource } from '@huitong/contract/nodes'
import { emitPostgres, VISIBILITY } from '@huitong/policy'
import { sql } from 'kysely'
import { viewerOf } from '../../kernel/actor.ts'
import { command } from '../../kernel/verb.ts'
import { readSourceView } from './views.ts'
import { queueWork, sourceAccess } from './work.ts'

/** Asks the source's node to discover its tables. A discovery that already waits is not doubled. */
export const discoverSourceVerb = command<typeof discoverSource>({
  endpoint: discoverSource,
  audit: ({ params }) => ({ objectKind: 'data_source', objectId: params.id }),
  async run({ db, actor, now, wake }, { params }) {
    const visible = sql.raw(emitPostgres(VISIBILITY.node(viewerOf(actor)), () => 'department_id'))
    await db.one(sql`select 1 from data_source where id = ${params.id} and ${visible} for update`)
    const { access, nodeId } = await sourceAccess(db, params.id)
    const waiting =
      await db.maybe(sql`select 1 from node_work where subject_kind = 'data_source' and subject_id = ${params.id}
      and kind = 'discover' and state in ('queued', 'leased')`)
    if (!waiting)
      await queueWork(
        { db, now, wake },
        { nodeId, kind: 'discover', subjectKind: 'data_source', subjectId: params.id, input: { source: access } },
      )
    return readSourceView(db, params.id)
  },
})
