import { listSources } from '@huitong/contract/nodes'
import { emitPostgres, VISIBILITY } from '@huitong/policy'
import { sql } from 'kysely'
import { viewerOf } from '../../kernel/actor.ts'
import { pageAt, pageOf } from '../../kernel/paging.ts'
import { query } from '../../kernel/verb.ts'
import { SELECT_SOURCE, sourceView } from './views.ts'

/** Data sources that the viewer may see, by id; secrets are never among the settings. */
export const listSourcesVerb = query<typeof listSources>({
  endpoint: listSources,
  audit: null,
  async run({ db, actor }, input) {
    const at = pageAt(input.query, 1)
    const visible = sql.raw(emitPostgres(VISIBILITY.node(viewerOf(actor)), () => 's.department_id'))
    const rows = await db.many<Parameters<typeof sourceView>[0]>(sql`${SELECT_SOURCE} where ${visible}
      ${input.query.departmentId ? sql`and s.department_id = ${input.query.departmentId}` : sql``}
      ${at.after ? sql`and s.id > ${at.after[0]}::uuid` : sql``} order by s.id limit ${at.limit + 1}`)
    return pageOf(rows, at, (row) => [row.id], sourceView)
  },
})
