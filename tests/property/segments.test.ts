import {
  compileGrant,
  emitPostgres,
  maskPostgres,
  MASKS,
  quoteIdentifier,
  type GrantDocument,
  type Predicate,
  type Use,
} from '@huitong/policy'
import fc from 'fast-check'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDatabase, type TestDatabase } from '../harness/database.ts'
import { masked, truth, type Cell, type Type } from './evaluate.ts'

/**
 * Invariant 1 for data: the rows and columns that a compiled grant selects from a real table are those of a plain
 * evaluation of the grant, written here a second time and not taken from `packages/policy`.
 */
/** Columns with names that SQL must quote. */
const COLUMNS: Readonly<Record<string, Type>> = {
  code: 'text',
  '姓"名': 'text',
  select: 'integer',
  'amount; --': 'decimal',
  "day'": 'date',
  At: 'timestamp',
  'a b': 'boolean',
}
const NAMES = Object.keys(COLUMNS)
const SQL_TYPES: Record<Type, string> = {
  text: 'text',
  integer: 'bigint',
  decimal: 'numeric',
  date: 'date',
  timestamp: 'timestamp',
  boolean: 'boolean',
}

const hostile = fc.oneof(
  fc.constantFrom(
    '',
    "'",
    "''; drop table t; --",
    '\\',
    "\\'",
    '%',
    '_',
    '𠮷野家',
    '\n',
    '\t',
    'é',
    'é',
    'NULL',
    ' a ',
    '李',
    '李四',
    '13800000000',
    '\u{10ffff}',
  ),
  fc.string({ unit: 'binary', maxLength: 8 }).map((text) => text.replaceAll('\0', '')),
)
const integer = fc.oneof(
  fc.constantFrom('0', '9223372036854775807', '-9223372036854775808', '9007199254740993', '9007199254740992'),
  fc.integer({ min: -3, max: 3 }).map(String),
)
const decimal = fc.oneof(
  fc.constantFrom(
    '0',
    '0.1',
    '0.10',
    '0.100000000000000000000000000001',
    '-0.1',
    '12345678901234567890.123456789',
    '1',
    '1.0',
  ),
  fc
    .tuple(fc.integer({ min: -2, max: 2 }), fc.nat(9))
    .map(([whole, part]) => `${whole}.${part}`)
    .filter((text) => !text.startsWith('-0.')),
)
const date = fc.constantFrom('0001-01-01', '1582-10-10', '1899-12-31', '2000-02-29', '2026-01-01', '9999-12-31')
const timestamp = fc.constantFrom(
  '0001-01-01 00:00:00',
  '1970-01-01 00:00:00',
  '2026-01-01 12:00:00.1',
  '2026-01-01 12:00:00.100001',
  '2026-01-01 12:00:01',
  '9999-12-31 23:59:59.999999',
)
const TEXTS: Record<Type, fc.Arbitrary<string>> = {
  text: hostile,
  integer,
  decimal,
  date,
  timestamp,
  boolean: fc.constantFrom('true', 'false'),
}
const cell = (name: string) => fc.option(TEXTS[COLUMNS[name]!], { freq: 5 })
const rows = fc.array(fc.tuple(...NAMES.map(cell)), { maxLength: 12 })

const comparison: fc.Arbitrary<Predicate> = fc.constantFrom(...NAMES).chain((field): fc.Arbitrary<Predicate> => {
  const type = COLUMNS[field]!
  const value = TEXTS[type].map((text) => ({ type, value: text }))
  const compared = fc.record({
    op: fc.constantFrom('eq', 'ne', 'lt', 'le', 'gt', 'ge'),
    field: fc.constant(field),
    value,
  })
  const listed = fc.record({
    op: fc.constant('in' as const),
    field: fc.constant(field),
    values: fc.array(value, { maxLength: 3 }),
  })
  const begun = fc.record({ op: fc.constant('startsWith' as const), field: fc.constant(field), value })
  const empty = fc.constant({ op: 'isNull' as const, field })
  return type === 'text' ? fc.oneof(compared, listed, begun, empty) : fc.oneof(compared, listed, empty)
})
const { predicate } = fc.letrec<{ predicate: Predicate }>((tie) => ({
  predicate: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    comparison,
    fc.constantFrom({ op: 'true' as const }, { op: 'false' as const }),
    fc.record({
      op: fc.constantFrom('and' as const, 'or' as const),
      args: fc.array(tie('predicate'), { minLength: 1, maxLength: 3 }),
    }),
    fc.record({ op: fc.constant('not' as const), arg: tie('predicate') }),
  ),
}))

const INSTANTS = [
  '2025-12-31T16:00:00.000Z',
  '2026-03-01T00:00:00.000Z',
  '2026-06-30T15:59:59.999Z',
  '2026-06-30T16:00:00.000Z',
]
const mostly = <T>(usual: T, others: readonly T[]) =>
  fc.oneof({ weight: 6, arbitrary: fc.constant(usual) }, fc.constantFrom(...others))
