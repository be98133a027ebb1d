import { suggestDatasets } from '@huitong/contract/search'
import { foldText, holdsAll, wordsOf } from '@huitong/search'
import { sql } from 'kysely'
import { query } from '../../kernel/verb.ts'
import { itemsHit } from './search-hits.ts'
import { datasetSees, SELECT_DATASET, withoutHidden, type DatasetRow } from './dataset-view.ts'
import { searchScore, searchWhere } from './search-match.ts'

/** So many datasets are looked at for names of items. */
const LOOKED_AT = 30
const DATASETS_MAX = 6
const OTHERS_MAX = 4

/** What somebody who types may mean: names of datasets, of their items, of departments; only what the search would find. */
export const suggestDatasetsVerb = query<typeof suggestDatasets>({
  endpoint: suggestDatasets,
  audit: null,
  async run({ db, actor }, { query: { q } }) {
    const words = wordsOf(q)
    if (words.length === 0) return { datasets: [], items: [], departments: [] }
    const rows = await db.many<DatasetRow>(sql`${SELECT_DATASET} join (
        select s.dataset_id, ${searchScore(words)} as score, s.updated_at as at from dataset_search s
        where ${searchWhere(actor, { q })} order by 2 desc, 3 desc, 1 desc limit ${LOOKED_AT}) found on found.dataset_id = v.id
      where ${datasetSees(actor)} order by found.score desc, found.at desc, v.id desc`)
    const seen = rows.map((row) => withoutHidden(row, actor))
    const contents = seen.map((row) => row.live_content ?? row.pending_content ?? undefined)
    const items = contents.flatMap((content) => itemsHit(content, words)).map((item) => item.name)
    const byFolded = new Map(
      items.filter((name) => holdsAll(words, [name.zh, name.en ?? ''])).map((name) => [foldText(name.zh), name]),
    )
    const departments = new Map(seen.map((row) => [row.department_id, row.department_name]))
    return {
      datasets: seen.slice(0, DATASETS_MAX).map((row, at) => ({
        id: row.id,
        name: contents[at]?.name ?? { zh: row.code },
        departmentName: row.department_name,
      })),
      items: [...byFolded.values()].slice(0, OTHERS_MAX),
      departments: [...departments]
        .filter(([, name]) => holdsAll(words, [name.zh, name.en ?? '']))
        .slice(0, OTHERS_MAX)
        .map(([id, name]) => ({ id, name })),
    }
  },
})
