import {
  createDataset,
  reviewDataset,
  signDataset,
  submitDataset,
  type DatasetContent,
} from '@huitong/contract/catalogue'
import { draftFromTable, mountDataset } from '@huitong/contract/curation'
import { listSources, listTables } from '@huitong/contract/nodes'
import { FOLDER, plantedFiles, type PlantedFile } from '../city/folder.ts'
import { listAll } from '../city/populate.ts'
import { faultsOf, needed, tally, type World } from '../run/world.ts'
import { completed, configure, start } from './channels.ts'
import { COMPLETION } from './content.ts'
import { actorsOf, agreeAll, askFor } from './requests.ts'

export interface FileFigures {
  file_rows_planted: number
  file_rows_expected: number
  file_rows_arrived: number
  file_columns: string[]
  file_value_differences: number
}

/** The first file of the folder; its columns have Chinese names, so their items are numbered. */
const ITEMS = ['item_1', 'item_2', 'item_3'] as const
const KIND = '电梯'

/**
 * A CSV file in GB18030 goes to another department's database: three of its four items, one kind of equipment only, of the
 * dates the year. What arrives is compared with what was planted.
 */
export async function exchangeFile(world: World): Promise<FileFigures> {
  const file = plantedFiles(world.platform.city.seed)[0]!
  const datasetId = await publishFile(world, file)
  const actors = actorsOf('zhujian', FOLDER.department)
  const table = world.round === 1 ? 'equipment' : `equipment_${world.round}`
  const id = await askFor(world, 'zhujian', {
    datasetId,
    items: [...ITEMS],
    rowFilter: { op: 'eq', field: 'item_2', value: { type: 'text', value: KIND } },
    matter: { code: '11330000002482090H4330117003000', name: '老旧小区电梯更新' },
    purpose: '核对住宅小区在用电梯',
    legalBasis: '《特种设备安全法》第三十三条',
    scenario: '按设备代码核对小区电梯台账',
    scope: '物业管理科',
    method: 'table',
  })
  const grantId = await agreeAll(world, id, actors, { masks: [{ item: 'item_3', mask: 'year' }] })
  const channelId = await configure(world, grantId, { id, table }, { actors })
  await start(world, channelId)
  await completed(world, channelId)

  const wanted = file.rows.filter((row) => row[1] === KIND).map(([code, kind, day]) => [code, kind, day!.slice(0, 4)])
  const arrived = await world.target.rows<Record<(typeof ITEMS)[number], string>>(
    `select item_1::text, item_2::text, item_3::text from public.${table} order by item_1 collate "C"`,
  )
  const columns = await world.target.rows<{ name: string }>(
    `select attname as name from pg_attribute where attrelid = to_regclass($1) and attnum > 0 and not attisdropped order by 1`,
    [`public.${table}`],
  )
  const got = new Set(arrived.map((row) => ITEMS.map((item) => row[item]).join('|')))
  tally(world, FOLDER.department, 'rows_shared', arrived.length)
  return {
    file_rows_planted: file.rows.length,
    file_rows_expected: wanted.length,
    file_rows_arrived: arrived.length,
    file_columns: columns.map((one) => one.name),
    file_value_differences: wanted.filter((row) => !got.has(row.join('|'))).length,
  }
}

export const fileFaults = (figures: FileFigures): string[] =>
  faultsOf({
    'of the file exactly the granted rows arrived':
      figures.file_rows_expected > 0 && figures.file_rows_arrived === figures.file_rows_expected,
    'of the file exactly the granted items arrived': figures.file_columns.join() === ITEMS.join(),
    'codes with leading zeros and masked dates arrived as planted': figures.file_value_differences === 0,
  })

async function publishFile(world: World, file: PlantedFile): Promise<string> {
  const officer = await world.as(`${FOLDER.department}-officer`)
  const source = (await listAll(officer, listSources)).find((one) => one.name.zh === FOLDER.source.zh)!
  const { items } = await officer.call(listTables, { params: { id: source.id }, query: {} })
  const tableId = needed(items.find((one) => one.name === file.table)?.id, 'the discovered file')
  const suggested = await officer.call(draftFromTable, { body: { tableId } })
  const content = contentOf(suggested.content, world.round)
  const draft = await officer.call(createDataset, { body: content })
  const params = { id: draft.id }
  const mounted = await officer.call(mountDataset, { params, body: { tableId, mapping: suggested.mapping } })
  const submitted = await officer.call(submitDataset, { params }, { match: Math.max(draft.version, mounted.version) })
  const head = await world.as(`${FOLDER.department}-head`)
  const signed = await head.call(signDataset, { params, body: { decision: 'agree' } }, { match: submitted.version })
  const authority = await world.as('bureau-authority')
  await authority.call(reviewDataset, { params, body: { decision: 'publish' } }, { match: signed.version })
  tally(world, FOLDER.department, 'datasets', 1)
  tally(world, FOLDER.department, 'items', content.items!.length)
  return draft.id
}

function contentOf(suggested: DatasetContent, round: number): DatasetContent {
  const items = (suggested.items ?? []).map((item) => {
    return {
      ...item,
      shareAttribute: 'conditional' as const,
      level: 'general_1' as const,
      personal: false,
      open: false,
    }
  })
  const zh = '特种设备使用登记'
  return {
    ...suggested,
    ...COMPLETION,
    name: { zh: round === 1 ? zh : `${zh}（${round}）`, en: 'Registered special equipment' },
    summary: { zh: '本市电梯、锅炉、压力容器等特种设备的使用登记' },
    updateCycle: 'monthly',
    system: '共享文件夹',
    items,
  }
}
