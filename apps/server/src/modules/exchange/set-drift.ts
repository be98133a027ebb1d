import { setDrift } from '@huitong/contract/exchange'
import { sql } from 'kysely'
import { refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'
import { CHANNEL_RULES, findChannel } from './channel-view.ts'
import { askForPause } from './pause-log.ts'

/** Says what happens when the source's table changes. A stream of the log goes on under the new policy at its next position. */
export const setDriftVerb = command<typeof setDrift>({
  endpoint: setDrift,
  audit: ({ params, body }) => ({ objectKind: 'channel', objectId: params.id, detail: { drift: body.policy } }),
  async run({ db, actor, now, legalNow, services, wake }, { params, body, match }) {
    const channel = await findChannel(db, actor, params.id)
    const reason = CHANNEL_RULES.driftPolicy(channel, actor)
    if (reason) refuse('object.state', { places: [{ path: '', problem: reason }] })
    const moved = await db.run(sql`update channel set drift_policy = ${body.policy}, version = version + 1
      where id = ${params.id} and version = ${match}`)
    if (moved === 0) refuse('object.changed')
    const isLogged = channel.mode === 'log' && channel.state === 'following'
    if (isLogged && channel.drift_policy !== body.policy)
      await askForPause({ db, now, legalNow, services, wake }, params.id)
    return body
  },
})
