import { resumeChannel } from '@huitong/contract/exchange'
import { sql } from 'kysely'
import { refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'
import { requireConsent } from '../nodes/index.ts'
import { CHANNEL_RULES, channelDetail, findChannel } from './channel-view.ts'
import { activePlan, findGrantRow } from './grant-plan.ts'

/** Goes on from the position where the receiving table stands; nothing is copied whole again. */
export const resumeChannelVerb = command<typeof resumeChannel>({
  endpoint: resumeChannel,
  audit: ({ params }, reply) => ({
    objectKind: 'channel',
    objectId: params.id,
    detail: { position: reply.follow?.position ?? null },
  }),
  async run({ db, actor, now, legalNow, wake }, { params, match }) {
    const channel = await findChannel(db, actor, params.id)
    const reason = CHANNEL_RULES.resume(channel, actor)
    if (reason) refuse('object.state', { places: [{ path: '', problem: reason }] })
    await requireConsent(db, channel.source_id, now)
    activePlan(await findGrantRow(db, channel.grant_id), { now, legalNow })
    const moved =
      await db.run(sql`update channel set state = 'following', problem = null, drift = null, failures = 0, next_at = ${now},
      version = version + 1 where id = ${params.id} and version = ${match}`)
    if (moved === 0) refuse('object.changed')
    await wake('job:follow-channels')
    return channelDetail(db, actor, params.id)
  },
})
