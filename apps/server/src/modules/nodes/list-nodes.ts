import { listNodes } from '@huitong/contract/nodes'
import { emitPostgres, VISIBILITY } from '@huitong/policy'
import { sql } from 'kysely'
import { viewerOf } from '../../kernel/actor.ts'
import { pageAt, pageOf } from '../../kernel/paging.ts'
import { query } from '../../kernel/verb.ts'
import { nodeView, SELECT_NODE } from './views.ts'

/** Nodes that the viewer may see, by id. */
export const listNodesVerb = query<typeof listNodes>({
  endpoint: listNodes,
  audit: null,
  async run({ db, actor, now }, input) {
    const at = pageAt(input.query, 1)
    const visible = sql.raw(emitPostgres(VISIBILITY.node(viewerOf(actor)), () => 'n.department_id'))
    const rows = await db.many<Parameters<typeof nodeView>[0]>(sql`${SELECT_NODE} where ${visible}
      ${at.after ? sql`and n.id > ${at.after[0]}::uuid` : sql``} order by n.id limit ${at.limit + 1}`)
    return pageOf(
      rows,
      at,
      (row) => [row.id],
      (row) => nodeView(row, now),
    )
  },
})
