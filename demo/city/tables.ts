import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Client } from 'pg'
import { from as copyFrom } from 'pg-copy-streams'

/** A table of a department's front database: columns in order with type and Chinese comment. */
export interface FrontTable {
  readonly name: string
  readonly comment: string
  readonly columns: readonly (readonly [name: string, type: string, comment: string])[]
}

/** What every row that a department pushes carries: the operation, when it was pushed, and with which batch. */
const PUSHED = [
  ['op', 'char(1) not null', '操作标识（I 新增、U 修改、D 删除）'],
  ['updated_at', 'timestamptz not null', '更新时间'],
  ['batch_no', 'bigint not null', '批次号'],
] as const

export const POPULATION: FrontTable = {
  name: 'population',
  comment: '人口基本信息（本市户籍和常住人口，模拟数据）',
  columns: [
    ['id', 'bigint primary key', '序号'],
    ['name', 'text', '姓名'],
    ['sex', 'text', '性别代码（GB/T 2261.1）'],
    ['nation', 'text', '民族代码（GB/T 3304）'],
    ['id_number', 'text', '公民身份号码'],
    ['birth_date', 'text', '出生日期'],
    ['death_date', 'text', '死亡日期'],
    ['phone', 'text', '联系电话'],
    ['address', 'text', '住址'],
    ['village_code', 'text', '村级行政区划代码'],
    ['division_code', 'text', '县级行政区划代码'],
    ['household_no', 'text', '户号'],
    ['marital_status', 'text', '婚姻状况代码（GB/T 2261.2）'],
    ['status', 'text', '人员状态'],
    ...PUSHED,
  ],
}

export const BENEFIT: FrontTable = {
  name: 'benefit',
  comment: '低保发放信息（社区，模拟数据）',
  columns: [
    ['id', 'bigint primary key', '序号'],
    ['person_name', 'text', '姓名'],
    ['id_number', 'text', '公民身份号码'],
    ['family_no', 'text', '低保家庭编号'],
    ['amount', 'numeric(10,2)', '月发放金额（元）'],
    ['started_on', 'text', '起始日期'],
    ['village_code', 'text', '村级行政区划代码'],
    ['community_name', 'text', '社区（村）名称'],
    ...PUSHED,
  ],
}

export const ENTERPRISE: FrontTable = {
  name: 'enterprise',
  comment: '企业基本信息（市场主体登记，模拟数据）',
  columns: [
    ['id', 'bigint primary key', '序号'],
    ['credit_code', 'text', '统一社会信用代码'],
    ['name', 'text', '企业名称'],
    ['legal_person', 'text', '法定代表人'],
    ['legal_person_id', 'text', '法定代表人身份号码'],
    ['kind', 'text', '主体类型'],
    ['industry', 'text', '行业代码（GB/T 4754）'],
    ['address', 'text', '住所'],
    ['division_code', 'text', '登记机关行政区划代码'],
    ['capital', 'numeric(18,2)', '注册资本（万元）'],
    ['established_on', 'text', '成立日期'],
    ['status', 'text', '登记状态'],
    ['phone', 'text', '联系电话'],
    ...PUSHED,
  ],
}

export const LICENCE: FrontTable = {
  name: 'licence',
  comment: '行政许可信息（模拟数据）',
  columns: [
    ['id', 'bigint primary key', '序号'],
    ['number', 'text', '许可证编号'],
    ['credit_code', 'text', '统一社会信用代码'],
    ['item_name', 'text', '许可事项名称'],
    ['issued_on', 'text', '发证日期'],
    ['valid_until', 'text', '有效期至'],
    ['authority', 'text', '发证机关'],
    ...PUSHED,
  ],
}

/** Rows of one push of a department; the first push is number 1. */
const BATCH_ROWS = 50_000
const FIRST_PUSH = Date.parse('2026-01-05T02:00:00+08:00')
const TEXT_BYTES = 256 * 1024

type Row = Readonly<Record<string, string | null>>

/**
 * Makes the table with its rows, comments and index on the update time, unless it is there; one transaction, so that it
 * is there whole or not at all. `reader` may read it and nothing else.
 */
export async function fillTable(
  client: Client,
  table: FrontTable,
  reader: string,
  rows: () => readonly Row[],
): Promise<void> {
  const { name, comment, columns } = table
  const known = await client.query<{ there: boolean }>(`select to_regclass('public.${name}') is not null as there`)
  if (known.rows[0]?.there === true) return
  await client.query('begin')
  // The key is added after loading: a filled index is quicker made than kept.
  const plain = columns.map(([column, type]) => `${column} ${type.replace(' primary key', ' not null')}`)
  await client.query(`create table public.${name} (${plain.join(', ')})`)
  await pipeline(
    Readable.from(csvOf(table, rows())),
    client.query(copyFrom(`copy public.${name} from stdin (format csv)`)),
  )
  await client.query(`alter table public.${name} add primary key (${columns[0]![0]})`)
  await client.query(`create index on public.${name} (updated_at, ${columns[0]![0]})`)
  await client.query(`comment on table public.${name} is '${comment}'`)
  for (const [column, , words] of columns)
    await client.query(`comment on column public.${name}.${column} is '${words}'`)
  await client.query(`grant select on public.${name} to ${reader}`)
  await client.query('commit')
  await client.query(`vacuum analyze public.${name}`)
}

/** Rows as PostgreSQL's CSV, in pieces: NULL unquoted, everything else quoted. */
function* csvOf({ columns }: FrontTable, rows: readonly Row[]): Generator<string> {
  const own = columns.slice(0, -PUSHED.length).map(([name]) => name)
  let text = ''
  for (let at = 0; at < rows.length; at++) {
    for (const name of own) text += `${quoted(rows[at]![name] ?? null)},`
    const pushed = new Date(FIRST_PUSH + at).toISOString()
    text += `I,${pushed},${1 + Math.floor(at / BATCH_ROWS)}\n`
    if (text.length < TEXT_BYTES) continue
    yield text
    text = ''
  }
  yield text
}

const quoted = (value: string | null): string =>
  value === null ? '' : `"${value.includes('"') ? value.replaceAll('"', '""') : value}"`
