import type { LogView } from '@huitong/contract/exchange'
import { type ChangeCounts, CaptureProgress } from '@huitong/contract/work'
import { sql } from 'kysely'
import type { Static } from 'typebox'
import { Check } from 'typebox/value'
import type { Reader } from '../../kernel/db.ts'
import type { ChannelRow } from './channel-view.ts'
import { RELEASE_AFTER_MS } from './release-logs.job.ts'

type View = Static<typeof LogView>

interface Latest {
  progress: unknown
  increment_state: string
  ending: boolean
}

const sum = (name: keyof ChangeCounts) => `coalesce(sum((c->>'${name}')::numeric), 0)::text as ${name}`
/** Of streams that ended what they said at their end, of the one that runs what it has said so far. */
const APPLIED =
  sql.raw(`select ${(['inserted', 'updated', 'deleted', 'unchanged', 'absent'] as const).map(sum).join(', ')}
  from increment i left join lateral (select w.progress->'changes' as changes from stream s join node_work w on w.id = s.apply_work_id
      where s.id = i.id order by s.generation desc limit 1) p on i.state = 'running'
    cross join lateral (select coalesce(i.applied, p.changes) as c) f`)

/** How a channel follows its source's log: where it stands, how far behind, and what it waits for. */
export async function logView(db: Reader, row: ChannelRow): Promise<View> {
  const latest = await db.maybe<Latest>(sql`select w.progress, i.state as increment_state, s.ending
    from stream s join increment i on i.id = s.id join node_work w on w.id = s.read_work_id
    where s.channel_id = ${row.id} and s.kind = 'log' order by s.created_at desc, s.generation desc limit 1`)
  const progress = latest !== null && Check(CaptureProgress, latest.progress) ? latest.progress : null
  const applied = await db.one<ChangeCounts>(
    sql`${APPLIED} where i.channel_id = ${row.id} and i.started_at >= coalesce(${row.started_at}, i.started_at)`,
  )
  const { log } = row
  const releaseFrom = log?.stoppedAt ?? null
  // A source that places its log in words of its own is looked for by them; the number behind them is ours alone.
  const position = row.cursor?.place ?? later(row.cursor?.since ?? null, progress?.confirmed ?? null)
  // Where it has a place nothing was made at the source: it keeps its log by its own rules.
  const made = log?.slot?.place === undefined ? (log?.slot ?? null) : null
  return {
    state: stateOf(row, latest, progress?.state ?? null),
    position,
    committedAt: instantOf(row.cursor?.at),
    lagBytes: progress?.lagBytes ?? '0',
    lagSeconds: progress?.lagSeconds ?? 0,
    changes: progress?.changes ?? '0',
    transactions: progress?.transactions ?? '0',
    slot: made?.slot ?? null,
    publication: made?.publication ?? null,
    releaseAt:
      releaseFrom === null || made === null || row.state === 'following'
        ? null
        : new Date(Date.parse(releaseFrom) + RELEASE_AFTER_MS).toISOString(),
    applied,
    truncatedAt: log?.truncatedAt ?? null,
    reportedAt: progress?.at ?? null,
  }
}

function stateOf(row: ChannelRow, latest: Latest | null, said: View['state'] | null): View['state'] {
  if (row.log?.state === 'gap') return 'gap'
  if (row.log?.state === 'truncated') return 'truncated'
  if (row.state !== 'following') return 'idle'
  if (latest?.increment_state !== 'running') return 'paused'
  return said ?? 'reading'
}

const later = (left: string | null, right: string | null): string | null =>
  left === null || (right !== null && right > left) ? right : left

const instantOf = (text: string | undefined): string | null => {
  const at = Date.parse(text ?? '')
  return Number.isNaN(at) ? null : new Date(at).toISOString()
}
