import fc from 'fast-check'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type Value,
  emitPostgres,
  evaluate,
  maskPostgres,
  MASKS,
  maskText,
  quoteIdentifier,
  quoteText,
  type Predicate,
  type Row,
} from './index.ts'

const FIELDS = ['province', 'code', 'people'] as const
const types = { province: 'text', code: 'text', people: 'integer' } as const
const someText = fc.oneof(
  fc.constantFrom('浙江省', '', "O'Neil", '%', '_', '\\', '𠮷野', '11', '1', 'a"b', '; drop table x --'),
  fc.string({ unit: 'grapheme', maxLength: 6 }).filter((text) => !text.includes('\0') && text.isWellFormed()),
)
const someInteger = fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String)
const leaf: fc.Arbitrary<Predicate> = fc.constantFrom(...FIELDS).chain((field): fc.Arbitrary<Predicate> => {
  const value: fc.Arbitrary<Value> =
    types[field] === 'text'
      ? someText.map((value) => ({ type: 'text' as const, value }))
      : someInteger.map((value) => ({ type: 'integer' as const, value }))
  const comparison = fc.record({
    op: fc.constantFrom('eq', 'ne', 'lt', 'le', 'gt', 'ge'),
    field: fc.constant(field),
    value,
  })
  const list = fc.record({
    op: fc.constant('in' as const),
    field: fc.constant(field),
    values: fc.array(value, { minLength: 1, maxLength: 4 }),
  })
  const isNull = fc.constant({ op: 'isNull' as const, field })
  const starts = someText.map((value) => ({
    op: 'startsWith' as const,
    field: 'code',
    value: { type: 'text' as const, value },
  }))
  return fc.oneof(comparison, list, isNull, starts) as fc.Arbitrary<Predicate>
})
const { tree } = fc.letrec<{ tree: Predicate }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.constantFrom<Predicate>({ op: 'true' }, { op: 'false' }),
    fc.record({
      op: fc.constantFrom('and', 'or'),
      args: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }),
    }) as fc.Arbitrary<Predicate>,
    fc.record({ op: fc.constant('not' as const), arg: tie('tree') }),
  ),
}))
const rows: fc.Arbitrary<Row[]> = fc.array(
  fc.record({ province: fc.option(someText), code: fc.option(someText), people: fc.option(someInteger) }),
  { minLength: 1, maxLength: 8 },
)

describe('PostgreSQL emitter', () => {
  const client = new pg.Client({ connectionString: process.env.HUITONG_TEST_PG_URL })
  beforeAll(() => client.connect())
  afterAll(() => client.end())

  test('passes exactly the rows that the reference semantics pass, for any predicate and any values', async () => {
    await fc.assert(
      fc.asyncProperty(tree, rows, async (predicate, rows) => {
        const where = emitPostgres(predicate, quoteIdentifier)
        const { rows: passed } = await client.query<{ at: number }>(
          `select at::int from (select (o.n - 1) as at, o.r->>'province' as province, o.r->>'code' as code, (o.r->>'people')::numeric as people
             from jsonb_array_elements($1::jsonb) with ordinality as o(r, n)) t where ${where} order by at`,
          [JSON.stringify(rows)],
        )
        const expected = rows.flatMap((row, at) => (evaluate(predicate, row) ? [at] : []))
        expect(passed.map((row) => row.at)).toEqual(expected)
      }),
      { numRuns: 300 },
    )
  })

  test('masks agree with their reference semantics on any text', async () => {
    await fc.assert(
      fc.asyncProperty(fc.option(someText), async (text) => {
        const select = MASKS.map((mask) => maskPostgres(mask, '$1::text')).join(', ')
        const { rows } = await client.query({ text: `select ${select}`, values: [text], rowMode: 'array' })
        expect(rows[0]).toEqual(MASKS.map((mask) => maskText(mask, text)))
      }),
      { numRuns: 200 },
    )
  })
})

test('refuses what PostgreSQL cannot hold, and literals that are not of their type', () => {
  expect(() => quoteText('a\0b')).toThrow(/NUL/)
  expect(() => quoteText('\ud800')).toThrow(/surrogate/)
  expect(() => quoteIdentifier('')).toThrow()
  const bad: Predicate = { op: 'eq', field: 'people', value: { type: 'integer', value: '1 or 1=1' } }
  expect(() => emitPostgres(bad, quoteIdentifier)).toThrow(/not a literal/)
  expect(() => emitPostgres({ op: 'and', args: [] }, quoteIdentifier)).toThrow()
})
