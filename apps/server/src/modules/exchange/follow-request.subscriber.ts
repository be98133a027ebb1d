import { sql } from 'kysely'
import { subscriber, type SubscriberContext } from '../../kernel/subscribers.ts'
import type { AuditNote } from '../../kernel/verb.ts'
import { cancelWork } from '../nodes/index.ts'
import { stopIncrements } from './stop-increments.ts'

/** The applicant's confirmation makes a configured channel ready; a revoked grant ends what runs under it. */
export const followRequest = subscriber<'request.stepped' | 'grant.revoked'>({
  name: 'channel_follows_request',
  on: ['request.stepped', 'grant.revoked'],
  async handle(context, { type, payload }) {
    if (type === 'grant.revoked') return endUnder(context, (payload as { grantId: string }).grantId)
    const { requestId, state } = payload as { requestId: string; state: string }
    return state === 'done' ? makeReady(context, requestId) : null
  },
})

async function makeReady({ db }: SubscriberContext, requestId: string): Promise<AuditNote | null> {
  const rows = await db.many<{
    id: string
  }>(sql`update channel c set state = 'ready', version = c.version + 1 from access_grant g
    where g.id = c.grant_id and g.request_id = ${requestId} and c.state = 'configured' returning c.id`)
  const first = rows[0]
  return first ? { objectKind: 'channel', objectId: first.id, detail: { state: 'ready', channels: rows.length } } : null
}

/** Runs, reconciliations and repairs under the grant stop, and the nodes are told at their next poll. */
async function endUnder(context: SubscriberContext, grantId: string): Promise<AuditNote | null> {
  const { db, now } = context
  const ofGrant = sql`(select id from channel where grant_id = ${grantId})`
  const stopped = await db.many<{
    id: string
  }>(sql`update channel set state = 'stopped', next_at = null,
    finished_at = case state when 'following' then finished_at else ${now} end,
    version = version + 1 where grant_id = ${grantId} and state in ('running', 'following') returning id`)
  const problem = JSON.stringify({ zh: '授权已撤销', en: 'The grant was revoked' })
  await db.run(sql`update reconciliation set state = case state when 'running' then 'failed' else 'different' end,
      repair = case when repair is null then null else repair || '{"state": "failed"}' end,
      problem = ${problem}, finished_at = ${now}, version = version + 1
    where channel_id in ${ofGrant} and state in ('running', 'repairing')`)
  await stopIncrements(
    context,
    stopped.map(({ id }) => id),
    { zh: '授权已撤销', en: 'The grant was revoked' },
  )
  const works = await db.many<{
    id: string
  }>(sql`select w.id from node_work w where w.state in ('queued', 'leased') and (
      (w.subject_kind = 'channel' and w.subject_id in ${ofGrant})
      or (w.subject_kind = 'reconciliation' and w.subject_id in (select id from reconciliation where channel_id in ${ofGrant})))`)
  await cancelWork(
    context,
    works.map((one) => one.id),
  )
  await db.run(sql`update stream s set abandoned = true where s.channel_id in ${ofGrant}
    and (s.read_work_id = any(${works.map((one) => one.id)}::uuid[]) or s.apply_work_id = any(${works.map((one) => one.id)}::uuid[]))`)
  if (stopped.length === 0 && works.length === 0) return null
  return {
    objectKind: 'grant',
    objectId: grantId,
    detail: { channels: stopped.map((one) => one.id), works: works.length, because: 'grant revoked' },
  }
}
