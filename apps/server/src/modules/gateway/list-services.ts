import { listServices } from '@huitong/contract/gateway'
import { sql } from 'kysely'
import { INSTANT_KEY, pageAt, pageOf, UUID_KEY } from '../../kernel/paging.ts'
import { query } from '../../kernel/verb.ts'
import { selectServices, serviceSummary, type ServiceRow } from './service-view.ts'

/** Services of the jurisdiction, newest first; openings are counted as far as the viewer is a party. */
export const listServicesVerb = query<typeof listServices>({
  endpoint: listServices,
  audit: null,
  async run({ db, actor }, input) {
    const at = pageAt(input.query, [INSTANT_KEY, UUID_KEY])
    const { state, datasetId } = input.query
    const rows = await db.many<ServiceRow>(sql`select * from (${selectServices(actor)}) x where true
      ${state ? sql`and x.state = ${state}` : sql``} ${datasetId ? sql`and x.dataset_id = ${datasetId}` : sql``}
      ${at.after ? sql`and (x.created_at, x.id) < (${at.after[0]}::timestamptz, ${at.after[1]}::uuid)` : sql``}
      order by x.created_at desc, x.id desc limit ${at.limit + 1}`)
    return pageOf(rows, at, (row) => [row.created_at.toISOString(), row.id], serviceSummary)
  },
})
