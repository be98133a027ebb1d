import type { WorkView } from '@huitong/contract/operations'
import { sql } from 'kysely'
import type { Static } from 'typebox'

type View = Static<typeof WorkView>

export interface WorkRow {
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
  segments: string | null
  changes: string | null
  problem: { message?: { zh: string; en: string } } | null
  created_at: Date
  finished_at: Date | null
}

/**
 * Work with its node and what it is for; rows and segments are told under different names by different kinds of work.
 * Channels and sources are joined under row-level security: what the viewer may not see stays without a name.
 */
export const SELECT_WORK =
  sql.raw(`select w.id, w.kind, w.state, w.node_id, n.name as node_name, d.name as department_name,
    w.subject_kind, w.subject_id, c.id as channel_id, c.number as channel_number, s.name as source_name,
    coalesce(w.result->>'rows', w.progress->>'rowsSealed', w.progress->>'rowsApplied', w.progress->>'rows') as rows,
    coalesce(w.progress->>'segmentsSealed', w.progress->>'segments', w.progress->>'sequence') as segments,
    case when jsonb_typeof(w.progress->'changes') = 'string' then w.progress->>'changes' end as changes,
    w.problem, w.created_at, w.finished_at
  from node_work w join node n on n.id = w.node_id join department d on d.id = n.department_id
    left join reconciliation r on w.subject_kind = 'reconciliation' and r.id = w.subject_id
    left join channel c on c.id = case w.subject_kind when 'channel' then w.subject_id else r.channel_id end
    left join data_source s on w.subject_kind = 'data_source' and s.id = w.subject_id`)

export function workView(row: WorkRow): View {
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
    rows: counted(row.rows),
    problem: row.problem?.message ?? null,
    createdAt: row.created_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
  }
}

/** A count that a node has told of; what is none is not shown. */
export const counted = (told: string | null): string | null => (/^\d{1,20}$/.test(told ?? '') ? told : null)

function subjectOf({ channel_id, channel_number, source_name, subject_id }: WorkRow): View['subject'] {
  if (channel_id !== null) return { kind: 'channel', id: channel_id, name: { zh: channel_number! } }
  return source_name === null ? null : { kind: 'data_source', id: subject_id, name: source_name }
}
