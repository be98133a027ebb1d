import { sql } from 'kysely'
import type { Writer } from '../../kernel/db.ts'
import type { LoggedChannel } from './begin-log.ts'
import { beginLog } from './begin-log.ts'
import { beginStream, type Context } from './generation.ts'
import { askBothEnds } from './reconcile-work.ts'
import type { ReconciliationRow } from './reconciliation-view.ts'

const LOST = { zh: '源端暂时无法确定一致的断点，请稍后重试', en: 'The source gave no exact position; try again later' }

const waitingOf = (db: Writer, channelId: string) =>
  db.maybe<ReconciliationRow>(sql`select * from reconciliation where channel_id = ${channelId}
    and ((state = 'running' and phase = 'catch_up') or (state = 'repairing' and source_work_id is not null and phase = 'catch_up'))
    for update`)

/** Asks that the stream of the log ends at an exact position; false when none runs. */
export async function askForPause(context: Context, channelId: string): Promise<boolean> {
  const stream = await context.db.maybe<{ id: string }>(sql`update stream s set ending = true from increment i
    where i.channel_id = ${channelId} and i.state = 'running' and s.id = i.id and not s.abandoned returning s.id`)
  if (stream === null) return false
  await context.wake(`applied:${stream.id}`)
  return true
}

/**
 * Both ends stand at one exact position: a comparison or a repair that waited for it begins with the snapshot that the
 * source's node holds. False when nothing waits.
 */
export async function pausedAt(
  context: Context,
  channelId: string,
  position: string,
  snapshot: string | null,
): Promise<boolean> {
  const { db, now } = context
  const row = await waitingOf(db, channelId)
  if (row === null) return false
  if (snapshot === null) {
    await pauseFailed(context, channelId, LOST)
    return false
  }
  const channel = await db.one<LoggedChannel & { digest_secret: Buffer }>(
    sql`select * from channel where id = ${channelId}`,
  )
  if (row.state === 'repairing') {
    await db.run(sql`update reconciliation set phase = 'done', snapshot = ${snapshot} where id = ${row.id}`)
    await beginRepairAt(context, channel, row, snapshot)
    return true
  }
  const ask = { reconciliation: row.id, buckets: row.buckets, drill: null, position, snapshot }
  const works = await askBothEnds(context, channel, ask)
  await db.run(sql`update reconciliation set phase = 'buckets', position = ${position}, snapshot = ${snapshot},
    source_work_id = ${works.sourceWorkId}, target_work_id = ${works.targetWorkId}, started_at = coalesce(started_at, ${now})
    where id = ${row.id}`)
  return true
}

/** The rows that differ, as the snapshot at the common position has them. */
export function beginRepairAt(
  context: Context,
  channel: LoggedChannel,
  row: Pick<ReconciliationRow, 'id' | 'differences'>,
  snapshot: string,
): Promise<void> {
  const keys = (extra: boolean) =>
    row.differences.filter((one) => (one.kind === 'extra') === extra).map(({ key }) => key)
  return beginStream(context, channel, {
    streamId: row.id,
    generation: 1,
    kind: 'repair',
    keys: keys(false),
    deleteKeys: keys(true),
    subject: { kind: 'reconciliation', id: row.id },
    applyWorkId: null,
    snapshot,
  })
}

/** What waited for a position does not get one. */
export async function pauseFailed(
  { db, now }: Pick<Context, 'db' | 'now'>,
  channelId: string,
  problem: { zh: string; en: string },
): Promise<void> {
  await db.run(sql`update reconciliation set
      state = case state when 'running' then 'failed' else 'different' end,
      repair = case when state = 'repairing' then repair || '{"state": "failed"}' else repair end, phase = 'done',
      problem = ${JSON.stringify(problem)}, finished_at = ${now}, version = version + 1
    where channel_id = ${channelId} and state in ('running', 'repairing') and phase = 'catch_up'`)
}

/** A comparison or repair is over: following goes on, when the channel still follows and nothing of it runs. */
export async function resumeLog(context: Context, channelId: string): Promise<void> {
  const { db } = context
  const channel = await db.one<LoggedChannel & { mode: string }>(
    sql`select * from channel where id = ${channelId} for update`,
  )
  if (channel.mode !== 'log' || channel.state !== 'following') return
  const busy = await db.maybe(sql`select 1 from increment where channel_id = ${channelId} and state = 'running'
    union all select 1 from reconciliation where channel_id = ${channelId} and state in ('running', 'repairing')`)
  if (busy === null) await beginLog(context, channel, 'reconciliation')
}
