import { sql } from 'kysely'
import { subscriber } from '../../kernel/subscribers.ts'
import { cancelWork } from '../nodes/index.ts'

/** The applicant's confirmation makes a configured channel ready; a revoked grant stops its channel. */
export const followRequest = subscriber<'request.stepped' | 'grant.revoked'>({
  name: 'channel_follows_request',
  on: ['request.stepped', 'grant.revoked'],
  async handle({ db, now, wake }, { type, payload }) {
    if (type === 'request.stepped') {
      const { requestId, state } = payload as { requestId: string; state: string }
      if (state !== 'done') return null
      const row = await db.maybe<{
        id: string
      }>(sql`update channel c set state = 'ready', version = c.version + 1 from access_grant g
        where g.id = c.grant_id and g.request_id = ${requestId} and c.state = 'configured' returning c.id`)
      return row ? { objectKind: 'channel', objectId: row.id, detail: { state: 'ready' } } : null
    }
    const { grantId } = payload as { grantId: string }
    const stopped = await db.maybe<{
      id: string
    }>(sql`update channel set state = 'stopped', finished_at = ${now}, version = version + 1
      where grant_id = ${grantId} and state = 'running' returning id`)
    if (!stopped) return null
    const works = await db.many<{ read_work_id: string; apply_work_id: string }>(
      sql`select read_work_id, apply_work_id from stream where channel_id = ${stopped.id}`,
    )
    await cancelWork(
      { db, now, wake },
      works.flatMap((one) => [one.read_work_id, one.apply_work_id]),
    )
    return { objectKind: 'channel', objectId: stopped.id, detail: { state: 'stopped', because: 'grant revoked' } }
  },
})
