import { countCalls, readService, readServiceDocument } from '@huitong/contract/gateway'
import { callService, type Answered } from '../run/signed-call.ts'
import { chinaDay } from '../run/working-days.ts'
import { faultsOf, tally, type Outcome, type Step, type World } from '../run/world.ts'
import { countyOf, ITEMS, makeService, MATTER, type Served } from './service-made.ts'
import { meetRefusals, REFUSALS, type Caller } from './service-refusals.ts'
import { countWhere, differencesOf, idsWhere, rowsWhere, valuesKept, type Row } from './service-values.ts'

export interface ServiceFigures {
  county: string
  calls: number
  calls_per_second: number
  rows_by_key: number
  rows_by_batch: number
  rows_by_page: number
  pages: number
  differences: string[]
  count: number
  count_expected: number
  refusals: Record<string, string>
  refusals_wrong: string[]
  retry_after_seconds: number | null
  document_items: string[]
  counted: Record<string, number>
  counted_expected: Record<string, number>
  counted_wrong: string[]
  values_kept: number
}

const KEYS = 60
const PAGE_ROWS = 40
/** Between page requests of one village: enough pages to see that none is left out or told twice. */
const PAGES_MAX = 50
const IN_COUNTY = 'village_code like $1'

/** The landed population is served to the housing bureau's system without code; answers and refusals are measured. */
async function run(world: World): Promise<Outcome<ServiceFigures>> {
  const county = await countyOf(world)
  const served = await makeService(world, county)
  world.made.serviceId = served.id
  const book = new Map<string, { sure: number; perhaps: number }>()
  const caller = callerOf(world, served, book)
  const from = chinaDay(new Date())
  const like = [`${county}%`]
  const inside = await idsWhere(world, IN_COUNTY, like, KEYS)
  const [outside] = await idsWhere(world, `not coalesce(${IN_COUNTY}, false)`, like, 1)
  const spoilt = world.sabotage === 'service' ? await spoil(world, inside[0]!) : null
  try {
    const read = await readAll(world, caller, { inside, like })
    const { refusals, retryAfter } = await meetRefusals(world, served, caller, {
      inside: inside[0]!,
      outside: outside ?? '0',
    })
    const wrong = Object.entries(REFUSALS).filter(([name, code]) => refusals[name] !== code)
    const counts = await compareCounts(world, served, book, from)
    const figures: ServiceFigures = {
      county,
      ...read,
      refusals,
      refusals_wrong: wrong.map(([name, code]) => `${name}: ${refusals[name]}, ${code}`),
      retry_after_seconds: retryAfter,
      document_items: await documented(world, served),
      ...counts,
      values_kept: await valuesKept(world, served.id, inside),
    }
    return { figures, faults: faultsIn(figures) }
  } finally {
    await spoilt?.()
  }
}

const faultsIn = (figures: ServiceFigures): string[] =>
  faultsOf({
    'every row is answered by its key, masked and cut as granted, as the department’s own database has it':
      figures.rows_by_key === KEYS && figures.differences.length === 0,
    'a batch answers the same rows': figures.rows_by_batch === KEYS,
    'pages tell every row once': figures.pages > 1,
    'the count is that of the department’s own database': figures.count === figures.count_expected && figures.count > 0,
    'each refusal has its own code': figures.refusals_wrong.length === 0,
    'who is over quota is told when to come back': (figures.retry_after_seconds ?? 0) > 0,
    'the description of the service names its items': ITEMS.every((item) => figures.document_items.includes(item)),
    'calls are counted by matter and outcome': figures.counted_wrong.length === 0,
    'no value of a call is kept': figures.values_kept === 0,
  })

/** Keeps the demonstration's own book of calls: by matter and outcome, what is sure and what may be one more. */
function callerOf(world: World, served: Served, book: Map<string, { sure: number; perhaps: number }>): Caller {
  const note = (matter: string, { outcome, lost }: Answered): void => {
    const add = (key: string, sure: number, perhaps: number): void => {
      const known = book.get(key) ?? { sure: 0, perhaps: 0 }
      book.set(key, { sure: known.sure + sure, perhaps: known.perhaps + perhaps })
    }
    add(`${matter} ${outcome}`, 1, 0)
    if (lost > 0) add(`${matter} ok`, 0, lost)
    if (lost > 0) add(`${matter} service.replayed`, 0, lost)
  }
  return {
    async call({ way = 'row', code = served.code, matter = MATTER, ...given }, as = served.application) {
      const path = `/api/v1/services/${code}/${way}`
      const answer = await callService(world.platform.url, as, { path, matter, ...given })
      // Only calls of the step's own application to its own service, which it could prove, stand under a matter.
      const isProven = as.appId === served.application.appId && !/signature|clock/.test(answer.outcome)
      if (isProven && code === served.code) note(matter, answer)
      if (isProven) tally(world, 'zhujian', 'calls_made', 1 + 2 * answer.lost)
      if (isProven) tally(world, 'gongan', 'calls', (answer.outcome === 'ok' ? 1 : 0) + answer.lost)
      return {
        ...answer,
        again: async () => {
          const second = await answer.again()
          note(matter, second)
          tally(world, 'zhujian', 'calls_made', 1)
          return second
        },
      }
    },
  }
}

