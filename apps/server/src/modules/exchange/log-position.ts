import { ChangeCursor, CUTS_MAX, type LogSlot } from '@huitong/contract/work'
import { sql } from 'kysely'
import { Check } from 'typebox/value'
import type { Reader, Writer } from '../../kernel/db.ts'
import { reopened } from '../engine/index.ts'

/** What of a channel lives at its source, and why it may not simply go on. */
export interface LogState {
  /** Null before the first copy, and when slot and publication were dropped. */
  readonly slot: LogSlot | null
  readonly state: 'whole' | 'gap' | 'truncated'
  readonly truncatedAt: string | null
  /** Commits of TRUNCATE that a person approved. */
  readonly approved: readonly string[]
  /** A comparison has shown that the receiving table stands here. */
  readonly rebase: ChangeCursor | null
  /** Something may be at the source: a slot is made before its name is known here. */
  readonly atSource: boolean
  /** Since when nobody reads the slot, though it is there. */
  readonly stoppedAt: string | null
  readonly releaseWorkId: string | null
}

export const NO_LOG: LogState = {
  slot: null,
  state: 'whole',
  truncatedAt: null,
  approved: [],
  rebase: null,
  atSource: false,
  stoppedAt: null,
  releaseWorkId: null,
}

/** The position where the log of a slot begins. */
export const startOf = ({ start, place }: LogSlot, now: Date): ChangeCursor => ({
  since: start,
  at: now.toISOString(),
  writer: '0',
  ...(place === undefined ? {} : { place }),
})

/** Changes what is known of a channel's log; the rest stays. */
export async function setLog(db: Writer, channelId: string, change: Partial<LogState>): Promise<void> {
  const base = JSON.stringify(NO_LOG)
  await db.run(
    sql`update channel set log = ${base}::jsonb || coalesce(log, '{}'::jsonb) || ${JSON.stringify(change)}::jsonb where id = ${channelId}`,
  )
}

/** Last segment up to which all of a generation are applied; 0 for none. */
export async function appliedSequence(db: Reader, streamId: string, generation: number): Promise<number> {
  const { sequence } = await db.one<{ sequence: number }>(sql`select coalesce(
      (select sequence - 1 from segment where stream_id = ${streamId} and generation = ${generation} and state <> 'applied'
        order by sequence limit 1),
      (select sequence from segment where stream_id = ${streamId} and generation = ${generation} order by sequence desc limit 1),
      0) as sequence`)
  return sequence
}

/** The position in the source's log that a manifest names after its piece. */
export function positionAfter(manifest: string): ChangeCursor | null {
  const { to } = reopened(manifest).manifest.source
  try {
    const value: unknown = JSON.parse(to ?? 'null')
    return Check(ChangeCursor, value) ? value : null
  } catch {
    return null
  }
}

/**
 * Ends of the pieces that were sent after a position, by whatever stream: the receiving table may stand at any of them when
 * its word got lost. Each stream was told those of the streams before it, so that the latest knows all.
 * @returns padded positions, the nearest first.
 */
export async function endsAfter(db: Reader, channelId: string, since: string): Promise<string[]> {
  const stream = await db.maybe<{ id: string; generation: number; cuts: string[] | null }>(sql`
    select s.id, s.generation, w.input->'cuts' as cuts from stream s join node_work w on w.id = s.read_work_id
    where s.channel_id = ${channelId} and s.kind = 'log' order by s.created_at desc, s.generation desc limit 1`)
  if (!stream) return []
  const applied = await appliedSequence(db, stream.id, stream.generation)
  const sent = await db.many<{ manifest: string }>(sql`select manifest from segment
    where stream_id = ${stream.id} and generation = ${stream.generation} and sequence >= ${applied}`)
  const ends = new Set([...(stream.cuts ?? []), ...sent.map(({ manifest }) => positionAfter(manifest)?.since ?? '')])
  return [...ends]
    .filter((end) => end > since)
    .sort()
    .slice(0, CUTS_MAX)
}

/**
 * Writes down where the receiving table of a channel stands, from the segments of its latest stream of the log that were
 * acknowledged. @returns the position when it has moved.
 */
export async function keepPosition(db: Writer, channelId: string, now: Date): Promise<ChangeCursor | null> {
  const stream = await db.maybe<{ id: string; generation: number }>(sql`select id, generation from stream
    where channel_id = ${channelId} and kind = 'log' order by created_at desc, generation desc limit 1`)
  if (!stream) return null
  const sequence = await appliedSequence(db, stream.id, stream.generation)
  if (sequence === 0) return null
  const { manifest } = await db.one<{ manifest: string }>(sql`select manifest from segment
    where stream_id = ${stream.id} and generation = ${stream.generation} and sequence = ${sequence}`)
  const position = positionAfter(manifest)
  if (position === null) return null
  const moved =
    await db.run(sql`update channel set cursor = ${JSON.stringify(position)}, looked = ${JSON.stringify(position)},
      looked_at = ${now} where id = ${channelId} and (cursor is null or cursor->>'since' < ${position.since})`)
  return moved > 0 ? position : null
}
