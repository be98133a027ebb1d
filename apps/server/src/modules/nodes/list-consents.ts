import { listConsents } from '@huitong/contract/nodes'
import { sql } from 'kysely'
import { query } from '../../kernel/verb.ts'
import { CONSENT_COLUMNS, type ConsentRow, consentView, findSource } from './consent.ts'

/** The written consents of a data source, the latest first. */
export const listConsentsVerb = query<typeof listConsents>({
  endpoint: listConsents,
  audit: null,
  async run({ db, actor, now }, { params }) {
    await findSource(db, actor, params.id)
    const rows = await db.many<ConsentRow>(
      sql`select ${CONSENT_COLUMNS} from source_consent where source_id = ${params.id} order by created_at desc, id limit 200`,
    )
    return { items: rows.map((row) => consentView(row, now)) }
  },
})
