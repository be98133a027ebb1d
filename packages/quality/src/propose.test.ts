import { expect, test } from 'vitest'
import type { ColumnProfile, ItemFacts } from './proposal.ts'
import { proposeRules } from './propose.ts'
import { suiteFaults } from './suite.ts'

const item = (column: string, more: Partial<ItemFacts> = {}): ItemFacts => ({
  column,
  name: { zh: `名${column}` },
  holds: 'text',
  length: null,
  required: false,
  standard: null,
  ...more,
})
const profile = (more: Partial<ColumnProfile> = {}): ColumnProfile => ({
  rows: 1000,
  missing: 0,
  distinct: 1000,
  minLength: 1,
  maxLength: 30,
  forms: { id_number: 0, credit_code: 0, mobile: 0, iso: 0, basic: 0, slash: 0, spaced: 1 },
  values: null,
  ...more,
})
const propose = (given: Partial<Parameters<typeof proposeRules>[0]>) =>
  proposeRules({ items: [], key: [], profiles: null, present: [], ...given })
const said = (given: Partial<Parameters<typeof proposeRules>[0]>) =>
  propose(given).map(({ rule, origin }) => [rule.code, origin, rule.parameters])

test('a bound item yields type, size, codes and check of its element, and nothing that its column holds by itself', () => {
  const items = [
    item('id', { standard: { called: 'HT0001', type: 'text', minLength: 18, maxLength: 18, check: 'id_number' } }),
    item('sex', { standard: { called: 'HT0003', type: 'text', maxLength: 1, set: 'GB/T 2261.1@2003' }, length: 9 }),
    item('fee', { standard: { called: 'X1', type: 'decimal', digits: 10, scale: 2 } }),
    item('n', { holds: 'integer', standard: { called: 'X2', type: 'integer' } }),
    item('born', { holds: 'date', standard: { called: 'X3', type: 'date' } }),
    item('died', { standard: { called: 'X3', type: 'date' } }),
    item('name', { standard: { called: 'HT0002', type: 'text', minLength: 1, maxLength: 50 } }),
  ]
  expect(said({ items })).toEqual([
    ['id_number_id', 'standard', { column: 'id' }],
    ['code_set_sex', 'standard', { column: 'sex', set: 'GB/T 2261.1@2003' }],
    ['type_fee', 'standard', { column: 'fee', as: 'decimal', digits: 10, scale: 2 }],
    ['type_died', 'standard', { column: 'died', as: 'date' }],
    ['length_name', 'standard', { column: 'name', min: 1, max: 50 }],
  ])
})

test('the catalogue yields what must be there, lengths and the key; a suite keeps what it has', () => {
  const items = [item('a', { required: true, length: 20 }), item('b', { length: 5, holds: 'integer' })]
  expect(said({ items, key: ['a', 'b'] })).toEqual([
    ['required_a', 'catalogue', { column: 'a' }],
    ['length_a', 'catalogue', { column: 'a', max: 20 }],
    ['unique_a_b', 'catalogue', { columns: ['a', 'b'] }],
  ])
  const present = [
    { code: 'required_a', kind: 'unique', parameters: { columns: ['b'] } },
    { code: 'mine', kind: 'length', parameters: { column: 'a', max: 10 } },
  ]
  expect(said({ items, present })).toEqual([['required_a_2', 'catalogue', { column: 'a' }]])
})

test('a new version of a standard takes the place of the rule that came from the old one, and of no rule of one’s own', () => {
  const items = [item('sex', { standard: { called: 'HT0003', type: 'text', set: 'GB/T 2261.1@2030' } })]
  const rule = { code: 'codes', kind: 'code_set', parameters: { column: 'sex', set: 'GB/T 2261.1@2003' } }
  expect(propose({ items, present: [{ ...rule, origin: 'standard' }] })).toMatchObject([
    { replaces: 'codes', rule: { code: 'codes', parameters: { set: 'GB/T 2261.1@2030' } } },
  ])
  expect(propose({ items, present: [rule] })).toEqual([])
})

test('what was counted yields rules with their evidence, and none from few rows', () => {
  const forms = profile().forms
  const items = ['id', 'credit', 'tel', 'day', 'kind', 'code', 'free'].map((one) => item(one))
  const profiles = {
    id: profile({ missing: 5, forms: { ...forms, id_number: 980 } }),
    credit: profile({ missing: 1, forms: { ...forms, credit_code: 999 } }),
    tel: profile({ missing: 1, forms: { ...forms, mobile: 970 } }),
    day: profile({ missing: 1, forms: { ...forms, iso: 900, basic: 80 } }),
    kind: profile({
      missing: 1,
      values: [
        { value: '1', count: 600 },
        { value: '2', count: 398 },
        { value: 'x', count: 0 },
      ],
    }),
    code: profile({ missing: 1, minLength: 6, maxLength: 6 }),
    free: profile({ missing: 0 }),
  }
  expect(said({ items, profiles })).toEqual([
    ['id_number_id', 'profile', { column: 'id' }],
    ['credit_code_credit', 'profile', { column: 'credit' }],
    ['pattern_tel', 'profile', { column: 'tel', pattern: '1[3-9]\\d{9}', mode: 'must' }],
    ['date_valid_day', 'profile', { column: 'day', forms: ['iso', 'basic'] }],
    ['code_set_kind', 'profile', { column: 'kind', codes: ['1', '2'] }],
    ['length_code', 'profile', { column: 'code', min: 6, max: 6 }],
    ['required_free', 'profile', { column: 'free' }],
  ])
  expect(propose({ items, profiles })[0]!.why).toEqual({
    zh: '1000 行数据中，98.5 % 的值形如身份证号',
    en: 'in 1000 rows, 98.5 % look like citizen numbers',
  })
  const rules = propose({ items, profiles }).map((one) => one.rule)
  const columns = Object.fromEntries(items.map((one) => [one.column, one.holds]))
  expect(suiteFaults(rules, { columns, key: [], tables: {}, sets: {}, asOf: '2026-03-02' })).toEqual([])
  expect(propose({ items, profiles: { id: profile({ rows: 10, missing: 0 }) } })).toEqual([])
})
