import { SlotResult } from '@huitong/contract/work'
import { sql } from 'kysely'
import { Check } from 'typebox/value'
import type { SubscriberContext } from '../../kernel/subscribers.ts'
import type { AuditNote } from '../../kernel/verb.ts'
import type { LoggedChannel } from './begin-log.ts'
import { setLog, startOf } from './log-position.ts'
import { beginRepairAt, resumeLog } from './pause-log.ts'
import { askBothEnds } from './reconcile-work.ts'
import type { ReconciliationRow } from './reconciliation-view.ts'

/** The new slot is there: its snapshot is compared with the receiving table, which nobody changes meanwhile. */
export async function compareAtSlot(
  context: SubscriberContext,
  row: ReconciliationRow,
  result: unknown,
): Promise<AuditNote | null> {
  const { db } = context
  if (!Check(SlotResult, result)) return null
  const { slot, snapshot } = result
  const channel = await db.one<LoggedChannel & { digest_secret: Buffer }>(
    sql`select * from channel where id = ${row.channel_id} for update`,
  )
  await setLog(db, channel.id, { slot, state: 'gap', approved: [], truncatedAt: null, releaseWorkId: null })
  const position = slot.start
  const ask = { reconciliation: row.id, buckets: row.buckets, drill: null, position, snapshot }
  const works = await askBothEnds(context, channel, ask)
  await db.run(sql`update reconciliation set phase = 'buckets', position = ${position}, snapshot = ${snapshot},
    source_work_id = ${works.sourceWorkId}, target_work_id = ${works.targetWorkId} where id = ${row.id}`)
  return { objectKind: 'reconciliation', objectId: row.id, detail: { begun: 'comparison', position } }
}

/** Only what differs travels, without another question: whoever began it has asked for that. */
export async function repairAtOnce(context: SubscriberContext, row: ReconciliationRow): Promise<void> {
  const { db } = context
  const channel = await db.one<LoggedChannel>(sql`select * from channel where id = ${row.channel_id}`)
  await db.run(sql`update reconciliation set state = 'repairing', repair = repair || '{"state": "running"}'
    where id = ${row.id}`)
  await beginRepairAt(context, channel, row, row.snapshot!)
}

/** Both ends are equal at the slot's beginning: following goes on from there. */
export async function endResync(context: SubscriberContext, row: ReconciliationRow): Promise<void> {
  const { db, now } = context
  const { log } = await db.one<LoggedChannel>(sql`select log from channel where id = ${row.channel_id}`)
  const rebase = startOf(log!.slot!, now)
  await setLog(db, row.channel_id, { state: 'whole', rebase, stoppedAt: null })
  await db.run(sql`update channel set state = 'following', problem = null, failures = 0, next_at = null,
    cursor = ${JSON.stringify(rebase)}, version = version + 1 where id = ${row.channel_id} and state in ('failed', 'stopped')`)
  await resumeLog(context, row.channel_id)
}
