import { listStatements } from '@huitong/contract/exchange'
import { sql } from 'kysely'
import { pageAt, pageOf } from '../../kernel/paging.ts'
import { query } from '../../kernel/verb.ts'
import { findChannel } from './channel-view.ts'
import { SELECT_STATEMENT, statementSummary, type SummaryRow } from './statement-view.ts'

/** Statements of a channel, newest first. */
export const listStatementsVerb = query<typeof listStatements>({
  endpoint: listStatements,
  audit: null,
  async run({ db, actor }, input) {
    await findChannel(db, actor, input.params.id)
    const at = pageAt(input.query, 1)
    const rows = await db.many<SummaryRow>(sql`${SELECT_STATEMENT} where channel_id = ${input.params.id}
      ${at.after ? sql`and number < ${at.after[0]}` : sql``} order by number desc limit ${at.limit + 1}`)
    return pageOf(rows, at, (row) => [row.number], statementSummary)
  },
})
