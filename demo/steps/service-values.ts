import type { World } from '../run/world.ts'
import { AS_LANDED, ITEMS, MASKS, people } from './service-made.ts'

/** A row as the service must answer it: granted items, masked by SQL written here, as texts. */
export type Row = Readonly<Record<string, string | null>>

const kept = (x: string, head: number, tail: number, stars: string): string =>
  `case when char_length(${x}) <= ${head + tail} then repeat('*', char_length(${x}))
   else left(${x}, ${head}) || repeat('*', ${stars}) || right(${x}, ${tail}) end`
/** 姓名 keeps its first character, 公民身份号码 six and four. */
const MASKED: Readonly<Record<(typeof MASKS)[number]['mask'], (x: string) => string>> = {
  name: (x) => kept(x, 1, 0, `char_length(${x}) - 1`),
  id_number: (x) => kept(x, 6, 4, '8'),
}

function shown(item: string): string {
  const mask = MASKS.find((one) => one.item === item)?.mask
  return `(${mask ? MASKED[mask](item) : item})::text as ${item}`
}

/** What the department's own database holds under the grant, in the order of the key. */
export const rowsWhere = (world: World, where: string, values: readonly unknown[]): Promise<Row[]> =>
  people(world).rows<Row>(
    `select ${ITEMS.map(shown).join(', ')} from ${AS_LANDED} where ${where} order by population.id`,
    values,
  )

export const countWhere = async (world: World, where: string, values: readonly unknown[]): Promise<number> => {
  const [row] = await people(world).rows<{ n: string }>(`select count(*) as n from ${AS_LANDED} where ${where}`, values)
  return Number(row!.n)
}

/** Ids of people, taken here and there. */
export async function idsWhere(world: World, where: string, values: readonly unknown[], count: number) {
  const rows = await people(world).rows<{ id: string }>(
    `select id from ${AS_LANDED} where ${where} order by md5(id::text), id limit ${count}`,
    values,
  )
  return rows.map((one) => one.id)
}

const text = (row: Row | undefined): string => JSON.stringify(ITEMS.map((item) => row?.[item]))

/** Rows that differ, each by its key; also those with an item more or less. */
export function differencesOf(expected: readonly Row[], got: readonly (Row | null | undefined)[]): string[] {
  return Array.from({ length: Math.max(expected.length, got.length) }, (_, at) => {
    const [want, have] = [expected[at], got[at] ?? undefined]
    const same = text(want) === text(have) && Object.keys(have ?? {}).length === ITEMS.length
    return same ? [] : [`${want?.['id'] ?? have?.['id']}: ${text(want)} / ${text(have)}`]
  }).flat()
}

/** How many of the values that were asked for or answered stand in what the platform keeps of the calls. */
export async function valuesKept(world: World, serviceId: string, ids: readonly string[]): Promise<number> {
  const [kept] = await world.platformSql.rows<{ text: string | null }>(
    `select string_agg((to_jsonb(c) - 'id' - 'rows')::text, ' ') as text from service_call c where service_id = $1`,
    [serviceId],
  )
  const people = await rowsWhere(world, 'id = any($1::bigint[])', [ids])
  const values = people.flatMap((row) => [row['id_number'], row['village_code'], row['status']])
  return [...new Set(values)].filter((value) => value && kept?.text?.includes(value)).length
}
