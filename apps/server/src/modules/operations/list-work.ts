import { listWork } from '@huitong/contract/operations'
import { emitPostgres, VISIBILITY } from '@huitong/policy'
import { sql } from 'kysely'
import { viewerOf } from '../../kernel/actor.ts'
import { INSTANT_KEY, pageAt, pageOf, UUID_KEY } from '../../kernel/paging.ts'
import { query } from '../../kernel/verb.ts'
import { SELECT_WORK, workView, type WorkRow } from './work-view.ts'

const DAY_MS = 24 * 3_600_000

/** What nodes were given to do, newest first; a node's work is seen by who sees the node. */
export const listWorkVerb = query<typeof listWork>({
  endpoint: listWork,
  audit: null,
  async run({ db, actor, now }, input) {
    const at = pageAt(input.query, [INSTANT_KEY, UUID_KEY])
    const { state, nodeId } = input.query
    const visible = sql.raw(emitPostgres(VISIBILITY.node(viewerOf(actor)), () => 'n.department_id'))
    const rows = await db.many<WorkRow>(sql`${SELECT_WORK}
      where ${visible} ${state ? sql`and w.state = ${state}` : sql``} ${nodeId ? sql`and w.node_id = ${nodeId}` : sql``}
        ${at.after ? sql`and (date_trunc('milliseconds', w.created_at), w.id) < (${at.after[0]}::timestamptz, ${at.after[1]}::uuid)` : sql``}
        ${at.after ? sql`and w.created_at < ${at.after[0]}::timestamptz + interval '1 millisecond'` : sql``}
      order by date_trunc('milliseconds', w.created_at) desc, w.id desc limit ${at.limit + 1}`)
    const counts = await db.one<{ queued: number; leased: number; failed: number }>(sql`select
      count(*) filter (where w.state = 'queued')::int as queued, count(*) filter (where w.state = 'leased')::int as leased,
      count(*) filter (where w.state = 'failed' and w.created_at >= ${new Date(now.getTime() - DAY_MS)})::int as failed
      from node_work w join node n on n.id = w.node_id
      where ${visible} and (w.state in ('queued', 'leased') or w.created_at >= ${new Date(now.getTime() - DAY_MS)})`)
    return { ...pageOf(rows, at, (row) => [row.created_at.toISOString(), row.id], workView), counts }
  },
})
