import { readRequest } from '@huitong/contract/catalogue'
import { countCalls, createApplication, createService, openService } from '@huitong/contract/gateway'
import { readLegalClock, shiftLegalClock } from '@huitong/contract/standards'
import { openSql } from '../run/measure.ts'
import { callService, type Sent, type ServiceCall, type ServiceReply } from '../run/service-client.ts'
import { chinaDay } from '../run/working-days.ts'
import { faultsOf, needed, until, type Outcome, type Step, type World } from '../run/world.ts'
import { actorsOf, agreeAll, askFor, decide } from './requests.ts'

export interface ServiceFigures {
  service: string
  rows_compared: number
  /** Rows that differ from what the provider's own table holds under the grant, masks written here. */
  differences: string[]
  items_answered: string[]
  refusals: Record<string, string>
  calls_sent: Record<string, number>
  calls_heard: Record<string, number>
  calls_counted: Record<string, number>
  values_kept: number
}

const ITEMS = ['id', 'name', 'id_number', 'village_code', 'status'] as const
/** What the grant masks and leaves out, by SQL written here: 姓名 and 公民身份号码 masked, living people only. */
const EXPECTED = `select id::text as id,
    case when char_length(name) <= 1 then repeat('*', char_length(name)) else left(name, 1) || repeat('*', char_length(name) - 1) end as name,
    case when char_length(id_number) <= 10 then repeat('*', char_length(id_number))
      else left(id_number, 6) || repeat('*', 8) || right(id_number, 4) end as id_number,
    village_code, status
  from public.population where status = '正常'`
const SAMPLE = 200
const PER_DAY = 3
const MATTER = { code: '11330000002482090H4330117003000', name: '公共租赁住房申请人信息核验' }

/** Names of the refusals and the code that each must answer with. */
const REFUSALS = {
  'item not granted': 'service.item_not_granted',
  'masked item as a condition': 'service.item_masked',
  'wrong signature': 'service.signature_wrong',
  replay: 'service.replayed',
  'missing purpose': 'service.matter_missing',
  'purpose of no grant': 'service.matter_not_granted',
  'row outside the grant': 'service.row_not_found',
  'over quota': 'service.over_quota',
  'expired grant': 'service.grant_expired',
} as const

/** The landed population becomes a service without code; an application of another department calls it by signed requests. */
async function run(world: World): Promise<Outcome<ServiceFigures>> {
  const { channelId, datasetId } = needed(world.made.landed?.['population'], 'the landed population')
  const code = `population-${world.round}`
  const centre = await world.as('centre')
  const service = await centre.call(createService, { body: { channelId, code, name: { zh: '人口基本信息核验' } } })
  const open = (more: { matter: string; perDayMax?: number; until?: string }) =>
    openFor(world, { datasetId, serviceId: service.id, ...more })
  await open({ matter: MATTER.code })
  const developer = await world.as('developer')
  const { application, secret } = await developer.call(createApplication, { body: { name: '公租房申请系统' } })
  const app = { appId: application.appId, secret }
  if (world.sabotage === 'service') await spoil(world)

  const counted: Sent = { sent: new Map(), heard: new Map() }
  const call = (given: Omit<ServiceCall, 'matter'> & { matter?: string | null }) =>
    callService(world.platform.url, app, code, { matter: MATTER.code, ...given }, counted)
  const population = openSql(() => world.platform.superuser('departments', world.platform.databases.gongan.database))
  const expected = await population.rows<Record<string, string | null>>(
    `${EXPECTED} order by population.id limit ${SAMPLE}`,
  )
  const answered = await ask(
    call,
    expected.map((row) => row['id']!),
  )
  const [dead] = await population.rows<{ id: string }>(
    `select id from public.population where status <> '正常' limit 1`,
  )
  const living = expected[0]!['id']!
  const refusals = {
    ...(await refuseAll(call, living, needed(dead?.id, 'somebody who died'))),
    'over quota': await overQuota(open, call, world, living),
    'expired grant': await expired(open, call, world, living),
  }
  const counts = await countsOf(world, counted)
  const figures: ServiceFigures = {
    service: code,
    rows_compared: answered.length,
    differences: differencesOf(expected, answered),
    items_answered: [...new Set(answered.flatMap((row) => Object.keys(row ?? {})))].sort(),
    refusals,
    ...counts,
    values_kept: await valuesKept(world, application.id, expected),
  }
  const faults = faultsOf({
    'each answered row is what the provider’s table holds, masked and cut as granted':
      figures.rows_compared === SAMPLE + 1 && figures.differences.length === 0,
    'only granted items are answered': figures.items_answered.join() === [...ITEMS].sort().join(),
    'each refusal has a code of its own': Object.entries(REFUSALS).every(([name, is]) => figures.refusals[name] === is),
    'calls are counted by their purpose': Object.entries(figures.calls_counted).every(
      ([matter, count]) => count >= figures.calls_heard[matter]! && count <= figures.calls_sent[matter]!,
    ),
    'no value of a call is kept': figures.values_kept === 0,
  })
  return { figures, faults }
}

