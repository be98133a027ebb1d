import type { DatasetContent } from '@huitong/contract/catalogue'
import type { FacetName } from '@huitong/contract/search'
import type { World } from '../run/world.ts'

/** An entry that holds all words, as the demonstration read it from the platform's tables by itself. */
export interface TruthRow {
  readonly id: string
  readonly department: string
  readonly published: boolean
  readonly pending: string | null
  readonly facets: Readonly<Record<FacetName, string>>
}
export interface Seeker {
  /** Key of the department. */
  readonly department: string
  readonly reviews: boolean
}

interface EntryRow {
  id: string
  state: string
  pending: string | null
  content: string
  department_id: string
  department: string
  division: string
  codes: string
}

/** Reads every entry as a superuser and keeps those in which each word stands somewhere: no index, no policy. */
export async function readTruth(world: World, query: string): Promise<TruthRow[]> {
  const rows = await world.platformSql.rows<EntryRow>(`select x.id, x.state, p.state as pending,
      coalesce(l.content, p.content)::text as content, x.department_id, d.name->>'zh' as department, d.division,
      concat_ws(' ', x.code, x.official_code) as codes
    from dataset x join department d on d.id = x.department_id
      left join dataset_version l on l.dataset_id = x.id and l.number = x.live_version
      left join dataset_version p on p.dataset_id = x.id and p.number = x.pending_version`)
  const keys = new Map(world.platform.city.departments.map((one) => [one.name, one.key]))
  return rows.flatMap((row) => {
    const content = JSON.parse(row.content) as DatasetContent
    const texts = [...textsOf(content), row.department, row.codes]
    if (!query.split(' ').every((word) => texts.some((one) => one.includes(word)))) return []
    const facets = {
      department: row.department_id,
      region: row.division,
      share: content.shareAttribute ?? 'none',
      open: content.open ?? 'none',
      format: content.format?.class ?? 'none',
      cycle: content.updateCycle ?? 'none',
    }
    const { id, pending } = row
    return [{ id, department: keys.get(row.department) ?? '', published: row.state === 'published', pending, facets }]
  })
}

const textsOf = (content: DatasetContent): string[] => [
  content.name.zh,
  content.name.en ?? '',
  content.summary?.zh ?? '',
  content.summary?.en ?? '',
  ...(content.items ?? []).flatMap((item) => [item.name.zh, item.name.en ?? '', item.code]),
]

/** What is published is everybody's, the rest its department's, and under review the reviewer's too. */
export const heldBy = (truth: readonly TruthRow[], seeker: Seeker): TruthRow[] =>
  truth.filter(
    (one) => one.published || one.department === seeker.department || (seeker.reviews && one.pending === 'signed'),
  )
