import { readPreview } from '@huitong/contract/centre'
import { createService, openService } from '@huitong/contract/gateway'
import { MASKS, type Mask, type Predicate } from '@huitong/policy'
import fc from 'fast-check'
import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { SYSTEM_ROWS } from '../../apps/server/src/kernel/db.ts'
import { agreed, land, prepareCentre, type Landed, type TableGiven } from '../harness/centre.ts'
import { callService, credential, type Credential } from '../harness/gateway.ts'
import { PEOPLE, usePlatform, type Account } from '../harness/platform.ts'
import { masked, truth, type Cell, type Type } from './evaluate.ts'

/**
 * Invariant 1 for what lies in the resource centre: what a service answers is a plain evaluation of the grant and of what
 * was asked, and a preview shows nothing beyond what the catalogue allows today.
 */
const TYPES: Readonly<Record<string, Type>> = {
  id: 'integer',
  name: 'text',
  id_number: 'text',
  amount: 'decimal',
  born: 'date',
}
const ITEMS = Object.keys(TYPES)
const VALUES: Readonly<Record<string, readonly string[]>> = {
  id: ['1', '2', '7', '9007199254740993', '-9223372036854775808'],
  name: ['', '王小明', '李梅', "O'Neil; --", '𠮷野家', '%_'],
  id_number: ['33010219900307231X', '330102198505051224', '3301'],
  amount: ['0.0000', '812.5000', '-0.1000', '9007199254740993.0001'],
  born: ['0001-01-01', '1990-03-07', '2026-02-28', '9999-12-31'],
}
const item = (code: string, zh: string, more: object = {}) =>
  ({
    code,
    name: { zh },
    type: 'text',
    shareAttribute: 'conditional',
    level: 'general_3',
    nullable: true,
    ...more,
  }) as const
const TABLE: TableGiven = {
  table: 'benefits',
  key: ['id'],
  types: { id: 'bigint', amount: 'numeric(20,4)', born: 'date' },
  items: [
    item('id', '记录号', { key: true, nullable: false, personal: false }),
    item('name', '姓名', { personal: true }),
    item('id_number', '公民身份号码', { personal: true }),
    item('amount', '发放金额', { personal: false }),
    item('born', '出生日期', { personal: true }),
  ],
  rows: [
    ['1', '王小明', '33010219900307231X', '812.5000', '1990-03-07'],
    ['2', '', '3301', '0.0000', null],
    ['7', "O'Neil; --", null, null, '0001-01-01'],
    ['9007199254740993', '𠮷野家', '330102198505051224', '9007199254740993.0001', '9999-12-31'],
    ['-9223372036854775808', null, '33010219900307231X', '-0.1000', '2026-02-28'],
    ['42', '李梅', '330102198505051224', '812.5000', '1990-03-07'],
  ],
}

const valueOf = (code: string) => fc.constantFrom(...VALUES[code]!).map((value) => ({ type: TYPES[code]!, value }))
const comparison: fc.Arbitrary<Predicate> = fc.constantFrom(...ITEMS).chain((field) =>
  fc.oneof(
    fc.record({
      op: fc.constantFrom('eq', 'ne', 'lt', 'le', 'gt', 'ge'),
      field: fc.constant(field),
      value: valueOf(field),
    }),
    fc.record({
      op: fc.constant('in' as const),
      field: fc.constant(field),
      values: fc.array(valueOf(field), { minLength: 1, maxLength: 3 }),
    }),
    fc.constant({ op: 'isNull' as const, field }),
  ),
)
const rowFilter: fc.Arbitrary<Predicate> = fc.oneof(
  comparison,
  fc.constant({ op: 'true' as const }),
  fc.record({ op: fc.constantFrom('and', 'or'), args: fc.array(comparison, { minLength: 1, maxLength: 2 }) }),
  fc.record({ op: fc.constant('not' as const), arg: comparison }),
)
const grants = fc.record({
  items: fc.subarray(ITEMS, { minLength: 2 }),
  rowFilter,
  masks: fc.array(fc.record({ at: fc.nat(4), mask: fc.constantFrom(...MASKS) }), { maxLength: 2 }),
})
type GrantPlan = typeof grants extends fc.Arbitrary<infer T> ? T : never

/** What is asked: items or none, conditions as parameters, and how many rows a page. */
const asked = fc.record({
  items: fc.option(fc.subarray(ITEMS, { minLength: 1 }), { freq: 2 }),
  conditions: fc.array(comparison, { maxLength: 2 }),
  limit: fc.integer({ min: 1, max: 4 }),
  id: fc.constantFrom(...VALUES['id']!, '42', '43'),
})
type Asked = typeof asked extends fc.Arbitrary<infer T> ? T : never