interface Wanted {
  readonly datasetId: string
  readonly serviceId: string
  readonly matter: string
  readonly perDayMax?: number
  /** Last day of the grant; a year from today by default. */
  readonly until?: string
}

/** The housing bureau asks for the service for one matter, everybody agrees, the centre opens it, the applicant confirms. */
async function openFor(world: World, wanted: Wanted): Promise<void> {
  const actors = actorsOf('zhujian', 'gongan')
  const { datasetId, serviceId, matter } = wanted
  const id = await askFor(
    world,
    'zhujian',
    {
      datasetId,
      items: [...ITEMS],
      matter: { ...MATTER, code: matter },
      purpose: '公共租赁住房申请人身份核验',
      legalBasis: '《公共租赁住房管理办法》第七条',
      scenario: '受理申请时逐人核验',
      scope: '住房保障科，不向其他单位提供',
      method: 'service',
    },
    wanted.until,
  )
  const masks = [
    { item: 'name', mask: 'name' as const },
    { item: 'id_number', mask: 'id_number' as const },
  ]
  const rowFilter = { op: 'eq' as const, field: 'status', value: { type: 'text' as const, value: '正常' } }
  const grantId = await agreeAll(world, id, actors, { masks, rowFilter })
  const centre = await world.as('centre')
  const body = { grantId, perSecondMax: 1_000, perDayMax: wanted.perDayMax ?? 100_000 }
  await centre.call(openService, { params: { id: serviceId }, body })
  await until('the confirmation step', async () => {
    const request = await centre.call(readRequest, { params: { id } })
    return request.step === 'applicant_confirm'
  })
  await decide(world, id, 'applicant_confirm', { decision: 'agree' }, actors)
}

type Ask = (given: Omit<ServiceCall, 'matter'> & { matter?: string | null }) => Promise<ServiceReply>
type Row = Record<string, string | null>

/** One row by its key, the others by batches; in the order of the keys, the first one twice. */
async function ask(call: Ask, ids: readonly string[]): Promise<(Row | null)[]> {
  const one = await call({ way: 'row', query: { id: ids[0]! } })
  const rows: (Row | null)[] = [(one.body['row'] as Row | undefined) ?? null]
  for (let at = 0; at < ids.length; at += 100) {
    const keys = ids.slice(at, at + 100).map((id) => ({ id }))
    const batch = await call({ way: 'batch', body: { keys } })
    rows.push(...((batch.body['rows'] as (Row | null)[] | undefined) ?? keys.map(() => null)))
  }
  return rows
}

function differencesOf(expected: readonly Row[], [first, ...rest]: readonly (Row | null)[]): string[] {
  const same = (one: Row, other: Row | null | undefined) => ITEMS.every((item) => one[item] === other?.[item])
  const pairs = [[expected[0]!, first] as const, ...expected.map((row, at) => [row, rest[at]] as const)]
  return pairs.filter(([one, other]) => !same(one, other)).map(([one]) => `id ${one['id']}`)
}

async function refuseAll(call: Ask, living: string, dead: string): Promise<Record<string, string>> {
  const codeOf = async (given: Parameters<Ask>[0]) => {
    const { status, code } = await call(given)
    return code ?? `answered ${status}`
  }
  const row = { way: 'row' as const, query: { id: living } }
  const nonce = `demo-replay-${living}-${Date.now()}`
  await call({ ...row, nonce })
  return {
    'item not granted': await codeOf({ ...row, query: { id: living, items: 'id,phone' } }),
    'masked item as a condition': await codeOf({ way: 'rows', query: { 'id_number.startsWith': '33' } }),
    'wrong signature': await codeOf({ ...row, spoilSignature: true, matter: 'X-SPOILT' }),
    replay: await codeOf({ ...row, nonce }),
    'missing purpose': await codeOf({ ...row, matter: null }),
    'purpose of no grant': await codeOf({ ...row, matter: 'X-NOT-GRANTED' }),
    'row outside the grant': await codeOf({ ...row, query: { id: dead } }),
  }
}

