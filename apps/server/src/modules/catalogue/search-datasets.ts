import { searchDatasets } from '@huitong/contract/search'
import { wordsOf } from '@huitong/search'
import { sql } from 'kysely'
import { INSTANT_KEY, pageAt, pageOf, UUID_KEY } from '../../kernel/paging.ts'
import { query } from '../../kernel/verb.ts'
import { readHits } from './search-hits.ts'
import { searchScore, searchWhere } from './search-match.ts'

const SCORE_KEY = /^\d{1,9}$/

interface Place {
  id: string
  score: number
  updated_at: Date
}

/** Datasets that hold all words, best answer first; without words, last changed first. */
export const searchDatasetsVerb = query<typeof searchDatasets>({
  endpoint: searchDatasets,
  audit: null,
  async run({ db, actor }, { query: asked }) {
    const at = pageAt(asked, [SCORE_KEY, INSTANT_KEY, UUID_KEY])
    const words = wordsOf(asked.q ?? '')
    const score = asked.sort === 'updated' ? sql`0` : searchScore(words)
    const places = await db.many<Place>(sql`select * from (
        select s.dataset_id as id, ${score} as score, s.updated_at from dataset_search s where ${searchWhere(actor, asked)}) found
      ${at.after ? sql`where (score, updated_at, id) < (${at.after[0]}::integer, ${at.after[1]}::timestamptz, ${at.after[2]}::uuid)` : sql``}
      order by score desc, updated_at desc, id desc limit ${at.limit + 1}`)
    const page = pageOf(
      places,
      at,
      (one) => [String(one.score), one.updated_at.toISOString(), one.id],
      (one) => one.id,
    )
    return { items: await readHits(db, actor, page.items, words), next: page.next }
  },
})
