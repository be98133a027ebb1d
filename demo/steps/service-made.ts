import { readRequest } from '@huitong/contract/catalogue'
import { createApplication, createService, openService } from '@huitong/contract/gateway'
import { openSql, type Sql } from '../run/measure.ts'
import { chinaDay } from '../run/working-days.ts'
import { needed, until, type World } from '../run/world.ts'
import type { Application } from '../run/signed-call.ts'
import { actorsOf, agreeAll, askFor, decide } from './requests.ts'

/** What the step asks for and serves: people of one county to the housing bureau, without phone and address. */
export const ITEMS = ['id', 'name', 'sex', 'id_number', 'village_code', 'status'] as const
export const MASKS = [
  { item: 'name', mask: 'name' as const },
  { item: 'id_number', mask: 'id_number' as const },
]
/** Granted nowhere. */
export const REFUSED_ITEM = 'phone'
export const MATTER = '11330000002482090H4330117002001'
export const SHORT_MATTER = '11330000002482090H4330117002002'
/** Calls a day of the second opening. */
export const SHORT_QUOTA = 4

export interface Served {
  readonly id: string
  readonly code: string
  /** The second grant: for another matter, until the end of today, with a small quota. */
  readonly shortGrantId: string
  readonly application: Application
}

const ACTORS = actorsOf('zhujian', 'gongan')

/** Six digits of the county in which most people of the register live. */
export async function countyOf(world: World): Promise<string> {
  const [row] = await people(world).rows<{ county: string }>(
    `select left(village_code, 6) as county from ${AS_LANDED} where village_code ~ '^[0-9]{12}$'
     group by 1 order by count(*) desc, 1 limit 1`,
  )
  return needed(row?.county, 'a county with people')
}

/** The register as it was when it landed, kept by the landing step in the department's own database. */
export const AS_LANDED = 'demonstration.population'

/** The public security bureau's own database. */
export const people = (world: World): Sql =>
  openSql(() => world.platform.superuser('departments', world.platform.databases.gongan.database))

/** The centre makes the service of the landed table and opens it under two grants; the developer gets a credential. */
export async function makeService(world: World, county: string): Promise<Served> {
  const { channelId, datasetId } = needed(world.made.landed?.['population'], 'the landed population')
  const code = world.round === 1 ? 'population' : `population-${world.round}`
  const centre = await world.as('centre')
  const { id } = await centre.call(createService, {
    body: { channelId, code, name: { zh: '人口基本信息查询', en: 'Basic data of people' } },
  })
  const long = await agreed(world, { datasetId, county, matter: MATTER, days: 364 })
  const short = await agreed(world, { datasetId, county, matter: SHORT_MATTER, days: 0 })
  await open(world, id, long, 100_000)
  await open(world, id, short, SHORT_QUOTA)
  const application = await newApplication(world, '公租房资格核查系统')
  return { id, code, shortGrantId: short.grantId, application }
}

export async function newApplication(world: World, name: string): Promise<Application & { id: string }> {
  const developer = await world.as('developer')
  const { application, secret } = await developer.call(createApplication, { body: { name } })
  return { id: application.id, appId: application.appId, secret }
}

interface Agreed {
  readonly requestId: string
  readonly grantId: string
}
interface Wanted {
  readonly datasetId: string
  readonly county: string
  readonly matter: string
  /** Days after today that the grant holds. */
  readonly days: number
}

async function agreed(world: World, { datasetId, county, matter, days }: Wanted): Promise<Agreed> {
  const asked = {
    datasetId,
    items: [...ITEMS],
    matter: { code: matter, name: '公共租赁住房保障资格核查' },
    purpose: '核对公租房申请人的户籍状态',
    legalBasis: '《公共租赁住房管理办法》第七条',
    scenario: '公租房资格核查系统逐人查询',
    scope: '住房保障科，不向其他单位提供',
    method: 'service' as const,
  }
  const requestId = await askFor(world, 'zhujian', asked, chinaDay(new Date(), days))
  const rowFilter = {
    op: 'startsWith' as const,
    field: 'village_code',
    value: { type: 'text' as const, value: county },
  }
  const grantId = await agreeAll(world, requestId, ACTORS, { masks: [...MASKS], rowFilter })
  return { requestId, grantId }
}

/** The centre opens it, the department confirms that it can call: the request is provided for. */
async function open(world: World, id: string, { requestId, grantId }: Agreed, perDayMax: number): Promise<void> {
  const centre = await world.as('centre')
  await centre.call(openService, { params: { id }, body: { grantId, perSecondMax: 500, perDayMax } })
  const officer = await world.as(ACTORS.applicant_confirm)
  const request = () => officer.call(readRequest, { params: { id: requestId } })
  await until('the confirmation step', async () => (await request()).step === 'applicant_confirm')
  await decide(world, requestId, 'applicant_confirm', { decision: 'agree' }, ACTORS)
}
