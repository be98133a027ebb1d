import {
  createDataset,
  listDatasets,
  readDataset,
  reviewDataset,
  signDataset,
  submitDataset,
  updateDataset,
  type DatasetContent,
} from '@huitong/contract/catalogue'
import { draftFromTable, mountDataset } from '@huitong/contract/curation'
import { discoverSource, listSources, listTables } from '@huitong/contract/nodes'
import { NODES, type NodeKey } from '../city/nodes.ts'
import { listAll } from '../city/populate.ts'
import { BENEFIT, ENTERPRISE, LICENCE, POPULATION } from '../city/tables.ts'
import { tally, until, type World } from '../run/world.ts'
import { COMPLETION } from './content.ts'

/** The registers that the main job publishes beside the villages. */
export type RegisterName = 'population' | 'benefit' | 'enterprise' | 'licence'

export interface Register {
  readonly name: RegisterName
  /** Whose table it is, and through which node it is reached. */
  readonly department: string
  readonly node: NodeKey
  readonly title: { readonly zh: string; readonly en: string }
  readonly summary: string
  readonly columns: readonly (readonly [name: string, type: string, comment: string])[]
  /** Items about a natural person. */
  readonly personal: readonly string[]
}

/** Fields by which the department pushes: they travel with the rows where a channel follows changes, and are no items. */
const PUSHED = new Set(['op', 'updated_at', 'batch_no'])
const columnsOf = (table: { columns: Register['columns'] }) => table.columns.filter(([name]) => !PUSHED.has(name))

export const REGISTERS: Readonly<Record<RegisterName, Register>> = {
  population: {
    name: 'population',
    department: 'gongan',
    node: 'gongan',
    title: { zh: '人口基本信息', en: 'Basic register of people' },
    summary: '本市户籍和常住人口的姓名、公民身份号码、住址和状态',
    columns: columnsOf(POPULATION),
    personal: [
      'name',
      'sex',
      'nation',
      'id_number',
      'birth_date',
      'death_date',
      'phone',
      'address',
      'household_no',
      'marital_status',
      'status',
    ],
  },
  benefit: {
    name: 'benefit',
    department: 'minzheng',
    node: 'provider',
    title: { zh: '低保发放信息（社区）', en: 'Subsistence allowances by community' },
    summary: '各社区（村）低保家庭和人员的月发放金额',
    columns: columnsOf(BENEFIT),
    personal: ['person_name', 'id_number', 'family_no', 'amount'],
  },
  enterprise: {
    name: 'enterprise',
    department: 'shichang',
    node: 'shichang',
    title: { zh: '企业登记基本信息', en: 'Basic registration of enterprises' },
    summary: '本市登记的企业名称、统一社会信用代码、法定代表人、住所和状态',
    columns: columnsOf(ENTERPRISE),
    personal: ['legal_person', 'legal_person_id', 'phone'],
  },
  licence: {
    name: 'licence',
    department: 'shichang',
    node: 'shichang',
    title: { zh: '行政许可信息', en: 'Administrative licences' },
    summary: '本市市场监管领域的许可证编号、持证主体和有效期',
    columns: columnsOf(LICENCE),
    personal: [],
  },
}

/** Publishes a register by its own department, once in a main job; answers the dataset. */
export async function publishRegister(world: World, name: RegisterName): Promise<string> {
  const known = world.made.registers?.[name]
  if (known !== undefined) return known
  const register = REGISTERS[name]
  const tableId = await discovered(world, register)
  const officer = await world.as(`${register.department}-officer`)
  const suggested = await officer.call(draftFromTable, { body: { tableId } })
  const items = new Set(register.columns.map(([column]) => column))
  const content = contentOf(register, suggested.content, world.round)
  const draft = await draftOf(world, register, content)
  const params = { id: draft.id }
  const mapping = suggested.mapping.filter((one) => items.has(one.item))
  const { convention } = suggested
  const mounted = await officer.call(mountDataset, { params, body: { tableId, mapping, convention } })
  const submitted = await officer.call(submitDataset, { params }, { match: Math.max(draft.version, mounted.version) })
  const head = await world.as(`${register.department}-head`)
  const signed = await head.call(signDataset, { params, body: { decision: 'agree' } }, { match: submitted.version })
  const authority = await world.as('bureau-authority')
  await authority.call(reviewDataset, { params, body: { decision: 'publish' } }, { match: signed.version })
  world.made.registers = { ...world.made.registers, [name]: draft.id }
  tally(world, register.department, 'datasets', 1)
  tally(world, register.department, 'items', content.items!.length)
  return draft.id
}

/** The first main job completes the department's own draft where there is one; later ones make entries of their own. */
async function draftOf(world: World, register: Register, content: DatasetContent) {
  const officer = await world.as(`${register.department}-officer`)
  const mine = await listAll(officer, listDatasets)
  const found = mine.find((one) => one.name.zh === content.name.zh && one.state === 'draft')
  if (!found) return officer.call(createDataset, { body: content })
  const before = await officer.call(readDataset, { params: { id: found.id } })
  return officer.call(updateDataset, { params: { id: found.id }, body: content }, { match: before.version })
}

function contentOf(register: Register, suggested: DatasetContent, round: number): DatasetContent {
  const personal = new Set(register.personal)
  const columns = new Set(register.columns.map(([name]) => name))
  const items = (suggested.items ?? [])
    .filter((item) => columns.has(item.code))
    .map((item) => ({
      ...item,
      shareAttribute: 'conditional' as const,
      level: personal.has(item.code) ? ('general_3' as const) : ('general_2' as const),
      personal: personal.has(item.code),
      open: false,
    }))
  const { zh, en } = register.title
  return {
    ...suggested,
    ...COMPLETION,
    name: { zh: round === 1 ? zh : `${zh}（${round}）`, en },
    summary: { zh: register.summary },
    updateCycle: 'daily',
    level: 'general_3',
    shareMethods: ['table', 'service'],
    system: '业务系统前置推送库',
    items,
  }
}

/** Rows of a register that are there: what was deleted stays as a tombstone. */
export const livingRows = (name: string): string => `(select * from public.${name} where op <> 'D') living`

async function discovered(world: World, register: Register): Promise<string> {
  const officer = await world.as(`${register.department}-officer`)
  const of = async () =>
    (await listAll(officer, listSources)).find((one) => one.name.zh === NODES[register.node].source.zh)!
  const { id } = await of()
  const find = async () => (await listAllTables(world, register, id)).find((one) => one.name === register.name)?.id
  const there = await find()
  if (there !== undefined) return there
  await officer.call(discoverSource, { params: { id } })
  let tableId: string | undefined
  await until(`the discovery of ${register.name}`, async () => {
    const { discovery } = await of()
    if (discovery?.state === 'failed') throw new Error(discovery.problem?.en ?? 'the discovery failed')
    tableId = await find()
    return tableId !== undefined
  })
  return tableId!
}

async function listAllTables(world: World, register: Register, sourceId: string) {
  const officer = await world.as(`${register.department}-officer`)
  return (await officer.call(listTables, { params: { id: sourceId }, query: { limit: '200' } })).items
}
