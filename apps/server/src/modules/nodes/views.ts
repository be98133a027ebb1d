import type { DiscoveredTable, NodeView, SourceView } from '@huitong/contract/nodes'
import { sql } from 'kysely'
import type { Static } from 'typebox'
import type { Reader } from '../../kernel/db.ts'

const ONLINE_WITHIN_MS = 40_000

/** What `node_crossing` keeps; what the view does not show is the carrier's own. */
export type CrossingState = NonNullable<Static<typeof NodeView>['crossing']>

/** Of a ferried node of which nothing has crossed yet. */
const NOTHING_CROSSED: CrossingState = {
  takenNumber: 0,
  takenAt: null,
  sentNumber: 0,
  sentAt: null,
  acknowledgedNumber: 0,
  waitingFiles: 0,
  problem: null,
}

export interface NodeViewRow {
  id: string
  name: { zh: string; en?: string }
  department_id: string
  department_name: { zh: string; en?: string }
  /** As it last said: with each poll, with each note of a ferried one, at first when it enrolled. */
  version: string | null
  key_id: string | null
  seen_at: Date | null
  link: Static<typeof NodeView>['link']
  crossing: CrossingState | null
}

export const SELECT_NODE =
  sql.raw(`select n.id, n.name, n.department_id, d.name as department_name, n.key_id, n.link, p.seen_at, x.state as crossing,
    coalesce(p.version, x.state->>'version', n.version) as version
  from node n join department d on d.id = n.department_id left join node_presence p on p.node_id = n.id
    left join node_crossing x on x.node_id = n.id`)

export function nodeView(row: NodeViewRow, now: Date): Static<typeof NodeView> {
  const online = row.seen_at !== null && now.getTime() - row.seen_at.getTime() < ONLINE_WITHIN_MS
  return {
    id: row.id,
    name: row.name,
    departmentId: row.department_id,
    departmentName: row.department_name,
    state: row.key_id === null ? 'awaiting' : row.link !== 'line' ? 'ferried' : online ? 'online' : 'offline',
    lastSeenAt: row.seen_at?.toISOString() ?? null,
    version: row.version,
    keyId: row.key_id,
    link: row.link,
    crossing: row.link === 'line' ? null : crossingView(row.crossing ?? NOTHING_CROSSED),
  }
}

/** How a crossing stands, without what only its carrier needs. */
export function crossingView(state: CrossingState): CrossingState {
  const { takenNumber, takenAt, sentNumber, sentAt, acknowledgedNumber, waitingFiles, problem } = state
  return { takenNumber, takenAt, sentNumber, sentAt, acknowledgedNumber, waitingFiles, problem }
}

interface SourceRow {
  id: string
  name: { zh: string; en?: string }
  node_id: string
  department_id: string
  kind: string
  settings: Record<string, string | number | boolean>
  usage: 'provide' | 'receive' | 'both'
  front_database: boolean
  work_state: 'queued' | 'leased' | 'done' | 'failed' | 'cancelled' | null
  work_at: Date | null
  work_problem: { message: { zh: string; en: string } } | null
  tables: number
}

export const SELECT_SOURCE =
  sql.raw(`select s.id, s.name, s.node_id, s.department_id, s.kind, s.settings, s.usage, s.front_database,
    w.state as work_state, coalesce(w.finished_at, w.created_at) as work_at, w.problem as work_problem,
    (select count(*)::int from source_table t where t.source_id = s.id and not t.gone) as tables
  from data_source s left join lateral (
    select state, finished_at, created_at, problem from node_work
    where subject_kind = 'data_source' and subject_id = s.id and kind = 'discover' order by created_at desc limit 1) w on true`)

const DISCOVERY = { queued: 'queued', leased: 'running', done: 'done', failed: 'failed', cancelled: 'failed' } as const

export function sourceView(row: SourceRow): Static<typeof SourceView> {
  return {
    id: row.id,
    name: row.name,
    nodeId: row.node_id,
    departmentId: row.department_id,
    kind: row.kind,
    settings: row.settings,
    usage: row.usage,
    frontDatabase: row.front_database,
    discovery:
      row.work_state === null || row.work_at === null
        ? null
        : {
            state: DISCOVERY[row.work_state],
            at: row.work_at.toISOString(),
            tables: row.tables,
            problem: row.work_problem?.message ?? null,
          },
  }
}

export async function readSourceView(db: Reader, id: string): Promise<Static<typeof SourceView>> {
  return sourceView(await db.one<SourceRow>(sql`${SELECT_SOURCE} where s.id = ${id}`))
}

export interface TableRow {
  id: string
  source_id: string
  schema_name: string
  table_name: string
  comment: string | null
  suggested_name: string | null
  row_estimate: string | null
  key: string[]
  fields: Static<typeof DiscoveredTable>['fields']
  schema_hash: string
  seen_at: Date
}

export const tableView = (row: TableRow): Static<typeof DiscoveredTable> => ({
  id: row.id,
  schema: row.schema_name,
  name: row.table_name,
  comment: row.comment,
  suggestedName: row.suggested_name,
  rowEstimate: row.row_estimate,
  key: row.key,
  fields: row.fields,
  schemaHash: row.schema_hash,
  seenAt: row.seen_at.toISOString(),
})
