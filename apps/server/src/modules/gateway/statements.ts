import { createHash } from 'node:crypto'
import { emitPostgres, maskPostgres, quoteIdentifier, type Plan, type PlanColumn } from '@huitong/policy'
import { parseColumnType, postgresType } from '@huitong/segment'
import { place, refuse } from '../../kernel/errors.ts'
import type { TextRow } from '../../kernel/centre-database.ts'
import type { Services } from '../../kernel/services.ts'
import type { KnownService } from './registry.ts'

type Allowed = Extract<Plan, { allowed: true }>
/** A row as it is answered: decimals and 64-bit integers stay texts, booleans are booleans, NULL is null. */
export type AnswerRow = Record<string, string | boolean | null>

const columnOf = (service: KnownService, item: string): string => {
  const column = service.columns.get(item)
  return column ? quoteIdentifier(column.as) : refuse('service.suspended', { detail: `item ${item} has not landed` })
}

function selected(service: KnownService, { item, mask }: PlanColumn): string {
  const column = columnOf(service, item)
  if (mask !== null) return maskPostgres(mask, column)
  // The padding of char(n) is no part of the value.
  return parseColumnType(service.columns.get(item)!.type).name === 'char' ? `${column}::text` : column
}

const listOf = (service: KnownService, plan: Allowed) => plan.columns.map((one) => selected(service, one)).join(', ')
const whereOf = (service: KnownService, plan: Allowed) => emitPostgres(plan.rows, (item) => columnOf(service, item))

type Shape = (row: TextRow) => AnswerRow

/** How rows of a plan are answered, from texts: worked out once for all of them. */
export function shapeFor(service: KnownService, plan: Allowed): Shape {
  const columns = plan.columns.map(({ item, mask }) => ({
    item,
    valueOf: mask === null ? valueOf(service.columns.get(item)!.type) : asText,
  }))
  return (row) => {
    const answer: AnswerRow = {}
    columns.forEach((column, at) => {
      const text = row[at] ?? null
      answer[column.item] = text === null ? null : column.valueOf(text)
    })
    return answer
  }
}

const asText = (text: string) => text

function valueOf(type: string): (text: string) => string | boolean {
  switch (parseColumnType(type).name) {
    case 'boolean':
      return (text) => text === 't'
    case 'timestamp':
      return (text) => text.replace(' ', 'T')
    case 'timestamptz':
      return (text) => text.replace(' ', 'T').replace(/\+00$/, 'Z')
    default:
      return asText
  }
}

/** Runs a statement on the centre; a value that no check caught before the database is the caller's fault. */
async function ask(services: Services, text: string, values: readonly unknown[], name?: string): Promise<TextRow[]> {
  try {
    return await services.centre.rows(text, values, name)
  } catch (error) {
    const { code = '' } = error as { code?: string }
    if (code.startsWith('22'))
      refuse('request.invalid', { places: [place('#/query', '取值超出范围', 'a value is out of range')] })
    if (code === '42P01' || code === '42703') refuse('service.suspended', { detail: (error as Error).message })
    throw error
  }
}

const nameOf = (text: string) => `g_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`

/** Reads rows by their keys, in the order of the keys; null where there is none. */
export type KeyReader = (keys: readonly (readonly string[])[]) => Promise<(AnswerRow | null)[]>

/** The statement takes the keys as arrays, so that it is the same for every call; `prepared`: known by name to each connection. */
export function keyReader(services: Services, service: KnownService, plan: Allowed, prepared: boolean): KeyReader {
  const lists = service.key.map(
    (item, at) => `$${at + 1}::text[] :: ${postgresType(service.columns.get(item)!.type)}[]`,
  )
  // Names with a capital letter, which no item has: the columns of the table stand beside them.
  const names = service.key.map((_, at) => `"K${at}"`)
  const joined = service.key.map((item, at) => `t.${columnOf(service, item)} = k."K${at}"`).join(' and ')
  const text = `select k."N", ${listOf(service, plan)} from unnest(${lists.join(', ')}) with ordinality k (${names.join(', ')}, "N")
    join ${service.table} t on ${joined} where ${whereOf(service, plan)}`
  const name = prepared ? nameOf(text) : undefined
  const shape = shapeFor(service, plan)
  return async (keys) => {
    const values = service.key.map((_, at) => keys.map((one) => one[at]!))
    const answers: (AnswerRow | null)[] = keys.map(() => null)
    for (const [n, ...row] of await ask(services, text, values, name)) answers[Number(n) - 1] = shape(row)
    return answers
  }
}

/** A page of rows in the order of the key, after the key of the row before it. */
export async function readPage(
  services: Services,
  service: KnownService,
  plan: Allowed,
  page: { limit: number; after: readonly string[] | null },
): Promise<{ rows: AnswerRow[]; last: string[] | null }> {
  const key = service.key.map((item) => columnOf(service, item))
  const after = page.after ? `(${key.join(', ')}) > (${key.map((_, at) => `$${at + 1}`).join(', ')}) and` : ''
  const text = `select ${key.join(', ')}, ${listOf(service, plan)} from ${service.table}
    where ${after} ${whereOf(service, plan)} order by ${key.join(', ')} limit ${page.limit + 1}`
  const found = await ask(services, text, page.after ?? [])
  const shape = shapeFor(service, plan)
  const rows = found.slice(0, page.limit)
  const last = found.length > page.limit ? rows.at(-1)! : null
  return {
    rows: rows.map((row) => shape(row.slice(key.length))),
    last: last ? last.slice(0, key.length).map((text) => text!) : null,
  }
}

export async function countRows(services: Services, service: KnownService, plan: Allowed): Promise<string> {
  const [row] = await ask(services, `select count(*) from ${service.table} where ${whereOf(service, plan)}`, [])
  return row![0]!
}
