import type { ColumnMapping, Constant } from '@huitong/contract/exchange'
import type { TransitColumn } from '@huitong/contract/work'
import { fieldsOf, type PlanColumn, type Predicate } from '@huitong/policy'
import { parseColumnType } from '@huitong/segment'
import { sql } from 'kysely'
import type { Reader } from '../../kernel/db.ts'
import { place, refuse } from '../../kernel/errors.ts'

/** What of a mounted table says how its fields travel. */
export interface MountedFields {
  readonly key: readonly string[]
  readonly mapping: readonly { item: string; field: string; type: string; nullable: boolean }[]
}
interface Granted {
  readonly columns: readonly PlanColumn[]
  readonly rows: Predicate
}
/** The columns of a receiving table, and by which of them its rows are told apart. */
export interface Columns {
  readonly columns: TransitColumn[]
  readonly key: string[]
}

/** Types of which a value is a code: its text is the same in every kind of source. */
const CODED: ReadonlySet<string> = new Set(['text', 'varchar', 'char', 'smallint', 'integer', 'bigint'])

/** What travels without a mapping: the granted items in the order of the grant; a masked value travels as text. */
export function grantedColumns({ columns: granted }: Granted, mounted: MountedFields): Columns {
  const columns = granted.map(({ item, mask }): TransitColumn => {
    const found = mounted.mapping.find((one) => one.item === item)
    if (!found)
      refuse('object.state', {
        places: [place('/grantId', `信息项 ${item} 未挂接字段`, `item ${item} is not mapped to a field`)],
      })
    const type = mask === null ? found.type : 'text'
    return { item, field: found.field, as: item, type, nullable: found.nullable || mask === 'null' }
  })
  // The source's key, when all of it is granted and none of it masked; otherwise the table travels without one.
  const masked = maskedItems(granted)
  const key = mounted.key.map(
    (field) => columns.find((column) => column.field === field && !masked.has(column.item))?.as,
  )
  return { columns, key: key.every((name) => name !== undefined) ? key : [] }
}

const maskedItems = (granted: readonly PlanColumn[]) =>
  new Set(granted.filter(({ mask }) => mask !== null).map(({ item }) => item))

/**
 * What travels by a mapping: fewer granted items, under other names, with other codes, and constants. Never more than is
 * granted, and masks come first. A key stays whole and its rows stay apart.
 * @throws Refusal `request.invalid` that names the places.
 */
export function mappedColumns(granted: Granted, mounted: MountedFields, mapping: readonly ColumnMapping[]): Columns {
  const offered = grantedColumns(granted, mounted)
  const byItem = new Map(offered.columns.map((column) => [column.item, column]))
  const columns = mapping.map((one, at) => mappedColumn(one, `/mapping/${at}`, byItem, offered))
  mapping.forEach(({ as }, at) => {
    if (mapping.findIndex((one) => one.as === as) !== at)
      invalid(`/mapping/${at}/as`, `接收字段 ${as} 重复`, `column ${as} occurs twice`)
  })
  if (columns.every(({ constant }) => constant !== undefined))
    invalid('/mapping', '至少要有一个信息项', 'at least one item must travel')
  for (const item of fieldsOf(granted.rows)) {
    if (!columns.some((column) => column.item === item))
      invalid(
        '/mapping',
        `授权的行范围用到信息项 ${item}，不能去掉`,
        `the rows of the grant are chosen by item ${item}`,
      )
  }
  const key = offered.key.map((name) => {
    const { item } = offered.columns.find(({ as }) => as === name)!
    const at = columns.findIndex((column) => column.item === item && column.constant === undefined)
    if (at < 0) invalid('/mapping', `主键信息项 ${item} 不能去掉`, `item ${item} is part of the key`)
    requireOneToOne(columns[at]!, `/mapping/${at}/codes`)
    return columns[at]!.as
  })
  return { columns, key }
}

/** What lands in the centre is served and checked item by item, under grants of its own: it lands as it is. */
export async function requireNoLanding(db: Reader, targetId: string): Promise<void> {
  const landing = await db.maybe(sql`select 1 from data_source s join department d on d.id = s.department_id
    where s.id = ${targetId} and d.kind = 'data_centre'`)
  if (landing)
    refuse('request.invalid', {
      places: [place('/mapping', '归集到数据中心的任务不能映射字段', 'what lands in the centre is not mapped')],
    })
}

function mappedColumn(
  { as, item, codes, constant }: ColumnMapping,
  at: string,
  byItem: ReadonlyMap<string, TransitColumn>,
  offered: Columns,
): TransitColumn {
  if (constant !== undefined) {
    if (item !== undefined || codes !== undefined)
      invalid(at, '常量字段不能再指定信息项', 'a constant has neither item nor codes')
    requireValue(constant, `${at}/constant/value`)
    // It stands in the place of a field that every row has.
    const carrier = offered.columns.find((one) => one.as === offered.key[0]) ?? offered.columns[0]!
    return { ...carrier, as, type: constant.type, nullable: false, constant: constant.value }
  }
  const column = item === undefined ? undefined : byItem.get(item)
  if (column === undefined) invalid(`${at}/item`, `信息项 ${item ?? ''} 未授权`, `item ${item ?? ''} is not granted`)
  if (codes === undefined) return { ...column, as }
  if (!CODED.has(parseColumnType(column.type).name))
    invalid(`${at}/codes`, '只有文本和整数字段可以映射代码', 'only texts and integers hold codes')
  codes.pairs.forEach(({ from }, i) => {
    if (codes.pairs.findIndex((pair) => pair.from === from) !== i)
      invalid(`${at}/codes/pairs/${i}/from`, `代码 ${from} 重复`, `code ${from} occurs twice`)
  })
  const nullable = column.nullable || codes.otherwise === 'null'
  return { ...column, as, type: 'text', nullable, codes: { of: column.type, ...codes } }
}

/** Two keys must not become one, nor a key nothing. */
function requireOneToOne({ as, codes }: TransitColumn, at: string): void {
  if (codes === undefined) return
  if (codes.otherwise !== 'refuse')
    invalid(`${at}/otherwise`, `主键字段 ${as} 只能拒绝未映射的代码`, `key column ${as} must refuse what is not mapped`)
  codes.pairs.forEach(({ to }, i) => {
    if (codes.pairs.findIndex((pair) => pair.to === to) !== i)
      invalid(`${at}/pairs/${i}/to`, `主键字段 ${as} 的两个代码不能映射为同一代码`, `two keys would become ${to}`)
  })
}

function requireValue({ type, value }: Constant, at: string): void {
  if (type === 'numeric' && !/^-?\d{1,28}(\.\d{1,10})?$/.test(value))
    invalid(at, '不是数字（整数至多 28 位，小数至多 10 位）', 'not a number of at most 28 and 10 digits')
  if (type === 'date' && !isDay(value)) invalid(at, '不是日期（如 2026-01-31）', 'not a day such as 2026-01-31')
}

function isDay(text: string): boolean {
  if (!/^[1-9]\d{3}-\d\d-\d\d$/.test(text)) return false
  const day = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text)
}

function invalid(path: string, zh: string, en: string): never {
  refuse('request.invalid', { places: [place(path, zh, en)] })
}
