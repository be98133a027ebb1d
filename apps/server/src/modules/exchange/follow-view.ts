import type { FollowView, IncrementView } from '@huitong/contract/exchange'
import type { ChangeCounts, ChangeCursor, HeldRows } from '@huitong/contract/work'
import { sql } from 'kysely'
import type { Static } from 'typebox'
import type { Reader } from '../../kernel/db.ts'
import type { ChannelRow } from './channel-view.ts'
import { filesOf, larger } from './figures.ts'

type View = Static<typeof IncrementView>

export interface IncrementRow {
  id: string
  number: number
  cause: View['cause']
  state: View['state']
  from_cursor: ChangeCursor
  to_cursor: ChangeCursor | null
  applied: ChangeCounts | null
  held: HeldRows | null
  problem: View['problem']
  started_at: Date
  finished_at: Date | null
  segments: number
  inserts: string
  updates: string
  deletes: string
  files_sealed: string
  bytes_applied: string
  files: { total: number; bytes: string } | null
}

/** Increments with what the manifests of their segments, of the latest generation, count. */
export const SELECT_INCREMENT = sql.raw(`select i.*, f.* from increment i left join lateral (
    select count(*)::int as segments,
      coalesce(sum((x.manifest::jsonb #>> '{manifest,counts,insert}')::numeric), 0)::text as inserts,
      coalesce(sum((x.manifest::jsonb #>> '{manifest,counts,rows}')::numeric), 0)::text as files_sealed,
      coalesce(sum(x.plain_bytes) filter (where x.state = 'applied'), 0)::text as bytes_applied,
      coalesce(sum((x.manifest::jsonb #>> '{manifest,counts,update}')::numeric), 0)::text as updates,
      coalesce(sum((x.manifest::jsonb #>> '{manifest,counts,delete}')::numeric), 0)::text as deletes
    from segment x where x.stream_id = i.id
      and x.generation = (select max(generation) from stream s where s.id = i.id)) f on true
  left join lateral (select w.progress->'files' as files from stream s join node_work w on w.id = s.read_work_id
    where s.id = i.id and i.state = 'running' order by s.generation desc limit 1) p on true`)

export const incrementView = (row: IncrementRow): View => ({
  id: row.id,
  number: row.number,
  cause: row.cause,
  state: row.state,
  // Of files nobody says which are new: all that were sent count there.
  source: { insert: larger(row.inserts, row.files_sealed), update: row.updates, delete: row.deletes },
  applied: row.applied,
  heldRows: row.held?.rows ?? '0',
  segments: row.segments,
  since: row.from_cursor.since,
  until: row.to_cursor?.since ?? null,
  problem: row.problem,
  startedAt: row.started_at.toISOString(),
  finishedAt: row.finished_at?.toISOString() ?? null,
  ...filesOf(row.files, row.bytes_applied),
})

const TOTALS = sql.raw(`select count(*) filter (where state = 'done')::int as increments,
    coalesce(sum((applied->>'inserted')::numeric), 0)::text as inserted, coalesce(sum((applied->>'updated')::numeric), 0)::text as updated,
    coalesce(sum((applied->>'deleted')::numeric), 0)::text as deleted, coalesce(sum((applied->>'unchanged')::numeric), 0)::text as unchanged,
    coalesce(sum((applied->>'absent')::numeric), 0)::text as absent from increment`)

/** How a channel follows its source, with its latest increment. */
export async function followView(db: Reader, row: ChannelRow): Promise<Static<typeof FollowView>> {
  const { increments, ...totals } = await db.one<ChangeCounts & { increments: number }>(
    sql`${TOTALS} where channel_id = ${row.id}`,
  )
  const last = await db.maybe<IncrementRow>(
    sql`${SELECT_INCREMENT} where i.channel_id = ${row.id} order by i.number desc limit 1`,
  )
  return {
    intervalSeconds: row.interval_seconds,
    lagSeconds: row.lag_seconds,
    position: row.cursor?.since ?? null,
    lookedAt: row.looked_at?.toISOString() ?? null,
    nextAt: row.state === 'following' ? (row.next_at?.toISOString() ?? null) : null,
    increments,
    totals,
    held: row.held ?? { rows: '0', listed: [] },
    last: last ? incrementView(last) : null,
  }
}
