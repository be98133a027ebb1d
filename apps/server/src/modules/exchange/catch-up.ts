import type { ChangeCursor } from '@huitong/contract/work'
import { sql } from 'kysely'
import { askBothEnds } from './reconcile-work.ts'
import type { ChannelParts, Context } from './generation.ts'

interface Waiting {
  id: string
  buckets: number
}

const waitingOf = (db: Context['db'], channelId: string) =>
  db.maybe<Waiting>(sql`select id, buckets from reconciliation
    where channel_id = ${channelId} and state = 'running' and phase = 'catch_up' for update`)

/** A comparison that waited for the latest changes begins: both ends then stand at one position. */
export async function catchUpDone(context: Context, channelId: string): Promise<void> {
  const { db } = context
  const row = await waitingOf(db, channelId)
  if (!row) return
  const channel = await db.one<ChannelParts & { digest_secret: Buffer; looked: ChangeCursor }>(
    sql`select * from channel where id = ${channelId}`,
  )
  const position = channel.looked.since
  const works = await askBothEnds(context, channel, {
    reconciliation: row.id,
    buckets: row.buckets,
    drill: null,
    position,
  })
  await db.run(sql`update reconciliation set phase = 'buckets', position = ${position},
    source_work_id = ${works.sourceWorkId},
    target_work_id = ${works.targetWorkId} where id = ${row.id}`)
}

/** Without the latest changes the two ends would be compared at different positions. */
export async function catchUpFailed(
  { db, now }: Pick<Context, 'db' | 'now'>,
  channelId: string,
  problem: { zh: string; en: string },
): Promise<void> {
  await db.run(sql`update reconciliation set state = 'failed', problem = ${JSON.stringify(problem)}, finished_at = ${now},
    version = version + 1 where channel_id = ${channelId} and state = 'running' and phase = 'catch_up'`)
}
