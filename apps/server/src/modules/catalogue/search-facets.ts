import { FACETS, searchFacets, type FacetName } from '@huitong/contract/search'
import { wordsOf } from '@huitong/search'
import { sql, type RawBuilder } from 'kysely'
import type { Reader } from '../../kernel/db.ts'
import { query } from '../../kernel/verb.ts'
import { searchChoices, searchMatches, searchSees } from './search-match.ts'

const VALUES_MAX = 500

type Name = { zh: string; en?: string }
interface CountRow {
  /** Which column was grouped by; `region` is told by the departments. */
  facet: Exclude<FacetName, 'region'> | 'all'
  value: string | null
  /** Under all choices, and under all but those of one facet. */
  total: number
  without: Partial<Record<FacetName, number>>
}
interface Department {
  id: string
  name: Name
  division: string
  region: Name | null
}

/** Counts of a search. Those of a facet are taken under the choices of all other facets, so that each value says what choosing it would give. */
export const searchFacetsVerb = query<typeof searchFacets>({
  endpoint: searchFacets,
  audit: null,
  async run({ db, actor }, { query: asked }) {
    const where = sql`${searchMatches(wordsOf(asked.q ?? ''))} and ${searchSees(actor)}`
    const rows = await countRows(db, where, searchChoices(asked))
    const of = (facet: CountRow['facet']) => rows.filter((row) => row.facet === facet)
    const count = (row: CountRow, facet: FacetName) => row.without[facet] ?? row.total
    const byDepartment = of('department')
    const departments = await departmentsOf(
      db,
      byDepartment.map((row) => row.value!),
    )
    const named = (row: CountRow) => departments.get(row.value!)
    const plain = (facet: 'share' | 'open' | 'format' | 'cycle') =>
      listed(of(facet).map((row) => ({ value: row.value!, words: null, count: count(row, facet) })))
    const regions = Map.groupBy(byDepartment, (row) => named(row)?.division ?? '')
    return {
      total: of('all')[0]?.total ?? 0,
      facets: {
        department: listed(
          byDepartment.map((row) => ({
            value: row.value!,
            words: named(row)?.name ?? null,
            count: count(row, 'department'),
          })),
        ),
        region: listed(
          [...regions].map(([value, members]) => ({
            value,
            words: named(members[0]!)?.region ?? null,
            count: members.reduce((sum, row) => sum + count(row, 'region'), 0),
          })),
        ),
        share: plain('share'),
        open: plain('open'),
        format: plain('format'),
        cycle: plain('cycle'),
      },
    }
  },
})

type Choices = ReadonlyMap<string, RawBuilder<unknown>>

/** One scan of what the words and the policy leave; choices are only told apart in the counting. */
async function countRows(db: Reader, where: RawBuilder<unknown>, choices: Choices): Promise<CountRow[]> {
  const chosen = FACETS.filter((facet) => choices.has(facet))
  const passes = chosen.map((facet) => sql`(${choices.get(facet)}) as ${sql.ref(`in_${facet}`)}`)
  const all = (facets: readonly FacetName[]) =>
    facets.length === 0
      ? sql`true`
      : sql.join(
          facets.map((facet) => sql.ref(`in_${facet}`)),
          sql` and `,
        )
  const without = chosen.map(
    (facet) => sql`${sql.lit(facet)}, count(*) filter (where ${all(chosen.filter((other) => other !== facet))})`,
  )
  return db.many<CountRow>(sql`select case grouping(department_id, share, open, format, cycle)
      when 15 then 'department' when 23 then 'share' when 27 then 'open' when 29 then 'format' when 30 then 'cycle' else 'all' end as facet,
      coalesce(department_id::text, share, open, format, cycle) as value,
      (count(*) filter (where ${all(chosen)}))::integer as total, jsonb_build_object(${sql.join(without)}) as without
    from (select ${sql.join([sql`s.department_id, s.share, s.open, s.format, s.cycle`, ...passes])} from dataset_search s where ${where}) found
    group by grouping sets (department_id, share, open, format, cycle, ())`)
}

async function departmentsOf(db: Reader, ids: readonly string[]): Promise<Map<string, Department>> {
  const rows = await db.many<Department>(sql`select d.id, d.name, d.division, r.name as region
    from department d left join region r on r.code = d.division where d.id = any(${[...ids]}::uuid[])`)
  return new Map(rows.map((row) => [row.id, row]))
}

interface Value {
  readonly value: string
  readonly words: Name | null
  readonly count: number
}

/** The largest first, none that is empty; what does not fit is counted together. */
function listed(values: readonly Value[]): { values: Value[]; others: number } {
  const full = values.filter((one) => one.count > 0)
  full.sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
  return {
    values: full.slice(0, VALUES_MAX),
    others: full.slice(VALUES_MAX).reduce((sum, one) => sum + one.count, 0),
  }
}
