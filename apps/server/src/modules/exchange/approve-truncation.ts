import { approveTruncation } from '@huitong/contract/exchange'
import { sql } from 'kysely'
import { refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'
import { CHANNEL_RULES, findChannel } from './channel-view.ts'
import { activePlan, findGrantRow } from './grant-plan.ts'
import { setLog } from './log-position.ts'

/** A person says that the source was emptied on purpose: the receiving table is emptied at the same place of the log. */
export const approveTruncationVerb = command<typeof approveTruncation>({
  endpoint: approveTruncation,
  audit: ({ params, body }) => ({ objectKind: 'channel', objectId: params.id, detail: { truncation: body.position } }),
  async run({ db, actor, now, legalNow, wake }, { params, body, match }) {
    const channel = await findChannel(db, actor, params.id)
    const reason = CHANNEL_RULES.truncate(channel, actor)
    if (reason || channel.log?.truncatedAt !== body.position)
      refuse('object.state', reason ? { places: [{ path: '', problem: reason }] } : { detail: 'another truncation' })
    activePlan(await findGrantRow(db, channel.grant_id), { now, legalNow })
    const moved =
      await db.run(sql`update channel set state = 'following', problem = null, failures = 0, next_at = ${now},
      version = version + 1 where id = ${params.id} and version = ${match}`)
    if (moved === 0) refuse('object.changed')
    const approved = [...(channel.log?.approved ?? []), body.position].slice(-100)
    await setLog(db, params.id, { state: 'whole', truncatedAt: null, approved })
    await wake('job:follow-channels')
    return { position: body.position }
  },
})
