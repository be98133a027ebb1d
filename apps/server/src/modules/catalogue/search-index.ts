import type { DatasetContent } from '@huitong/contract/catalogue'
import { sql } from 'kysely'
import type { Writer } from '../../kernel/db.ts'
import { SCHEME, searchTexts } from './search-text.ts'

interface SourceRow {
  id: string
  jurisdiction: string
  department_id: string
  department_name: { zh: string; en?: string }
  department_version: number
  code: string
  official_code: string | null
  published: boolean
  version: number
  updated_at: Date
  pending: string | null
  content: DatasetContent | null
}

/** Datasets made anew in one transaction. */
const BATCH_MAX = 200

/**
 * Makes the index rows of datasets anew from what is live, or from the pending version where nothing is. Every verb
 * that changes a dataset ends with it, so that the index is never behind what has been committed. Answers how many.
 */
export async function indexDatasets(db: Writer, ids: readonly string[]): Promise<number> {
  // Locked: a row that is being changed is left to the one who changes it, and nobody writes an older state over a newer.
  const rows = await db.many<SourceRow>(sql`select x.id, x.jurisdiction, x.department_id, d.name as department_name,
      d.version as department_version, x.code, x.official_code, x.state = 'published' as published, x.version, x.updated_at,
      case when x.live_version is null then v.state end as pending, v.content
    from dataset x join department d on d.id = x.department_id
      left join dataset_version v on v.dataset_id = x.id and v.number = coalesce(x.live_version, x.pending_version)
    where x.id = any(${[...ids]}::uuid[]) for no key update of x skip locked`)
  if (rows.length === 0) return 0
  const made = rows.map(({ content, department_name, code, official_code, id, ...rest }) => ({
    ...rest,
    dataset_id: id,
    dataset_version: rest.version,
    scheme: SCHEME,
    ...searchTexts(content ?? { name: { zh: code } }, official_code ? [code, official_code] : [code], department_name),
  }))
  const columns =
    sql.raw(`dataset_id, jurisdiction, department_id, published, pending, updated_at, share, open, format, cycle,
    title, title_words, items, item_words, rest, scheme, dataset_version, department_version`)
  await db.run(sql`insert into dataset_search (${columns})
    select ${columns} from jsonb_populate_recordset(null::dataset_search, ${JSON.stringify(made)}::jsonb)
    on conflict (dataset_id) do update set jurisdiction = excluded.jurisdiction, department_id = excluded.department_id,
      published = excluded.published, pending = excluded.pending, updated_at = excluded.updated_at, share = excluded.share,
      open = excluded.open, format = excluded.format, cycle = excluded.cycle, title = excluded.title,
      title_words = excluded.title_words, items = excluded.items, item_words = excluded.item_words, rest = excluded.rest,
      scheme = excluded.scheme, dataset_version = excluded.dataset_version, department_version = excluded.department_version`)
  return rows.length
}

/** Indexes some of the datasets whose index row is missing or was made from something else than now; how many. */
export async function indexStale(db: Writer): Promise<number> {
  const stale = await db.many<{ id: string }>(sql`select x.id from dataset x join department d on d.id = x.department_id
    left join dataset_search s on s.dataset_id = x.id
    where s.dataset_id is null or s.scheme <> ${SCHEME} or s.dataset_version <> x.version
      or s.department_version <> d.version limit ${BATCH_MAX}`)
  return indexDatasets(
    db,
    stale.map((one) => one.id),
  )
}
