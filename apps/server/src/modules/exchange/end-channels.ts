import { type RawBuilder, sql } from 'kysely'
import type { SubscriberContext } from '../../kernel/subscribers.ts'
import { cancelWork } from '../nodes/index.ts'
import { stopIncrements } from './stop-increments.ts'

/**
 * Runs, reconciliations and repairs of some channels stop, and the nodes are told at their next poll. `of`: a subselect of
 * their ids. Answers what was stopped.
 */
export async function endChannels(
  context: Pick<SubscriberContext, 'db' | 'now' | 'wake'>,
  of: RawBuilder<unknown>,
  because: { zh: string; en: string },
): Promise<{ channels: string[]; works: number }> {
  const { db, now } = context
  const stopped = await db.many<{
    id: string
  }>(sql`update channel set state = 'stopped', next_at = null,
    finished_at = case state when 'following' then finished_at else ${now} end,
    version = version + 1 where id in ${of} and state in ('running', 'following') returning id`)
  const channels = stopped.map(({ id }) => id)
  await db.run(sql`update reconciliation set state = case state when 'running' then 'failed' else 'different' end,
      repair = case when repair is null then null else repair || '{"state": "failed"}' end,
      problem = ${JSON.stringify(because)}, finished_at = ${now}, version = version + 1
    where channel_id in ${of} and state in ('running', 'repairing')`)
  await stopIncrements(context, channels, because)
  const found = await db.many<{
    id: string
  }>(sql`select w.id from node_work w where w.state in ('queued', 'leased') and (
      (w.subject_kind = 'channel' and w.subject_id in ${of})
      or (w.subject_kind = 'reconciliation' and w.subject_id in (select id from reconciliation where channel_id in ${of})))`)
  const works = found.map(({ id }) => id)
  await cancelWork(context, works)
  await db.run(sql`update stream s set abandoned = true where s.channel_id in ${of}
    and (s.read_work_id = any(${works}::uuid[]) or s.apply_work_id = any(${works}::uuid[]))`)
  return { channels, works: works.length }
}
