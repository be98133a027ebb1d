import type { DuckDBConnection } from '@duckdb/node-api'
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { judge } from './oracle.ts'
import type { Rule, World } from './rule.ts'
import { ruleFaults } from './suite.ts'
import type { ColumnClass, Columns, Row } from './table.ts'
import { judgeInDuckDb, judgedCounts, openDuckDb, ruleOf } from './testing/duckdb.ts'

let db: DuckDBConnection
beforeAll(async () => {
  db = await openDuckDb()
})

const COLUMNS: Columns = { a: 'text', b: 'text', c: 'text', n: 'integer', m: 'decimal', d: 'date' }
const OTHER: Columns = { k: 'text', x: 'text', n: 'integer' }

/** Texts that rules are about, and texts made from them by small harm. */
const GOOD = [
  '11010519491231002X',
  '34052419800101001X',
  '91350100M000100Y43',
  'D2143569X',
  'D2143569-X',
  '2024-02-29',
  '20240229',
  '1',
  '2',
  '0.5',
  '-3',
  '张三',
  '330106',
  '𠮷',
  'a b',
]
const harmed = fc
  .tuple(fc.constantFrom(...GOOD), fc.nat(20), fc.constantFrom('', ' ', '　', '0', 'X', '９', '\n', 'Z', '𠮷', '-'))
  .map(([good, at, put]) => good.slice(0, at) + put + good.slice(at + 1))
const textValue = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...GOOD) },
  { weight: 3, arbitrary: harmed },
  { weight: 2, arbitrary: fc.constantFrom(null, '', ' ', '　') },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }).filter((one) => !one.includes('\0')) },
)
const day = fc
  .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  .map((one) => one.toISOString().slice(0, 10))
const typed: Readonly<Record<ColumnClass, fc.Arbitrary<string | null>>> = {
  text: textValue,
  integer: fc.option(
    fc.oneof(fc.integer({ min: -5, max: 5 }), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })).map(String),
  ),
  decimal: fc.option(fc.integer({ min: -30_000, max: 30_000 }).map((one) => (one / 10_000).toFixed(4))),
  date: fc.option(fc.oneof(fc.constantFrom('2024-02-29', '1949-12-31', '2026-03-02'), day)),
  float: fc.constant(null),
  timestamp: fc.constant(null),
  boolean: fc.constant(null),
}
const rowOf = (columns: Columns): fc.Arbitrary<Row> =>
  fc.record(Object.fromEntries(Object.entries(columns).map(([name, kind]) => [name, typed[kind]])))

const anyColumn = fc.constantFrom('a', 'b', 'c', 'n', 'm', 'd')
const textColumn = fc.constantFrom('a', 'b', 'c')
const op = fc.constantFrom('eq', 'ne', 'lt', 'le', 'gt', 'ge')
const bound = fc.constantFrom('0', '-3', '0.5', '1', '9223372036854775807', '2.9999')
const date = fc.constantFrom('2024-02-29', '1949-12-31', '0001-01-01')
const PATTERNS = [
  '.*',
  '\\d+',
  '[^\\d]*',
  '\\p{Han}{1,2}',
  '1[0-9]{17}|.{3}',
  '(?:a|\\s)+[bX]?',
  '.*[Xx9９]',
  '-?\\d+(\\.\\d)?',
]
const pattern = fc.constantFrom(...PATTERNS)
const codes = fc.uniqueArray(fc.constantFrom(...GOOD, '9', "it's"), { minLength: 1, maxLength: 5 })

