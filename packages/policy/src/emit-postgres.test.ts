import fc from 'fast-check'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  emitPostgres,
  evaluate,
  maskPostgres,
  MASKS,
  maskText,
  quoteIdentifier,
  quoteText,
  type Predicate,
} from './index.ts'
import { rows, someText, tree } from './testing/arbitraries.ts'

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
