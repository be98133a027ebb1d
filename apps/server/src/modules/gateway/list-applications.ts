import { listApplications } from '@huitong/contract/gateway'
import { sql } from 'kysely'
import { INSTANT_KEY, pageAt, pageOf, UUID_KEY } from '../../kernel/paging.ts'
import { query } from '../../kernel/verb.ts'
import { applicationSees, applicationView, SELECT_APPLICATION, type ApplicationRow } from './service-view.ts'

/** Credentials of the viewer's department, or of the jurisdiction for those who oversee it; secrets are in none of them. */
export const listApplicationsVerb = query<typeof listApplications>({
  endpoint: listApplications,
  audit: null,
  async run({ db, actor }, input) {
    const at = pageAt(input.query, [INSTANT_KEY, UUID_KEY])
    const rows = await db.many<ApplicationRow>(sql`${SELECT_APPLICATION} where ${applicationSees(actor)}
      ${at.after ? sql`and (a.created_at, a.id) < (${at.after[0]}::timestamptz, ${at.after[1]}::uuid)` : sql``}
      order by a.created_at desc, a.id desc limit ${at.limit + 1}`)
    return pageOf(rows, at, (row) => [row.created_at.toISOString(), row.id], applicationView)
  },
})