const leaf = fc.oneof(
  fc.record({ column: anyColumn, is: fc.constantFrom('present', 'missing') }),
  fc.record({ column: textColumn, in: codes }),
  fc.record({ column: textColumn, matches: pattern }),
  fc.record({ column: fc.constantFrom('a', 'n', 'm'), op, as: fc.constant('number'), value: bound }),
  fc.record({ column: fc.constantFrom('a', 'd'), op, as: fc.constant('date'), value: date }),
  fc.record({ column: textColumn, op, as: fc.constant('text'), value: fc.constantFrom(...GOOD) }),
)
const level = (inner: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof(
    leaf,
    fc.record({ all: fc.array(inner, { minLength: 1, maxLength: 3 }) }),
    fc.record({ any: fc.array(inner, { minLength: 1, maxLength: 3 }) }),
    fc.record({ not: inner }),
  )
const condition = level(level(leaf))
const elsewhere = fc.oneof(
  fc.record({ column: fc.constant('x'), is: fc.constantFrom('present', 'missing') }),
  fc.record({ column: fc.constant('n'), op, as: fc.constant('number'), value: bound }),
)
const operand = fc.oneof(
  fc.record({ column: textColumn }),
  fc.record({ column: textColumn, take: fc.constantFrom('id_birth', 'id_sex', 'id_division') }),
)
const other = fc
  .oneof(
    fc.record({ columns: fc.constant(['a']), to: fc.constant(['k']) }),
    fc.record({ columns: fc.constant(['b', 'n']), to: fc.constant(['x', 'n']) }),
    fc.record({ columns: fc.constant(['n']), to: fc.constant(['k']), where: elsewhere }),
    fc.record({ columns: fc.constant(['c', 'a']), to: fc.constant(['k', 'x']), where: elsewhere }),
  )
  .map((one) => ({ ...one, table: 'other' }))

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
const made: readonly (readonly [string, fc.Arbitrary<object>])[] = [
  ['required', fc.record({ column: anyColumn })],
  ['length', fc.record({ column: anyColumn, min: fc.nat(3), max: fc.integer({ min: 3, max: 18 }) })],
  ['pattern', fc.record({ column: anyColumn, pattern, mode: fc.constantFrom('must', 'must_not') })],
  ['id_number', fc.record({ column: textColumn, ignoreDate: fc.boolean() })],
  ['credit_code', fc.record({ column: textColumn, accepted: optional(fc.constant(['91350100M000100Y44'])) })],
  ['code_set', fc.record({ column: anyColumn, codes })],
  ['code_set', fc.record({ column: textColumn, set: fc.constant('codes') })],
  ['division_at_date', fc.record({ column: textColumn, county: fc.boolean() })],
  [
    'range',
    fc.record({
      column: fc.constantFrom('a', 'b', 'n', 'm'),
      as: fc.constant('number'),
      min: optional(bound),
      above: optional(bound),
      below: bound,
    }),
  ],
  ['range', fc.record({ column: fc.constantFrom('a', 'd'), as: fc.constant('date'), min: date, max: optional(date) })],
  [
    'date_valid',
    fc.record({
      column: fc.constantFrom('a', 'b', 'd'),
      forms: fc.uniqueArray(fc.constantFrom('iso', 'basic', 'slash'), { minLength: 1 }),
    }),
  ],
  ['compare', fc.record({ left: operand, op, right: operand, as: fc.constantFrom('text', 'text', 'text') })],
  [
    'compare',
    fc.record({
      left: fc.record({ column: fc.constantFrom('a', 'n', 'm') }),
      op,
      right: fc.record({ column: fc.constantFrom('b', 'n', 'm') }),
      as: fc.constant('number'),
    }),
  ],
  [
    'compare',
    fc.record({
      left: fc.record({ column: fc.constantFrom('a', 'd') }),
      op,
      right: fc.constantFrom({ today: true }, { column: 'b', take: 'id_birth' }, { column: 'c' }),
      as: fc.constant('date'),
    }),
  ],
  ['no_stray_spaces', fc.record({ column: textColumn, inside: fc.constantFrom('none', 'single', 'any') })],
  ['no_full_width', fc.record({ column: textColumn, what: fc.constantFrom('digits', 'letters_digits', 'all') })],
  ['unique', fc.record({ columns: fc.uniqueArray(anyColumn, { minLength: 1, maxLength: 3 }) })],
  ['type', fc.record({ column: anyColumn, as: fc.constantFrom('integer', 'decimal', 'date', 'datetime', 'boolean') })],
  [
    'type',
    fc.record({
      column: fc.constantFrom('a', 'm'),
      as: fc.constant('decimal'),
      digits: optional(fc.constantFrom(1, 3, 5)),
      scale: optional(fc.constantFrom(0, 2)),
    }),
  ],
  ['organisation_code', fc.record({ column: textColumn })],
  ['duplicate_record', fc.record({ columns: fc.uniqueArray(anyColumn, { minLength: 2, maxLength: 4 }) })],
  [
    'functional_dependency',
    fc.record({
      columns: fc.uniqueArray(fc.constantFrom('a', 'n', 'd'), { minLength: 1, maxLength: 2 }),
      determines: fc.uniqueArray(fc.constantFrom('b', 'c', 'm'), { minLength: 1, maxLength: 2 }),
    }),
  ],
  ['reference', other],
  ['cross_table', other],
]
const plain = fc.oneof(
  ...made.map(([kind, parameters]) =>
    parameters.map((one) => ({ kind, parameters: JSON.parse(JSON.stringify(one)) as Rule['parameters'] })),
  ),
)
const rule = fc.oneof(
  { weight: 5, arbitrary: plain },
  {
    weight: 1,
    arbitrary: fc.record({ when: condition, rule: plain }).map((parameters) => ({ kind: 'conditional', parameters })),
  },
)

test(
  'random rules over random tables: DuckDB in one scan agrees with the oracle on every row and every rule',
  { timeout: 180_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(rule, { minLength: 1, maxLength: 12 }),
        fc.array(rowOf(COLUMNS), { maxLength: 40 }),
        fc.array(rowOf(OTHER), { maxLength: 12 }),
        async (given, rows, others) => {
          const world: World = {
            scope: {
              columns: COLUMNS,
              key: [],
              tables: { other: OTHER },
              sets: { codes: GOOD, 'GB/T 2260': ['330106', '330000'] },
              asOf: '2026-03-02',
            },
            rows,
            tables: { other: { columns: OTHER, rows: others } },
          }
          const rules = given
            .map((one, at) => ({ ...one, code: `r${at}` }))
            .filter((one) => ruleFaults(one, world.scope).length === 0)
          const oracle = judge(rules, world)
          const engine = await judgeInDuckDb(db, rules, world)
          const broken = (verdicts: typeof oracle) => verdicts.map((row) => row.map((one) => one === 'broken'))
          expect(broken(engine)).toEqual(broken(oracle))
          expect(judgedCounts(engine)).toEqual(
            rules.map((_one, at) => oracle.filter((row) => row[at] !== 'free').length),
          )
        },
      ),
      { numRuns: 150 },
    )
  },
)

test('more than 64 rules take several masks, and each bit is its own rule', async () => {
  const rules = Array.from({ length: 130 }, (_, at) =>
    ruleOf('range', { column: 'n', as: 'number', min: String(at) }, `r${at}`),
  )
  const rows = ['-1', '0', '63', '64', '127', '129', '130', null].map((n) => ({ n }))
  const world: World = {
    scope: { columns: { n: 'integer' }, key: [], tables: {}, sets: {}, asOf: '2026-03-02' },
    rows,
    tables: {},
  }
  const engine = await judgeInDuckDb(db, rules, world)
  expect(engine.map((row) => row.filter((one) => one === 'broken').length)).toEqual([130, 129, 66, 65, 2, 0, 0, 0])
  expect(engine.map((row) => [...row])).toEqual(
    judge(rules, world).map((row) => row.map((one) => (one === 'free' ? 'kept' : one))),
  )
})
