import { listChannels } from '@huitong/contract/exchange'
import { sql } from 'kysely'
import { pageAt, pageOf } from '../../kernel/paging.ts'
import { query } from '../../kernel/verb.ts'
import { channelSees, channelSummary, SELECT_CHANNEL, type ChannelRow } from './channel-view.ts'

/** Channels that the viewer may see, newest first. */
export const listChannelsVerb = query<typeof listChannels>({
  endpoint: listChannels,
  audit: null,
  async run({ db, actor }, input) {
    const at = pageAt(input.query, 1)
    const rows = await db.many<ChannelRow>(sql`${SELECT_CHANNEL} where ${channelSees(actor)}
      ${input.query.state ? sql`and c.state = ${input.query.state}` : sql``}
      ${at.after ? sql`and c.number < ${at.after[0]}` : sql``} order by c.number desc limit ${at.limit + 1}`)
    return pageOf(rows, at, (row) => [row.number], channelSummary)
  },
})
