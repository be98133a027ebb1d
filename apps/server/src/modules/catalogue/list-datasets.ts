import { listDatasets } from '@huitong/contract/catalogue'
import { sql } from 'kysely'
import { INSTANT_KEY, pageAt, pageOf, UUID_KEY } from '../../kernel/paging.ts'
import { query } from '../../kernel/verb.ts'
import { datasetSees, datasetSummary, SELECT_DATASET, withoutHidden, type DatasetRow } from './dataset-view.ts'

const escapeLike = (text: string) => `%${text.replace(/[\\%_]/g, '\\$&')}%`

/** Datasets that the viewer may see, last changed first. `q` is found in names, codes and item names that are live. */
export const listDatasetsVerb = query<typeof listDatasets>({
  endpoint: listDatasets,
  audit: null,
  async run({ db, actor }, input) {
    const at = pageAt(input.query, [INSTANT_KEY, UUID_KEY])
    const { q, departmentId, shareAttribute, state, mine } = input.query
    const like = q === undefined ? null : escapeLike(q)
    const own = actor.departmentId
    const rows = await db.many<DatasetRow>(sql`${SELECT_DATASET} where ${datasetSees(actor)}
      ${
        like
          ? sql`and (v.name_zh ilike ${like} or v.code ilike ${like} or exists (select from data_item i
        where i.dataset_id = v.id and i.dataset_version = v.live_version and i.name->>'zh' ilike ${like}))`
          : sql``
      }
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
