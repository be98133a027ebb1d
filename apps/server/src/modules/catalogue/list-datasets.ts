import { listDatasets } from '@huitong/contract/catalogue'
import { wordsOf } from '@huitong/search'
import { sql } from 'kysely'
import { INSTANT_KEY, pageAt, pageOf, UUID_KEY } from '../../kernel/paging.ts'
import { query } from '../../kernel/verb.ts'
import { datasetSees, datasetSummary, SELECT_DATASET, withoutHidden, type DatasetRow } from './dataset-view.ts'
import { searchMatches } from './search-match.ts'

/** Datasets that the viewer may see, last changed first. `q` is looked up as the search does it. */
export const listDatasetsVerb = query<typeof listDatasets>({
  endpoint: listDatasets,
  audit: null,
  async run({ db, actor }, input) {
    const at = pageAt(input.query, [INSTANT_KEY, UUID_KEY])
    const { q, departmentId, shareAttribute, state, mine } = input.query
    const words = wordsOf(q ?? '')
    const own = actor.departmentId
    const rows = await db.many<DatasetRow>(sql`${SELECT_DATASET} where ${datasetSees(actor)}
      ${words.length > 0 ? sql`and v.id in (select s.dataset_id from dataset_search s where ${searchMatches(words)})` : sql``}
      ${departmentId ? sql`and v.department_id = ${departmentId}` : sql``}
      ${shareAttribute ? sql`and coalesce(v.live_content, v.pending_content)->>'shareAttribute' = ${shareAttribute}` : sql``}
      ${state === 'pending' ? sql`and v.pending_state is not null and ${datasetSees(actor, 'pendingDataset')}` : sql``}
      ${state === 'draft' || state === 'published' ? sql`and v.state = ${state}` : sql``}
      ${mine ? sql`and v.department_id = ${own}` : sql``}
      ${at.after ? sql`and (v.updated_at, v.id) < (${at.after[0]}::timestamptz, ${at.after[1]}::uuid)` : sql``}
      order by v.updated_at desc, v.id desc limit ${at.limit + 1}`)
    return pageOf(
      rows,
      at,
      (row) => [row.updated_at.toISOString(), row.id],
      (row) => datasetSummary(withoutHidden(row, actor)),
    )
  },
})
