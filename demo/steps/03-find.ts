import {
  createDataset,
  reviewDataset,
  signDataset,
  submitDataset,
  type DatasetContent,
} from '@huitong/contract/catalogue'
import { searchDatasets, searchFacets, suggestDatasets, type FacetName } from '@huitong/contract/search'
import { faultsOf, tally, type Outcome, type Step, type World } from '../run/world.ts'
import { COMPLETION } from './content.ts'
import { heldBy, readTruth, type Seeker, type TruthRow } from './find-truth.ts'
import { publishRegister } from './registers.ts'

const QUERY = '低保 社区'
/** Timed like somebody who looks around: words of the catalogue, one and several, found and not. */
const TIMED = [
  QUERY,
  '低保',
  '社区',
  '企业',
  '身份证',
  '统一社会信用代码',
  '许可 有效期',
  '行政区划',
  '姓名',
  '没有这样的目录',
]
const ROUNDS = 10

export interface FindFigures {
  query: string
  found: number
  expected: number
  missed: string[]
  extra: string[]
  by_title: boolean
  by_item: boolean
  restricted_planted: number
  leaked: string[]
  seekers: number
  facets_compared: number
  facets_wrong: string[]
  searches_timed: number
  p95_ms: number
}

/** Datasets are found by title and by item; nobody finds, counts or is offered what he may not see. */
async function run(world: World): Promise<Outcome<FindFigures>> {
  const planted = await plant(world)
  const spoilt = world.sabotage === 'find' ? await spoil(world, planted.byItem) : null
  const truth = await readTruth(world, QUERY)
  const checks = []
  for (const account of ['zhujian-officer', 'jiaoyu-officer', 'yibao-officer', 'bureau-authority', 'centre'])
    checks.push(await look(world, account, truth))
  const seeker = checks[0]!
  const hidden = [planted.draft, planted.signed]
  const offered = await suggested(world, hidden)
  const times = await timed(world)
  await spoilt?.()
  await giveBack(world, planted.signed)
  const figures: FindFigures = {
    query: QUERY,
    found: seeker.found.length,
    expected: seeker.expected.length,
    missed: checks.flatMap((one) => one.missed),
    extra: checks.flatMap((one) => one.extra),
    by_title: seeker.found.includes(planted.byTitle),
    by_item: seeker.found.includes(planted.byItem),
    restricted_planted: hidden.length,
    leaked: [...hidden.filter(({ id }) => seeker.found.includes(id)).map((one) => one.name), ...offered],
    seekers: checks.length,
    facets_compared: checks.reduce((sum, one) => sum + one.compared, 0),
    facets_wrong: checks.flatMap((one) => one.wrong),
    ...times,
  }
  const faults = faultsOf({
    'what holds the words in its title is found': figures.by_title,
    'what holds the words in its items only is found': figures.by_item,
    'everything that holds both words is found by those who may see it': figures.missed.length === 0,
    'nothing else is found': figures.extra.length === 0 && !seeker.found.includes(planted.halfOnly),
    'a draft and an entry under review show in no result and no suggestion': figures.leaked.length === 0,
    'their departments and the reviewer do find them':
      checks[1]!.found.includes(planted.draft.id) &&
      checks[2]!.found.includes(planted.signed.id) &&
      checks[3]!.found.includes(planted.signed.id),
    'every count is that of the entries which the person may see':
      figures.facets_compared > 0 && figures.facets_wrong.length === 0,
  })
  return { figures, faults }
}

interface Named {
  readonly id: string
  readonly name: string
}
interface Planted {
  readonly byTitle: string
  readonly byItem: string
  readonly halfOnly: string
  readonly draft: Named
  readonly signed: Named
}

/** Entries that hold the words in the title, in the items, by half; and two that hold them but are nobody else's business yet. */
async function plant(world: World): Promise<Planted> {
  const mark = `${world.round}${world.random.fork('find').integer(9000) + 1000}`
  const byTitle = await publishRegister(world, 'benefit')
  const aid = entry(`困难群众就业援助对象${mark}`, ['姓名', '低保家庭编号', '社区名称'])
  const byItem = await put(world, 'renshe', aid, 'published')
  const halfOnly = await put(world, 'sifa', entry(`社区矫正对象${mark}`, ['姓名', '矫正机构']), 'published')
  const draft = entry(`低保家庭学生资助（社区）${mark}`, ['姓名', '学校名称'])
  const signed = entry(`社区低保医疗救助${mark}`, ['姓名', '救助金额'])
  return {
    byTitle,
    byItem,
    halfOnly,
    draft: { id: await put(world, 'jiaoyu', draft, 'draft'), name: draft.name.zh },
    signed: { id: await put(world, 'yibao', signed, 'signed'), name: signed.name.zh },
  }
}

const entry = (zh: string, items: readonly string[]): DatasetContent => ({
  ...COMPLETION,
  name: { zh },
  summary: { zh: '供有关部门核对' },
  format: { class: 'database', type: 'postgresql' },
  shareMethods: ['table'],
  items: items.map((name, at) => ({
    code: `f_${at + 1}`,
    name: { zh: name },
    type: 'text',
    shareAttribute: 'conditional',
    level: 'general_2',
  })),
})

