import { startChannel } from '@huitong/contract/exchange'
import { refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'
import { beginCopy } from './begin-copy.ts'
import { requireConsent } from '../nodes/index.ts'
import { CHANNEL_RULES, channelDetail, findChannel } from './channel-view.ts'

/** Starts a full copy as a new generation; what readers see stays until it is complete. */
export const startChannelVerb = command<typeof startChannel>({
  endpoint: startChannel,
  audit: ({ params }, reply) => ({
    objectKind: 'channel',
    objectId: params.id,
    detail: { generation: reply.progress.generation },
  }),
  async run({ db, actor, now, legalNow, services, wake }, { params, match }) {
    const channel = await findChannel(db, actor, params.id)
    const reason = CHANNEL_RULES.start(channel, actor)
    if (reason) refuse('object.state', { places: [{ path: '', problem: reason }] })
    await requireConsent(db, channel.source_id, now)
    await beginCopy({ db, now, legalNow, services, wake }, channel, match)
    return channelDetail(db, actor, params.id)
  },
})
