import type { DatasetContent } from '@huitong/contract/catalogue'
import type { SearchHit } from '@huitong/contract/search'
import { foldText } from '@huitong/search'
import { sql } from 'kysely'
import type { Person } from '../../kernel/actor.ts'
import type { Reader } from '../../kernel/db.ts'
import { datasetSees, datasetSummary, SELECT_DATASET, withoutHidden, type DatasetRow } from './dataset-view.ts'
import { namesOfItem } from './search-text.ts'

const ITEM_HITS_MAX = 6

/** The datasets of these ids in their order, as the actor may see them: asked of the datasets, not of the index. */
export async function readHits(
  db: Reader,
  actor: Person,
  ids: readonly string[],
  words: readonly string[],
): Promise<SearchHit[]> {
  const rows = await db.many<DatasetRow>(
    sql`${SELECT_DATASET} where v.id = any(${[...ids]}::uuid[]) and ${datasetSees(actor)}`,
  )
  const byId = new Map(rows.map((row) => [row.id, row]))
  return ids.flatMap((id) => {
    const row = byId.get(id)
    return row ? [hitOf(withoutHidden(row, actor), words)] : []
  })
}

function hitOf(row: DatasetRow, words: readonly string[]): SearchHit {
  const content = row.live_content ?? row.pending_content ?? undefined
  const items = itemsHit(content, words)
  return {
    ...datasetSummary(row),
    summary: content?.summary ?? null,
    open: content?.open ?? null,
    format: content?.format?.class ?? null,
    itemHits: items.slice(0, ITEM_HITS_MAX).map(({ code, name }) => ({ code, name })),
    itemHitCount: items.length,
  }
}

/** The items of an entry in whose name or code one of the words stands. */
export function itemsHit(content: DatasetContent | undefined, words: readonly string[]) {
  if (words.length === 0) return []
  return (content?.items ?? []).filter((item) => {
    const names = namesOfItem(item).map(foldText)
    return words.some((word) => names.some((name) => name.includes(word)))
  })
}
