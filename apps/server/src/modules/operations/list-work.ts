import { listWork, type WorkView } from '@huitong/contract/operations'
import { emitPostgres, VISIBILITY } from '@huitong/policy'
import { sql } from 'kysely'
import type { Static } from 'typebox'
import { viewerOf } from '../../kernel/actor.ts'
import { INSTANT_KEY, pageAt, pageOf, UUID_KEY } from '../../kernel/paging.ts'
import { query } from '../../kernel/verb.ts'

type View = Static<typeof WorkView>
const DAY_MS = 24 * 3_600_000

interface Row {
  id: string
  kind: string
  state: View['state']
  node_id: string
  node_name: { zh: string; en?: string }
  department_name: { zh: string; en?: string }
  subject_kind: string
  subject_id: string
  channel_id: string | null
  channel_number: string | null
  source_name: { zh: string; en?: string } | null
  rows: string | null
  problem: { message?: { zh: string; en: string } } | null
  created_at: Date
  finished_at: Date | null
}

/** Rows are told under different names by different kinds of work. */
const ROWS = sql.raw(
  `coalesce(w.result->>'rows', w.progress->>'rowsSealed', w.progress->>'rowsApplied', w.progress->>'rows')`,
)

/** What nodes were given to do, newest first; a node's work is seen by who sees the node. */
export const listWorkVerb = query<typeof listWork>({
  endpoint: listWork,
  audit: null,
  async run({ db, actor, now }, input) {
    const at = pageAt(input.query, [INSTANT_KEY, UUID_KEY])
    const { state, nodeId } = input.query
    const visible = sql.raw(emitPostgres(VISIBILITY.node(viewerOf(actor)), () => 'n.department_id'))
    // Channels and sources are joined under row-level security: what the viewer may not see stays without a name.
    const rows =
      await db.many<Row>(sql`select w.id, w.kind, w.state, w.node_id, n.name as node_name, d.name as department_name,
        w.subject_kind, w.subject_id, c.id as channel_id, c.number as channel_number, s.name as source_name,
        ${ROWS} as rows, w.problem, w.created_at, w.finished_at
      from node_work w join node n on n.id = w.node_id join department d on d.id = n.department_id
        left join reconciliation r on w.subject_kind = 'reconciliation' and r.id = w.subject_id
        left join channel c on c.id = case w.subject_kind when 'channel' then w.subject_id else r.channel_id end
        left join data_source s on w.subject_kind = 'data_source' and s.id = w.subject_id
      where ${visible} ${state ? sql`and w.state = ${state}` : sql``} ${nodeId ? sql`and w.node_id = ${nodeId}` : sql``}
        ${at.after ? sql`and (date_trunc('milliseconds', w.created_at), w.id) < (${at.after[0]}::timestamptz, ${at.after[1]}::uuid)` : sql``}
        ${at.after ? sql`and w.created_at < ${at.after[0]}::timestamptz + interval '1 millisecond'` : sql``}
      order by date_trunc('milliseconds', w.created_at) desc, w.id desc limit ${at.limit + 1}`)
    const counts = await db.one<{ queued: number; leased: number; failed: number }>(sql`select
      count(*) filter (where w.state = 'queued')::int as queued, count(*) filter (where w.state = 'leased')::int as leased,
      count(*) filter (where w.state = 'failed' and w.created_at >= ${new Date(now.getTime() - DAY_MS)})::int as failed
      from node_work w join node n on n.id = w.node_id
      where ${visible} and (w.state in ('queued', 'leased') or w.created_at >= ${new Date(now.getTime() - DAY_MS)})`)
    return { ...pageOf(rows, at, (row) => [row.created_at.toISOString(), row.id], viewOf), counts }
  },
})

function viewOf(row: Row): View {
  return {
    id: row.id,
    kind: row.kind,
    state: row.state,
    nodeId: row.node_id,
    nodeName: row.node_name,
    departmentName: row.department_name,
    subjectKind: row.subject_kind,
    subjectId: row.subject_id,
    subject: subjectOf(row),
    rows: /^\d{1,20}$/.test(row.rows ?? '') ? row.rows : null,
    problem: row.problem?.message ?? null,
    createdAt: row.created_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
  }
}

function subjectOf({ channel_id, channel_number, source_name, subject_id }: Row): View['subject'] {
  if (channel_id !== null) return { kind: 'channel', id: channel_id, name: { zh: channel_number! } }
  return source_name === null ? null : { kind: 'data_source', id: subject_id, name: source_name }
}
