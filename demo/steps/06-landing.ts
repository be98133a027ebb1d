import { listAssets } from '@huitong/contract/centre'
import { readDataset } from '@huitong/contract/catalogue'
import { listSources } from '@huitong/contract/nodes'
import { CENTRE_SOURCE } from '../city/centre-node.ts'
import { listAll } from '../city/populate.ts'
import { measure, openSql, type Sql } from '../run/measure.ts'
import { verifyReceipts } from '../run/receipts.ts'
import { faultsOf, needed, tally, until, type LandedTable, type Outcome, type Step, type World } from '../run/world.ts'
import { completed, configure, start } from './channels.ts'
import { lookAtLibraries, type LibraryFigures } from './library.ts'
import { livingRows, publishRegister, REGISTERS } from './registers.ts'
import { actorsOf, agreeAll, askFor } from './requests.ts'

export interface LandingFigures extends LibraryFigures {
  tables: string[]
  source_rows: Record<string, number>
  centre_rows: Record<string, number>
  receipt_rows: Record<string, number>
  receipts_invalid: number
  source_digests: Record<string, string>
  centre_digests: Record<string, string>
  assets_rows: Record<string, number>
  writes_refused: boolean
  seconds: number
}

/** A table that lands: where it is at its source, and who answers for it. */
interface Wanted {
  readonly name: string
  readonly provider: string
  readonly datasetId: string
  readonly source: Sql
  readonly key: string
}

/** The centre asks for whole tables like any department, and its own node lands them. */
async function run(world: World): Promise<Outcome<LandingFigures>> {
  const wanted = await tablesOf(world)
  const targetId = await centreSource(world)
  const landed: Record<string, LandedTable> = {}
  for (const one of wanted) landed[one.name] = await request(world, one, targetId)
  world.made.landed = landed
  const begun = performance.now()
  for (const one of wanted) await start(world, landed[one.name]!.channelId)
  for (const one of wanted) await completed(world, landed[one.name]!.channelId)
  const seconds = Math.round((performance.now() - begun) / 10) / 100
  if (world.sabotage === 'landing') await spoil(world, landed[wanted[0]!.name]!.table, wanted[0]!.key)

  const source = await each(wanted, ({ name, source, key }) =>
    measure(source, name in REGISTERS ? livingRows(name) : `public.${name}`, key, landed[name]!.items),
  )
  const centre = await each(wanted, ({ name, key }) =>
    measure(world.centre, `public.${landed[name]!.table}`, key, landed[name]!.items),
  )
  const { source: people } = wanted.find((one) => one.name === 'population')!
  await keepAsLanded(people, 'population')
  for (const { name, provider } of wanted) tally(world, provider, 'rows_shared', centre[name]!.rows)
  const receipts = await each(wanted, ({ name }) => verifyReceipts(world, landed[name]!.channelId, 'centre'))
  const names = wanted.map((one) => one.name)
  const figures: LandingFigures = {
    tables: names,
    source_rows: of(source, (one) => one.rows),
    centre_rows: of(centre, (one) => one.rows),
    receipt_rows: of(receipts, (one) => one.consumer_rows),
    receipts_invalid: Object.values(receipts).reduce((sum, one) => sum + one.invalid, 0),
    source_digests: of(source, (one) => one.digest),
    centre_digests: of(centre, (one) => one.digest),
    assets_rows: await assetsOf(world, wanted, landed),
    writes_refused: await readerRefused(world, landed[names[0]!]!.table),
    seconds,
    ...(await lookAtLibraries(world)),
  }
  const same = (one: Record<string, unknown>, other: Record<string, unknown>) =>
    JSON.stringify(one) === JSON.stringify(other)
  const faults = faultsOf({
    'every row landed, no row twice': names.every(
      (name) => centre[name]!.rows === source[name]!.rows && centre[name]!.keys === centre[name]!.rows,
    ),
    'source and centre hold the same values': same(figures.source_digests, figures.centre_digests),
    'the centre’s own node acknowledged every row': same(figures.source_rows, figures.receipt_rows),
    'each segment is acknowledged by both hops with valid signatures': figures.receipts_invalid === 0,
    'the page of assets shows what is there': same(figures.assets_rows, figures.source_rows),
    'the server’s account may only read': figures.writes_refused,
    'a person and a firm are found in every part of their library': Object.values(figures.library_rows).every(
      (rows) => rows > 0,
    ),
    'without a purpose the library shows the landed rows with people’s values masked':
      figures.library_masked_differences.length === 0,
    'with a purpose it shows them whole': figures.library_full_differences.length === 0,
    'full values without a purpose are refused': figures.library_purpose_refusal === 'centre.purpose_required',
    'readings are audited with their purpose and without the numbers': figures.library_audited,
  })
  return { figures, faults }
}