interface Opened {
  readonly matter: string
  readonly items: readonly string[]
  readonly masks: ReadonlyMap<string, Mask>
  readonly rowFilter: Predicate
}
type Row = ReadonlyMap<string, Cell>
const ROWS: readonly Row[] = TABLE.rows.map((cells) => new Map(ITEMS.map((code, at) => [code, cells[at]!])))

/** Rows that the grant and the question leave, with the items that are handed out. */
function expected(grant: Opened, { items, conditions }: Pick<Asked, 'items' | 'conditions'>): Record<string, Cell>[] {
  const all = [grant.rowFilter, ...conditions]
  return ROWS.filter((row) => all.every((one) => truth(one, row) === 1)).map((row) =>
    Object.fromEntries((items ?? grant.items).map((code) => [code, masked(grant.masks.get(code), row.get(code)!)])),
  )
}

/** The refusal that a question must meet, if any: items that are not granted before conditions on masked ones. */
function refusal(grant: Opened, fields: readonly string[], items: readonly string[]): string | null {
  if ([...items, ...fields].some((code) => !grant.items.includes(code))) return 'service.item_not_granted'
  return fields.some((code) => grant.masks.has(code)) ? 'service.item_masked' : null
}

const fieldOf = (one: Predicate) => ('field' in one ? one.field : '')
/** Conditions as an application writes them; of two on one item and operator the last stands. */
function parameters(conditions: readonly Predicate[]): Record<string, string> {
  return Object.fromEntries(
    conditions.map((one) => {
      if (one.op === 'isNull') return [`${one.field}.isNull`, 'true']
      if (one.op === 'in') return [`${one.field}.in`, one.values.map(({ value }) => value).join(',')]
      return 'value' in one ? [`${one.field}.${one.op}`, one.value.value] : ['', '']
    }),
  )
}

const GRANTS = 12