async function put(
  world: World,
  department: string,
  content: DatasetContent,
  state: 'draft' | 'signed' | 'published',
): Promise<string> {
  const officer = await world.as(`${department}-officer`)
  const draft = await officer.call(createDataset, { body: content })
  const params = { id: draft.id }
  if (state === 'draft') return draft.id
  const submitted = await officer.call(submitDataset, { params }, { match: draft.version })
  const head = await world.as(`${department}-head`)
  const signed = await head.call(signDataset, { params, body: { decision: 'agree' } }, { match: submitted.version })
  if (state === 'signed') return draft.id
  const authority = await world.as('bureau-authority')
  await authority.call(reviewDataset, { params, body: { decision: 'publish' } }, { match: signed.version })
  tally(world, department, 'datasets', 1)
  tally(world, department, 'items', content.items!.length)
  return draft.id
}

/** The entry under review goes back to its department, so that it is nobody's overdue duty later. */
async function giveBack(world: World, { id }: Named): Promise<void> {
  const authority = await world.as('bureau-authority')
  const [row] = await world.platformSql.rows<{ version: string }>('select version from dataset where id = $1', [id])
  const body = { decision: 'return' as const, opinion: '请补充使用范围' }
  await authority.call(reviewDataset, { params: { id }, body }, { match: Number(row!.version) })
}

/** Compares all results and all counts of one person with what the person may see by the demonstration's own reading. */
async function look(world: World, account: string, truth: readonly TruthRow[]) {
  const { department, role } = world.platform.city.people.find((one) => one.account === account)!
  const seeker: Seeker = { department, reviews: role === 'authority' }
  const expected = heldBy(truth, seeker)
  const client = await world.as(account)
  const found: string[] = []
  let after: string | null = null
  do {
    const query: { q: string; limit: string; after?: string } = { q: QUERY, limit: '100', ...(after ? { after } : {}) }
    const page = await client.call(searchDatasets, { query })
    found.push(...page.items.map((one) => one.id))
    after = page.next
  } while (after !== null)
  const ids = expected.map((one) => one.id)
  const counts = await client.call(searchFacets, { query: { q: QUERY } })
  const wrong: string[] = []
  let compared = 1
  if (counts.total !== ids.length) wrong.push(`${account}: ${counts.total} in all, ${ids.length}`)
  for (const facet of ['department', 'region', 'share', 'open', 'format', 'cycle'] as const satisfies FacetName[]) {
    const shown = new Map(counts.facets[facet].values.map((one) => [one.value, one.count]))
    const own = Map.groupBy(expected, (one) => one.facets[facet])
    for (const value of new Set([...shown.keys(), ...own.keys()])) {
      compared++
      const [has, wants] = [shown.get(value) ?? 0, own.get(value)?.length ?? 0]
      if (has !== wants) wrong.push(`${account}, ${facet} ${value}: ${has}, ${wants}`)
    }
  }
  return {
    found,
    expected: ids,
    missed: ids.filter((id) => !found.includes(id)).map((id) => `${account}: ${id}`),
    extra: found.filter((id, at) => !ids.includes(id) || found.indexOf(id) !== at).map((id) => `${account}: ${id}`),
    compared,
    wrong,
  }
}

/** Names of hidden entries that somebody is offered while he types them. */
async function suggested(world: World, hidden: readonly Named[]): Promise<string[]> {
  const officer = await world.as('zhujian-officer')
  const leaked: string[] = []
  for (const { id, name } of hidden)
    for (const length of [2, 4, Array.from(name).length]) {
      const q = Array.from(name).slice(0, length).join('')
      const reply = await officer.call(suggestDatasets, { query: { q } })
      if (reply.datasets.some((one) => one.id === id) || JSON.stringify(reply).includes(name))
        leaked.push(`${name}: suggested for ${q}`)
    }
  return leaked
}

async function timed(world: World): Promise<{ searches_timed: number; p95_ms: number }> {
  const officer = await world.as('zhujian-officer')
  const times: number[] = []
  for (let round = 0; round < ROUNDS; round++)
    for (const q of TIMED) {
      const begun = performance.now()
      await officer.call(searchDatasets, { query: { q } })
      times.push(performance.now() - begun)
    }
  times.sort((a, b) => a - b)
  return { searches_timed: times.length, p95_ms: Math.round(times[Math.ceil(times.length * 0.95) - 1]! * 10) / 10 }
}

/** Takes the items out of one index row behind the platform's back; answers how to put them back. */
async function spoil(world: World, id: string): Promise<() => Promise<void>> {
  const [row] = await world.platformSql.rows<{ items: string }>(
    'select items from dataset_search where dataset_id = $1',
    [id],
  )
  const write = (items: string) =>
    world.platformSql.rows('update dataset_search set items = $2 where dataset_id = $1', [id, items])
  await write('\n')
  return async () => void (await write(row!.items))
}

export const find: Step<FindFigures> = { number: 3, name: 'find', run }