/** The villages and every register; those that no earlier step published are published now. */
async function tablesOf(world: World): Promise<Wanted[]> {
  const wanted: Wanted[] = [
    {
      name: 'villages',
      provider: 'minzheng',
      datasetId: needed(world.made.datasetId, 'the dataset'),
      source: world.source,
      key: 'code',
    },
  ]
  for (const { name, department, node } of Object.values(REGISTERS)) {
    const { database } = world.platform.databases[node]
    const source = openSql(() => world.platform.superuser('departments', database))
    wanted.push({ name, provider: department, datasetId: await publishRegister(world, name), source, key: 'id' })
  }
  return wanted
}

async function centreSource(world: World): Promise<string> {
  const sources = await listAll(await world.as('centre'), listSources)
  return needed(sources.find((one) => one.name.zh === CENTRE_SOURCE)?.id, 'the centre’s database')
}

/** Asked for, agreed and configured. */
async function request(world: World, wanted: Wanted, targetId: string): Promise<LandedTable> {
  const actors = actorsOf('zhongxin', wanted.provider)
  const officer = await world.as('zhongxin-officer')
  const dataset = await officer.call(readDataset, { params: { id: wanted.datasetId } })
  const items = (dataset.content.items ?? []).map((item) => item.code)
  const table = world.round === 1 ? wanted.name : `${wanted.name}_${world.round}`
  const asked = await askFor(world, 'zhongxin', {
    datasetId: wanted.datasetId,
    items,
    matter: { code: '11330000002482090H4330199001000', name: '基础库建设' },
    purpose: '建设基础库，供各部门按授权查询',
    legalBasis: '《政务数据共享条例》第二十五条',
    scenario: '归集到数据资源中心',
    scope: '大数据中心，按授权对外提供',
    method: 'table',
  })
  const grantId = await agreeAll(world, asked, actors)
  const channelId = await configure(world, grantId, { id: asked, table }, { actors, targetId })
  return { datasetId: wanted.datasetId, requestId: asked, grantId, channelId, table, items }
}

/** What the page of assets says, as soon as it has counted every table after its landing. */
async function assetsOf(world: World, wanted: readonly Wanted[], landed: Record<string, LandedTable>) {
  const centre = await world.as('centre')
  const rows = async (): Promise<Record<string, number>> => {
    const assets = await listAll(centre, listAssets)
    const entries = wanted.map(({ name }) => {
      const asset = assets.find((one) => one.channelId === landed[name]!.channelId)
      return [name, Number(asset?.rows ?? -1)]
    })
    return Object.fromEntries(entries) as Record<string, number>
  }
  await until('the counts', async () => Object.values(await rows()).every((one) => one >= 0))
  return rows()
}

/** Tries to write as the server's own account: its role is taken by the superuser for one statement. */
async function readerRefused(world: World, table: string): Promise<boolean> {
  return world.centre.rows(`set role huitong_centre_reader; delete from public.${table}`).then(
    () => false,
    (error: Error) => /permission denied/.test(error.message),
  )
}

/** The department's own rows as they were when they landed: what changes at the source afterwards is another matter. */
async function keepAsLanded(source: Sql, table: string): Promise<void> {
  await source.rows('create schema if not exists demonstration')
  await source.rows(`drop table if exists demonstration.${table}`)
  await source.rows(`create table demonstration.${table} as select * from public.${table} where op <> 'D'`)
}

const spoil = (world: World, table: string, key: string) =>
  world.centre.rows(`delete from public.${table} where ${key} = (select min(${key}) from public.${table})`)

async function each<T>(wanted: readonly Wanted[], ask: (one: Wanted) => Promise<T>): Promise<Record<string, T>> {
  const answers: Record<string, T> = {}
  for (const one of wanted) answers[one.name] = await ask(one)
  return answers
}

const of = <T, V>(answers: Record<string, T>, take: (one: T) => V): Record<string, V> =>
  Object.fromEntries(Object.entries(answers).map(([name, one]) => [name, take(one)]))

export const landing: Step<LandingFigures> = { number: 6, name: 'landing', run }