type Open = (more: { matter: string; perDayMax?: number; until?: string }) => Promise<void>

/** Asks until the opening is known, which takes up to a second after a refusal; then once too often. */
async function overQuota(open: Open, call: Ask, world: World, id: string): Promise<string> {
  const matter = `${MATTER.code}-Q${world.round}`
  await open({ matter, perDayMax: PER_DAY })
  await until(
    'the opening',
    async () =>
      (await call({ way: 'row', query: { id, items: 'phone' }, matter })).code !== 'service.matter_not_granted',
  )
  const codes: (string | null)[] = []
  for (let at = 0; at <= PER_DAY; at++) codes.push((await call({ way: 'row', query: { id }, matter })).code)
  return codes.slice(0, -1).every((code) => code === null) ? (codes.at(-1) ?? 'answered') : `too early: ${codes.join()}`
}

/** A grant that ends with this day, and legal time a moment after its end. */
async function expired(open: Open, call: Ask, world: World, id: string): Promise<string> {
  const matter = `${MATTER.code}-E${world.round}`
  const centre = await world.as('centre')
  const { now, offsetSeconds } = await centre.call(readLegalClock, {})
  const lastDay = chinaDay(new Date(now))
  await open({ matter, until: lastDay })
  const query = { id }
  await until('the opening', async () => (await call({ way: 'row', query, matter })).code === null)
  const end = Date.parse(`${lastDay}T00:00:00+08:00`) + 86_400_000
  const shift = Math.ceil((end - Date.now()) / 1000) + 1
  await centre.call(shiftLegalClock, { body: { offsetSeconds: Math.max(shift, offsetSeconds) } })
  let code: string | null = null
  await until('the end of the grant', async () => {
    code = (await call({ way: 'row', query, matter })).code
    return code !== null
  })
  await centre.call(shiftLegalClock, { body: { offsetSeconds } })
  return code ?? 'answered'
}

/** What was sent and heard here, and what the statistics say, by matter: as far as the caller was proven. */
async function countsOf(world: World, { sent, heard }: Sent) {
  const developer = await world.as('developer')
  const today = chinaDay(new Date())
  const own = (counts: Map<string, number>) =>
    Object.fromEntries([...counts].filter(([matter]) => matter.startsWith(MATTER.code)).sort())
  const names = Object.keys(own(sent))
  const counted = async () => {
    const query = { from: chinaDay(new Date(Date.now() - 86_400_000)), until: today, by: 'matter' }
    const { items } = await developer.call(countCalls, { query })
    return Object.fromEntries(
      names.map((name) => [name, Number(items.find((one) => one.matter === name)?.calls ?? 0)]),
    ) as Record<string, number>
  }
  // Refusals that need no row of their own are written down a second later.
  await until('the counts', async () => {
    const now = await counted()
    return names.every((name) => now[name]! >= heard.get(name)!)
  })
  return { calls_sent: own(sent), calls_heard: own(heard), calls_counted: await counted() }
}

/** How many of the values that were asked for or answered stand in what the platform keeps of the calls. */
async function valuesKept(world: World, applicationId: string, expected: readonly Row[]): Promise<number> {
  const [kept] = await world.platformSql.rows<{ text: string | null }>(
    `select string_agg(c::text, ' ') as text from service_call c where application_id = $1`,
    [applicationId],
  )
  const text = kept?.text ?? ''
  return expected.filter((row) => text.includes(row['village_code'] ?? '?') || text.includes(row['id_number'] ?? '?'))
    .length
}

/** Sabotage: one landed row says something else than its source. */
const spoil = (world: World) =>
  world.centre.rows(
    `update public.${world.made.landed!['population']!.table} set village_code = '999999999999'
     where id = (select min(id) from public.${world.made.landed!['population']!.table} where status = '正常')`,
  )

export const service: Step<ServiceFigures> = { number: 9, name: 'service', run }