async function readAll(world: World, caller: Caller, { inside, like }: { inside: string[]; like: string[] }) {
  const expected = await rowsWhere(world, `id = any($1::bigint[])`, [inside])
  const sorted = expected.map((row) => row['id']!)
  const begun = performance.now()
  const replies = await Promise.all(sorted.map((id) => caller.call({ query: { id } })))
  const seconds = (performance.now() - begun) / 1000
  const byKey = replies.map((one) => one.body['row'] as Row | undefined)
  const body = { keys: sorted.map((id) => ({ id })) }
  const byBatch = (await caller.call({ way: 'batch', body })).body['rows'] as (Row | null)[] | undefined
  const village = expected[0]?.['village_code'] ?? ''
  const inVillage = await rowsWhere(world, 'village_code = $1', [village])
  // Of a small village several pages, of a large one not too many.
  const few = Math.min(PAGE_ROWS, Math.ceil(inVillage.length / 3))
  const paged = await pagesOf(caller, village, Math.max(1, few, Math.ceil(inVillage.length / (PAGES_MAX - 1))))
  const counted = await caller.call({ way: 'count' })
  return {
    calls: replies.length,
    calls_per_second: Math.round(replies.length / seconds),
    rows_by_key: byKey.filter((row) => row !== undefined).length,
    rows_by_batch: (byBatch ?? []).filter((row) => row !== null).length,
    rows_by_page: paged.rows.length,
    pages: paged.pages,
    differences: [
      ...differencesOf(expected, byKey),
      ...differencesOf(expected, byBatch ?? []),
      ...differencesOf(inVillage, paged.rows),
    ],
    count: Number(counted.body['count'] ?? -1),
    count_expected: await countWhere(world, IN_COUNTY, like),
  }
}

async function pagesOf(caller: Caller, village: string, limit: number): Promise<{ rows: Row[]; pages: number }> {
  const rows: Row[] = []
  let after: string | null = null
  for (let pages = 1; ; pages++) {
    const query = { village_code: village, limit: String(limit), ...(after === null ? {} : { after }) }
    const { body } = await caller.call({ way: 'rows', query })
    rows.push(...((body['items'] as Row[] | undefined) ?? []))
    after = (body['next'] as string | null | undefined) ?? null
    if (after === null || pages === PAGES_MAX) return { rows, pages }
  }
}

/** What the platform counts of the calls, as the using department sees it, against the demonstration's own book. */
async function compareCounts(
  world: World,
  served: Served,
  book: Map<string, { sure: number; perhaps: number }>,
  from: string,
) {
  const officer = await world.as('zhujian-officer')
  const query = { from, until: chinaDay(new Date()), by: 'matter,outcome', serviceId: served.id }
  const { items } = await officer.call(countCalls, { query })
  const counted: Record<string, number> = {}
  for (const one of items) {
    if (one.matter !== null && !/signature|clock|app_/.test(one.outcome ?? ''))
      counted[`${one.matter} ${one.outcome}`] = Number(one.calls)
  }
  const expected = Object.fromEntries([...book].map(([key, { sure }]) => [key, sure]))
  const wrong = [...new Set([...Object.keys(counted), ...book.keys()])].filter((key) => {
    const { sure, perhaps } = book.get(key) ?? { sure: 0, perhaps: 0 }
    const count = counted[key] ?? 0
    return count < sure || count > sure + perhaps
  })
  return { counted, counted_expected: expected, counted_wrong: wrong }
}

/** The items that the OpenAPI document of the service describes. */
async function documented(world: World, { id }: Served): Promise<string[]> {
  const developer = await world.as('developer')
  const { items } = await developer.call(readService, { params: { id } })
  const document = JSON.stringify(await developer.call(readServiceDocument, { params: { id } }))
  return items.map((one) => one.code).filter((code) => document.includes(`"${code}"`))
}

/** Sabotage: the landed row of one person is changed behind the platform's back; answers how to change it back. */
async function spoil(world: World, id: string): Promise<() => Promise<void>> {
  const table = `public.${world.made.landed!['population']!.table}`
  const change = async (to: string): Promise<void> => {
    await world.centre.rows(`update ${table} set status = ${to} where id = $1`, [id])
  }
  await change(`status || '改'`)
  return () => change(`left(status, -1)`)
}

export const service: Step<ServiceFigures> = { number: 9, name: 'service', run }
