import { sql } from 'kysely'
import type { SubscriberContext } from '../../kernel/subscribers.ts'
import { beginCopy } from './begin-copy.ts'
import type { ChannelRow } from './channel-view.ts'
import type { ReconciliationRow } from './reconciliation-view.ts'

/**
 * After a comparison of a channel in mode `diff`: the rows that differ travel at once, because that is what the task was
 * made for; when they are too many to be named, the whole is copied anew. False for a channel of any other mode.
 */
export async function sendDifferences(
  context: SubscriberContext,
  row: Pick<ReconciliationRow, 'id' | 'channel_id'>,
  outcome: { state: 'equal' | 'different'; canRepair: boolean },
): Promise<boolean> {
  const { db, emit } = context
  const channel = await db.one<ChannelRow>(sql`select * from channel where id = ${row.channel_id} for update`)
  if (channel.mode !== 'diff') return false
  // Started again or stopped meanwhile: its next comparison sees what is left.
  if (channel.state !== 'completed') return true
  await db.run(sql`update channel set problem = null where id = ${channel.id}`)
  if (outcome.state === 'equal') return true
  if (!outcome.canRepair) {
    await beginCopy(context, channel, channel.version)
    return true
  }
  await db.run(sql`update reconciliation set state = 'repairing', repair = repair || '{"state": "running"}'
    where id = ${row.id}`)
  await emit('repair.accepted', { reconciliationId: row.id })
  return true
}

/** A comparison of a channel in mode `diff` that failed is a problem of the task: nothing else brings its changes. */
export async function tellFailure(
  { db, now }: Pick<SubscriberContext, 'db' | 'now'>,
  channelId: string,
  problem: { code: string; message: { zh: string; en: string } },
): Promise<void> {
  await db.run(sql`update channel set problem = ${JSON.stringify({ ...problem, at: now.toISOString() })}
    where id = ${channelId} and mode = 'diff' and state = 'completed'`)
}
