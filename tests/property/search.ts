import { expect } from 'vitest'
import { holds, READS_CATALOGUE, seesDataset } from './rules.ts'
import { liveName, pendingName, type Dataset, type Person, type Search, type World } from './world.ts'

type Get = (path: string) => Promise<{ status: number; text: string }>
interface Facets {
  total: number
  facets: Record<
    'department' | 'share' | 'open' | 'cycle',
    { values: { value: string; count: number }[]; others: number }
  >
}

/** All that the catalogue holds of a dataset and is searched: each word must stand somewhere in it. */
function textOf(one: Dataset): string {
  const name = one.published ? liveName(one.id) : pendingName(one.id)
  const fixed = '全市村（居）委会名称和代码 代码 名称 省级代码 联系电话'
  return [one.told.subject, name, one.told.item, fixed, one.department.name].join('\n')
}
const answers = (one: Dataset, q: string) => q.split(' ').every((word) => textOf(one).includes(word))
const said = (one: Dataset, facet: 'share' | 'open' | 'cycle') => one.told[facet] ?? 'none'
const passes = (one: Dataset, facet: 'share' | 'open' | 'cycle', choice: string | undefined) =>
  choice === undefined || choice.split(',').includes(said(one, facet))

const CHOSEN = ['share', 'open', 'cycle'] as const

/**
 * Search, counts and suggestions of one person: exactly the datasets that the rules show and that hold the words, and
 * counts of just these. Answers how many datasets were found.
 */
export async function searchHolds(
  get: Get,
  person: Person,
  world: World,
  searches: readonly Search[],
): Promise<number> {
  if (!holds(person, READS_CATALOGUE)) {
    for (const path of ['datasets', 'facets', 'suggestions?q=x'])
      expect([path, (await get(`/search/${path}`)).status]).toEqual([path, 403])
    return 0
  }
  let found = 0
  for (const search of [{}, ...searches, ...world.datasets.slice(0, 2).flatMap(byName)]) {
    const all = world.datasets.filter((one) => seesDataset(person, one) && answers(one, search.q ?? ''))
    const pass = all.filter((one) => CHOSEN.every((facet) => passes(one, facet, search[facet])))
    const query = new URLSearchParams(search as Record<string, string>).toString()
    const hits = await searched(get, query)
    expect([person.roles, search, hits.sort()]).toEqual([person.roles, search, pass.map((one) => one.id).sort()])
    await facetsHold(get, query, search, all)
    found += hits.length
  }
  await suggestionsHold(get, person, world)
  return found
}

/** By the whole name of a live and of a pending version, whether the person may know of it or not. */
const byName = (one: Dataset): Search[] => [{ q: liveName(one.id) as '低保' }, { q: pendingName(one.id) as '低保' }]

async function searched(get: Get, query: string): Promise<string[]> {
  const ids: string[] = []
  for (let after = ''; ;) {
    const reply = await get(`/search/datasets?limit=4&${query}${after}`)
    expect([query, reply.status]).toEqual([query, 200])
    const page = JSON.parse(reply.text) as { items: { id: string }[]; next: string | null }
    ids.push(...page.items.map((one) => one.id))
    if (page.next === null) return ids
    after = `&after=${encodeURIComponent(page.next)}`
  }
}

async function facetsHold(get: Get, query: string, search: Search, all: readonly Dataset[]): Promise<void> {
  const { total, facets } = JSON.parse((await get(`/search/facets?${query}`)).text) as Facets
  const under = (except: string | null) =>
    all.filter((one) => CHOSEN.every((facet) => facet === except || passes(one, facet, search[facet])))
  expect([search, total]).toEqual([search, under(null).length])
  const counts = (values: string[]) =>
    Object.fromEntries([...Map.groupBy(values, (one) => one)].map(([value, each]) => [value, each.length]))
  const given = (facet: keyof Facets['facets']) =>
    Object.fromEntries(facets[facet].values.map(({ value, count }) => [value, count]))
  for (const facet of CHOSEN)
    expect([search, facet, given(facet)]).toEqual([search, facet, counts(under(facet).map((one) => said(one, facet)))])
  expect([search, given('department')]).toEqual([search, counts(under(null).map((one) => one.department.id))])
}

/** What is offered while typing names nothing that may not be known. */
async function suggestionsHold(get: Get, person: Person, world: World): Promise<void> {
  for (const q of ['低保', '登记', 'pending', '坐落']) {
    const reply = await get(`/search/suggestions?${new URLSearchParams({ q }).toString()}`)
    const { datasets, items } = JSON.parse(reply.text) as {
      datasets: { id: string }[]
      items: { zh: string }[]
    }
    const known = world.datasets.filter((one) => seesDataset(person, one))
    const strangers = datasets.filter(({ id }) => !known.some((one) => one.id === id))
    expect([person.roles, q, strangers]).toEqual([person.roles, q, []])
    const words = new Set(known.map((one) => one.told.item))
    const unknown = items.filter(({ zh }) => ['发放金额', '登记机关', '坐落'].includes(zh) && !words.has(zh as '坐落'))
    expect([person.roles, q, unknown]).toEqual([person.roles, q, []])
  }
}