describe('what lies in the resource centre', () => {
  const platform = usePlatform({ centre: true })
  let landed: Landed
  let serviceId: string
  let app: Credential
  beforeAll(async () => {
    landed = await land(platform, await prepareCentre(platform), TABLE)
    const body = { channelId: landed.channel.id, code: 'benefits', name: { zh: '低保发放查询' } }
    serviceId = (await (await platform.as('centre')).call(createService, { body })).id
    app = await credential(platform)
  })

  let opened = 0
  async function open({ items, masks, rowFilter }: GrantPlan): Promise<Opened> {
    const matter = `33011700${String(1000 + ++opened)}`
    // One mask per item, of those that are granted.
    const chosen = new Map(masks.map(({ at, mask }) => [items[at % items.length]!, mask]))
    const request = await agreed(
      platform,
      landed.dataset,
      'works',
      { items, method: 'service', matter: { code: matter, name: `事项 ${opened}` } },
      { masks: [...chosen].map(([code, mask]) => ({ item: code, mask })), rowFilter: rowFilter as never },
    )
    const body = { grantId: request.grantId!, perSecondMax: 10_000, perDayMax: 100_000 }
    await (await platform.as('centre')).call(openService, { params: { id: serviceId }, body })
    return { matter, items, masks: chosen, rowFilter }
  }
  const call = (way: string, { matter }: Opened, query: Record<string, string>) =>
    callService(platform, app, `/api/v1/services/benefits/${way}`, { query, matter })
  const inOrder = (rows: readonly object[]) => rows.map((one) => JSON.stringify(Object.entries(one).sort())).sort()

  async function rowsHold(grant: Opened, question: Asked): Promise<number> {
    const conditions = parameters(question.conditions)
    // What of two conditions of one name stands is what is asked.
    const standing = question.conditions.filter((one, at, all) => {
      const [name] = Object.keys(parameters([one]))
      return all.findLastIndex((other) => Object.keys(parameters([other]))[0] === name) === at
    })
    const fields = standing.map(fieldOf)
    const given = question.items ? { items: question.items.join(',') } : {}
    const code = refusal(grant, fields, question.items ?? [])
    const rows: object[] = []
    for (let after: string | null = ''; after !== null;) {
      const query = { ...conditions, ...given, limit: String(question.limit), ...(after ? { after } : {}) }
      const reply = await call('rows', grant, query)
      expect([grant, question, reply.code]).toEqual([grant, question, code])
      if (code !== null) return 0
      rows.push(...(reply.body['items'] as object[]))
      after = reply.body['next'] as string | null
    }
    const wanted = expected(grant, { items: question.items, conditions: standing })
    expect([grant, question, inOrder(rows)]).toEqual([grant, question, inOrder(wanted)])
    const { body } = await call('count', grant, conditions)
    expect([grant, question, body]).toEqual([grant, question, { count: String(wanted.length) }])
    return rows.length
  }

  async function rowHolds(grant: Opened, { items, id }: Asked): Promise<void> {
    const reply = await call('row', grant, { id, ...(items ? { items: items.join(',') } : {}) })
    const isKeyOpen = grant.items.includes('id') && !grant.masks.has('id')
    if (!isKeyOpen || refusal(grant, [], items ?? []))
      return expect([grant, reply.code]).toEqual([grant, 'service.item_not_granted'])
    const key: Predicate = { op: 'eq', field: 'id', value: { type: 'integer', value: id } }
    const [row] = expected(grant, { items, conditions: [key] })
    expect([grant, id, reply.body['row'] ?? reply.code]).toEqual([grant, id, row ?? 'service.row_not_found'])
  }

  test('a service answers what a plain evaluation of grant and question gives, row by row and cell by cell', async () => {
    let [rows, refused] = [0, 0]
    const plans = fc.array(fc.tuple(grants, fc.array(asked, { minLength: 8, maxLength: 8 })), {
      minLength: GRANTS,
      maxLength: GRANTS,
    })
    const property = fc.asyncProperty(plans, async (all) => {
      // First all grants, so that what the gateway remembers of the service holds each of them.
      const granted = []
      for (const [plan, questions] of all) granted.push([await open(plan), questions] as const)
      for (const [grant, questions] of granted)
        for (const question of questions) {
          const given = await rowsHold(grant, question)
          rows += given
          refused += Number(given === 0)
          await rowHolds(grant, question)
        }
      // Another matter than the granted ones opens nothing.
      const other = { ...granted[0]![0], matter: '330117009999' }
      expect((await call('count', other, {})).code).toBe('service.matter_not_granted')
    })
    await fc.assert(property, { numRuns: 1, endOnFailure: true })
    expect(rows).toBeGreaterThan(20)
    expect(refused).toBeGreaterThan(10)
  }, 120_000)

  /** How an item is shown to one who states no purpose: by its kind, and if it is of a person. */
  const PREVIEWED: Readonly<Record<string, { always?: Mask; personal?: Mask }>> = {
    id: { personal: 'null' },
    name: { always: 'name' },
    id_number: { always: 'id_number' },
    amount: { personal: 'null' },
    born: { personal: 'null' },
  }
  const flags = fc.tuple(
    ...ITEMS.map(() =>
      fc.record({
        personal: fc.constantFrom(true, false, undefined),
        shareAttribute: fc.constantFrom('conditional', 'unconditional', 'refused'),
      }),
    ),
  )
  const roleOf = (account: Account) => PEOPLE[account].roles[0] as string
  const READS_PREVIEW = ['data_officer', 'department_head', 'authority', 'data_centre']
  function previewFor(account: Account): 'refused' | 'none' | 'shown' {
    if (!READS_PREVIEW.includes(roleOf(account))) return 'refused'
    const isParty = ['civil', 'centre'].includes(PEOPLE[account].department)
    return isParty || roleOf(account) === 'authority' ? 'shown' : 'none'
  }

  test('a preview is shown to provider, consumer, centre and authority, with the items and masks of today', async () => {
    const accounts = Object.keys(PEOPLE) as Account[]
    const property = fc.asyncProperty(flags, async (given) => {
      const items = TABLE.items.map(({ personal: _old, ...rest }, at) => ({ ...rest, ...given[at] }))
      await platform.server.services.db.write(SYSTEM_ROWS, (db) =>
        db.run(sql`update dataset_version set content = jsonb_set(content, '{items}', ${JSON.stringify(items)})
          where dataset_id = ${landed.dataset.id}`),
      )
      const shown = items.filter((one) => one.shareAttribute !== 'refused').map((one) => one.code)
      const maskOf = (code: string) => {
        const { always, personal } = PREVIEWED[code]!
        // What nobody has declared not to be of a person is of one.
        return always ?? (items.find((one) => one.code === code)!.personal === false ? undefined : personal)
      }
      const byKey = [...ROWS].sort((a, b) => Number(BigInt(a.get('id')!) - BigInt(b.get('id')!)))
      const rows =
        shown.length === 0 ? [] : byKey.map((row) => shown.map((code) => masked(maskOf(code), row.get(code)!)))
      for (const account of accounts) {
        const asking = (await platform.as(account)).call(readPreview, { params: { id: landed.dataset.id } })
        const reply = await asking.then(
          ({ state, ...rest }) => ({ state, codes: rest.items.map((one) => one.code), rows: rest.rows }),
          (error: { code: string }) => ({ state: error.code, codes: [], rows: [] }),
        )
        const right = previewFor(account)
        const wanted =
          right === 'shown'
            ? { state: 'shown', codes: shown, rows }
            : { state: right === 'none' ? 'none' : 'permission.denied', codes: [], rows: [] }
        expect([account, given, reply]).toEqual([account, given, wanted])
      }
    })
    await fc.assert(property, { numRuns: 12, endOnFailure: true })
  }, 60_000)
})
