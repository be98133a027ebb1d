import { readChannel } from '@huitong/contract/exchange'
import { query } from '../../kernel/verb.ts'
import { channelDetail } from './channel-view.ts'

/** One channel with its progress and reconciliations. */
export const readChannelVerb = query<typeof readChannel>({
  endpoint: readChannel,
  audit: null,
  run: ({ db, actor }, { params }) => channelDetail(db, actor, params.id),
})