const grants: fc.Arbitrary<GrantDocument> = fc
  .record({
    items: fc.subarray(NAMES, { minLength: 1 }),
    rowFilter: predicate,
    masks: fc.array(fc.record({ item: fc.constantFrom(...NAMES), mask: fc.constantFrom(...MASKS) }), { maxLength: 3 }),
    validFrom: mostly(INSTANTS[0]!, INSTANTS),
    validUntil: mostly(INSTANTS[3]!, INSTANTS),
  })
  .map(({ masks, ...rest }) => ({
    v: 1,
    id: 'g',
    number: 'SJ1',
    requestId: 'r',
    dataset: { id: 'd', code: 'D', version: 1 },
    grantor: { departmentId: 'civil' },
    grantee: { departmentId: 'works' },
    purpose: '核验',
    matterCode: 'm1',
    method: 'table',
    rowsPerDayMax: null,
    // One mask per item, as the answer's form allows.
    masks: masks.filter((one, at) => masks.findIndex(({ item }) => item === one.item) === at),
    ...rest,
  }))
const uses: fc.Arbitrary<Use> = fc.record(
  {
    departmentId: mostly('works', ['civil', 'police']),
    at: mostly(INSTANTS[1]!, INSTANTS),
    legalAt: mostly(INSTANTS[1]!, INSTANTS),
    items: mostly(null, [null, [], ['code'], ['At', 'code'], ['secret'], ['code', 'secret'], [...NAMES]]),
    rows: predicate,
    revoked: mostly(false, [true]),
    matterCode: mostly('m1', ['m2']),
  },
  { requiredKeys: ['departmentId', 'at', 'items', 'revoked'] },
)

// The second writing of the rules.
function mayUse(grant: GrantDocument, use: Use): boolean {
  const at = new Date(use.at).getTime()
  const last = use.legalAt === undefined ? at : Math.max(at, new Date(use.legalAt).getTime())
  const inTime = new Date(grant.validFrom).getTime() <= at && last < new Date(grant.validUntil).getTime()
  const items = use.items === null || (use.items.length > 0 && use.items.every((one) => grant.items.includes(one)))
  const purpose = use.matterCode === undefined || use.matterCode === 'm1'
  return !use.revoked && use.departmentId === 'works' && inTime && items && purpose
}

function expected(grant: GrantDocument, use: Use, table: readonly (readonly Cell[])[]): Cell[][] {
  const masks = new Map(grant.masks.map((one) => [one.item, one.mask]))
  return table
    .map((cells) => new Map(NAMES.map((name, at) => [name, cells[at]!])))
    .filter((row) => truth(grant.rowFilter, row) === 1 && (!use.rows || truth(use.rows, row) === 1))
    .map((row) => (use.items ?? grant.items).map((item) => masked(masks.get(item), row.get(item)!)))
}

let database: TestDatabase
let db: pg.Client
beforeAll(async () => {
  database = await createDatabase()
  db = new pg.Client({ connectionString: database.url })
  await db.connect()
  const columns = Object.entries(COLUMNS).map(([name, type]) => `${quoteIdentifier(name)} ${SQL_TYPES[type]}`)
  await db.query(`create unlogged table t (n integer, ${columns.join(', ')})`)
})
afterAll(async () => {
  await db.end()
  await database.drop()
})

async function fill(table: readonly (readonly Cell[])[]): Promise<void> {
  await db.query('delete from t')
  const width = NAMES.length
  const values = table.map(
    (_row, at) => `(${at}, ${NAMES.map((_name, column) => `$${at * width + column + 1}`).join(', ')})`,
  )
  if (table.length > 0) await db.query(`insert into t values ${values.join(', ')}`, table.flat())
}

test('what a compiled grant selects equals a plain evaluation of the grant, row by row and cell by cell', async () => {
  const seen = { allowed: 0, refused: 0, rows: 0, cut: 0 }
  const property = fc.asyncProperty(rows, grants, uses, async (table, grant, use) => {
    const plan = compileGrant(grant, use)
    expect(plan.allowed).toBe(mayUse(grant, use))
    if (!plan.allowed) return void seen.refused++
    await fill(table)
    const columns = plan.columns.map(({ item, mask }) =>
      mask === null ? `${quoteIdentifier(item)}::text` : maskPostgres(mask, quoteIdentifier(item)),
    )
    const text = `select ${columns.join(', ')} from t where ${emitPostgres(plan.rows, quoteIdentifier)} order by n`
    const given = (await db.query<Cell[]>({ text, rowMode: 'array' })).rows
    expect(given).toEqual(expected(grant, use, table))
    seen.allowed++
    seen.rows += given.length
    seen.cut += table.length - given.length
  })
  await fc.assert(property, { numRuns: 2000, endOnFailure: true })
  // Neither side of any comparison was empty throughout.
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(100)
}, 120_000)
