import { setSchedule } from '@huitong/contract/exchange'
import { sql } from 'kysely'
import { refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'
import { CHANNEL_RULES, channelDetail, findChannel } from './channel-view.ts'

/** How often changes are brought, and how late a row may be written after its own update time. */
export const setScheduleVerb = command<typeof setSchedule>({
  endpoint: setSchedule,
  audit: ({ params, body }) => ({ objectKind: 'channel', objectId: params.id, detail: { ...body } }),
  async run({ db, actor, now, wake }, { params, body, match }) {
    const channel = await findChannel(db, actor, params.id)
    const reason = CHANNEL_RULES.schedule(channel, actor)
    if (reason) refuse('object.state', { places: [{ path: '', problem: reason }] })
    const next = new Date(now.getTime() + body.intervalSeconds * 1000)
    const moved =
      await db.run(sql`update channel set interval_seconds = ${body.intervalSeconds}, lag_seconds = ${body.lagSeconds},
      next_at = case when state = 'following' then least(next_at, ${next}) end, version = version + 1
      where id = ${params.id} and version = ${match}`)
    if (moved === 0) refuse('object.changed')
    await wake('job:follow-channels')
    return channelDetail(db, actor, params.id)
  },
})
