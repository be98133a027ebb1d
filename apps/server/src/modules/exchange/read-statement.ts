import { readStatement } from '@huitong/contract/exchange'
import { sql } from 'kysely'
import { query } from '../../kernel/verb.ts'
import { findChannel } from './channel-view.ts'
import { statementView, type StatementRow } from './statement-view.ts'

/** A statement of a channel that the viewer may see, with the document as it was signed. */
export const readStatementVerb = query<typeof readStatement>({
  endpoint: readStatement,
  audit: null,
  async run({ db, actor }, { params }) {
    const row = await db.one<StatementRow>(sql`select * from statement where id = ${params.id}`)
    await findChannel(db, actor, row.channel_id)
    return statementView(row)
  },
})
