import { lookUp, setLibrary } from '@huitong/contract/centre'
import type { ReplyOf } from '@huitong/contract'
import { openSql } from '../run/measure.ts'
import type { NodeKey } from '../city/nodes.ts'
import { needed, type World } from '../run/world.ts'
import { livingRows, REGISTERS, type RegisterName } from './registers.ts'

export interface LibraryFigures {
  library_rows: Record<string, number>
  library_masked_differences: string[]
  library_full_differences: string[]
  library_purpose_refusal: string
  library_audited: boolean
}

type Reply = ReplyOf<typeof lookUp>
const PARTS = { person: ['population', 'benefit'], firm: ['enterprise', 'licence'] } as const
const KEYS: Readonly<Record<RegisterName, string>> = {
  population: 'id_number',
  benefit: 'id_number',
  enterprise: 'credit_code',
  licence: 'credit_code',
}
const PURPOSE = '核对低保对象身份'

/** What the base libraries show without a purpose, by SQL written here: names, numbers, phones and addresses of people. */
const MASKED: Readonly<Record<string, (column: string) => string>> = {
  'population.name': (x) => kept(x, 1, 0, `char_length(${x}) - 1`),
  'population.id_number': (x) => kept(x, 6, 4, '8'),
  'population.phone': (x) => kept(x, 3, 4, '4'),
  'population.address': () => 'null',
  'benefit.person_name': (x) => kept(x, 1, 0, `char_length(${x}) - 1`),
  'benefit.id_number': (x) => kept(x, 6, 4, '8'),
  'enterprise.legal_person': (x) => kept(x, 1, 0, `char_length(${x}) - 1`),
  'enterprise.legal_person_id': (x) => kept(x, 6, 4, '8'),
  'enterprise.phone': (x) => kept(x, 3, 4, '4'),
}
const kept = (x: string, head: number, tail: number, stars: string) =>
  `case when char_length(${x}) <= ${head + tail} then repeat('*', char_length(${x}))
   else left(${x}, ${head}) || repeat('*', ${stars}) || right(${x}, ${tail}) end`

/** One person and one firm are looked up, and what is shown is compared with the departments' own tables. */
export async function lookAtLibraries(world: World): Promise<LibraryFigures> {
  const landed = needed(world.made.landed, 'the landed tables')
  const centre = await world.as('centre')
  const rows: Record<string, number> = {}
  const masked: string[] = []
  const full: string[] = []
  const numbers = { person: await someone(world), firm: await someFirm(world) }
  for (const library of ['person', 'firm'] as const) {
    const params = { library }
    const parts = PARTS[library].map((name) => ({ channelId: landed[name]!.channelId, keyItem: KEYS[name] }))
    await centre.call(setLibrary, { params, body: { parts } })
    const number = numbers[library]
    const plain = await centre.call(lookUp, { params, body: { number } })
    const open = await centre.call(lookUp, { params, body: { number, full: true, purpose: PURPOSE } })
    for (const name of PARTS[library]) {
      const { channelId } = landed[name]!
      rows[name] = shownOf(plain, channelId).length
      masked.push(...(await differences(world, name, number, shownOf(plain, channelId), true)))
      full.push(...(await differences(world, name, number, shownOf(open, channelId), false)))
    }
  }
  const refusal = await centre.refusal(lookUp, {
    params: { library: 'person' },
    body: { number: numbers.person, full: true },
  })
  const audits = await world.platformSql.rows<{ content: string }>(
    `select content from audit where action = $1 and outcome = 'done' order by id desc limit 4`,
    [lookUp.id],
  )
  return {
    library_rows: rows,
    library_masked_differences: masked,
    library_full_differences: full,
    library_purpose_refusal: refusal.code,
    library_audited:
      audits.length === 4 &&
      audits.filter(({ content }) => content.includes(PURPOSE)).length === 2 &&
      audits.every(({ content }) => !content.includes(numbers.person) && !content.includes(numbers.firm)),
  }
}

/** Rows of a part as texts in the order of the register's columns. */
function shownOf(reply: Reply, channelId: string): string[] {
  const part = reply.parts.find((one) => one.channelId === channelId)
  if (!part) return []
  return part.rows.map((row) =>
    JSON.stringify(
      Object.fromEntries(part.items.map((item, at) => [item.code, row[at] ?? null])),
      part.items.map((item) => item.code).sort(),
    ),
  )
}

async function differences(
  world: World,
  name: RegisterName,
  number: string,
  shown: readonly string[],
  masked: boolean,
): Promise<string[]> {
  const { columns } = REGISTERS[name]
  const expressions = columns.map(([column]) => {
    const mask = masked ? MASKED[`${name}.${column}`] : undefined
    return `${mask ? mask(column) : column}::text as ${column}`
  })
  const rows = await sqlOf(world, name).rows(
    `select ${expressions.join(', ')} from ${livingRows(name)} where ${KEYS[name]} = $1`,
    [number],
  )
  const names = columns.map(([column]) => column).sort()
  const expected = rows.map((row) => JSON.stringify(row, names))
  const missing = expected.filter((row) => !shown.includes(row)).map((row) => `${name}: missing ${row}`)
  const extra = shown.filter((row) => !expected.includes(row)).map((row) => `${name}: extra ${row}`)
  return [...missing, ...extra]
}

const sqlOf = (world: World, name: RegisterName) => {
  const node: NodeKey = REGISTERS[name].node
  return openSql(() => world.platform.superuser('departments', world.platform.databases[node].database))
}

/** Somebody who draws a benefit and stands in the register, by the departments' own tables. */
async function someone(world: World): Promise<string> {
  const drawing = await sqlOf(world, 'benefit').rows<{ id_number: string }>(
    `select id_number from public.benefit where id_number ~ '^[0-9]{17}[0-9X]$' order by id limit 50`,
  )
  const [found] = await sqlOf(world, 'population').rows<{ id_number: string }>(
    `select id_number from ${livingRows('population')} where id_number = any($1) order by id limit 1`,
    [drawing.map((one) => one.id_number)],
  )
  return needed(found?.id_number, 'a person with a benefit')
}

async function someFirm(world: World): Promise<string> {
  const [found] = await sqlOf(world, 'enterprise').rows<{ credit_code: string }>(
    `select e.credit_code from public.enterprise e join public.licence l on l.credit_code = e.credit_code
     where e.credit_code ~ '^[0-9A-Z]{18}$' order by e.id limit 1`,
  )
  return needed(found?.credit_code, 'a firm with a licence')
}
