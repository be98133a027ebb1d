import { sql } from 'kysely'
import { subscriber, type SubscriberContext } from '../../kernel/subscribers.ts'
import type { AuditNote } from '../../kernel/verb.ts'
import { endChannels } from './end-channels.ts'

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
  const ofGrant = sql`(select id from channel where grant_id = ${grantId})`
  const ended = await endChannels(context, ofGrant, { zh: '授权已撤销', en: 'The grant was revoked' })
  if (ended.channels.length === 0 && ended.works === 0) return null
  return { objectKind: 'grant', objectId: grantId, detail: { ...ended, because: 'grant revoked' } }
}
