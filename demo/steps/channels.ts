import { createChannel, readChannel, startChannel } from '@huitong/contract/exchange'
import { readRequest } from '@huitong/contract/catalogue'
import { until, needed, type PlantedRequest, type World } from '../run/world.ts'
import { measure, type Measured } from '../run/measure.ts'
import { ACTORS, decide, type Actors } from './requests.ts'

interface Configured {
  readonly actors?: Actors
  readonly targetId?: string
  /** The source's log is followed after the first full copy. */
  readonly log?: boolean
}

/** The centre configures the exchange of a grant, the applicant confirms; answers the channel when it is ready. */
export async function configure(
  world: World,
  grantId: string,
  planted: Pick<PlantedRequest, 'id' | 'table'>,
  { actors = ACTORS, targetId = world.made.targetId, log = false }: Configured = {},
): Promise<string> {
  const centre = await world.as('centre')
  const targetSourceId = needed(targetId, 'the receiving database')
  const followed = log ? { mode: 'log' as const } : {}
  const made = await centre.call(createChannel, {
    body: { grantId, targetSourceId, targetTable: planted.table, ...followed },
  })
  await until('the confirmation step', async () => {
    const request = await centre.call(readRequest, { params: { id: planted.id } })
    return request.step === 'applicant_confirm'
  })
  await decide(world, planted.id, 'applicant_confirm', { decision: 'agree' }, actors)
  await until('the channel', async () => (await stateOf(world, made.id)) === 'ready')
  return made.id
}

export async function stateOf(world: World, channelId: string): Promise<string> {
  const channel = await (await world.as('centre')).call(readChannel, { params: { id: channelId } })
  if (channel.state === 'failed') throw new Error(`the exchange failed: ${channel.problem?.message.en ?? ''}`)
  return channel.state
}

/** Starts a full copy. */
export async function start(world: World, channelId: string): Promise<void> {
  const centre = await world.as('centre')
  const { version } = await centre.call(readChannel, { params: { id: channelId } })
  await centre.call(startChannel, { params: { id: channelId } }, { match: version })
}

export const completed = (world: World, channelId: string): Promise<void> =>
  until('the end of the copy', async () => (await stateOf(world, channelId)) === 'completed', 300_000)

/** What the provider's database holds under a grant: its rows, its columns, its masks, by SQL written here. */
export function measureSource(world: World, { items, province, masks }: PlantedRequest): Promise<Measured> {
  const masked = new Map(masks.map((one) => [one.item, one.mask]))
  const expressions = items.map((item) => (masked.get(item) === 'name' ? keptFirst(item) : item))
  const rows = province === null ? 'public.villages' : `public.villages where province_code = '${province}'`
  return measure(world.source, rows, 'code', expressions)
}

/** The mask 姓名: the first character stays, a star stands for each other one; a single one is hidden. */
export const keptFirst = (column: string) =>
  `case when char_length(${column}) <= 1 then repeat('*', char_length(${column}))
   else left(${column}, 1) || repeat('*', char_length(${column}) - 1) end`

/** What the receiving table holds. */
export const measureTarget = (world: World, { items, table }: PlantedRequest): Promise<Measured> =>
  measure(world.target, `public.${table}`, 'code', items)

/** Columns that the receiving table has, in order of name. */
export async function columnsOf(world: World, table: string): Promise<string[]> {
  const rows = await world.target.rows<{ name: string }>(
    `select attname as name from pg_attribute where attrelid = to_regclass($1) and attnum > 0 and not attisdropped order by 1`,
    [`public.${table}`],
  )
  return rows.map((one) => one.name)
}

/** Rows of the newest generation that have reached the receiving database, visible or still being loaded. */
export async function arrived(world: World, table: string): Promise<number> {
  const [newest] = await world.target.rows<{ name: string }>(
    `select quote_ident(relname) as name from pg_class
     where relnamespace = 'public'::regnamespace and relkind = 'r' and relname ~ $1
     order by substring(relname from '\\d+$')::int desc limit 1`,
    [`^_huitong_${table}_g\\d+$`],
  )
  if (newest === undefined) return 0
  // A generation may be exchanged or given up between the two questions.
  return world.target.rows<{ n: string }>(`select count(*) as n from public.${newest.name}`).then(
    ([row]) => Number(row!.n),
    () => 0,
  )
}
