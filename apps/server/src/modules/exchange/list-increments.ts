import { listIncrements } from '@huitong/contract/exchange'
import { sql } from 'kysely'
import { pageAt, pageOf } from '../../kernel/paging.ts'
import { query } from '../../kernel/verb.ts'
import { findChannel } from './channel-view.ts'
import { incrementView, SELECT_INCREMENT, type IncrementRow } from './follow-view.ts'

/** The increments of a channel, newest first. */
export const listIncrementsVerb = query<typeof listIncrements>({
  endpoint: listIncrements,
  audit: null,
  async run({ db, actor }, input) {
    await findChannel(db, actor, input.params.id)
    const at = pageAt(input.query, 1)
    const rows = await db.many<IncrementRow>(sql`${SELECT_INCREMENT} where i.channel_id = ${input.params.id}
      ${at.after ? sql`and i.number < ${at.after[0]}::int` : sql``} order by i.number desc limit ${at.limit + 1}`)
    return pageOf(rows, at, (row) => [String(row.number)], incrementView)
  },
})
