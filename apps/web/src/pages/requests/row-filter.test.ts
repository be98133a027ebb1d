import { Predicate as PredicateSchema } from '@huitong/contract/predicate'
import { Value } from 'typebox/value'
import { expect, test } from 'vitest'
import { speaker } from '../../words/index.ts'
import {
  conditionFault,
  describe as tell,
  fromPredicate,
  toPredicate,
  valueTypeOf,
  type Condition,
  type RowFilter,
} from './row-filter.ts'

const TYPES: Record<string, string> = {
  area: 'text',
  capital: 'money',
  founded: 'date',
  active: 'boolean',
  staff: 'integer',
}
const typeOf = (item: string) => valueTypeOf(TYPES[item])
const names = new Map([
  ['area', '行政区划'],
  ['founded', '成立日期'],
])
const filter = (all: boolean, ...conditions: Condition[]): RowFilter => ({ all, conditions })

test('what is built is a predicate of the contract, and reads back as what was built', () => {
  const filters = [
    filter(true, { field: 'area', op: 'startsWith', values: ['1101'] }),
    filter(
      false,
      { field: 'area', op: 'in', values: ['西城', '东城'] },
      { field: 'founded', op: 'ge', values: ['2020-01-01'] },
    ),
    filter(
      true,
      { field: 'capital', op: 'lt', values: ['1000000.50'] },
      { field: 'active', op: 'eq', values: ['true'] },
    ),
    filter(true, { field: 'area', op: 'notNull', values: [] }, { field: 'staff', op: 'isNull', values: [] }),
  ]
  for (const one of filters) {
    const predicate = toPredicate(one, typeOf)
    expect(Value.Check(PredicateSchema, predicate)).toBe(true)
    expect(fromPredicate(predicate)).toEqual(one)
  }
})

test('values carry the type of their item', () => {
  expect(toPredicate(filter(true, { field: 'capital', op: 'gt', values: ['5'] }), typeOf)).toEqual({
    op: 'gt',
    field: 'capital',
    value: { type: 'decimal', value: '5' },
  })
})

test('no condition means no filter', () => {
  expect(toPredicate(undefined, typeOf)).toBeUndefined()
  expect(toPredicate(filter(true), typeOf)).toBeUndefined()
})

test('a filter that the builder cannot show is not shown wrongly', () => {
  const nested = { op: 'and', args: [{ op: 'or', args: [{ op: 'isNull', field: 'a' }] }] } as const
  expect(fromPredicate(nested as never)).toBeNull()
})

test('conditions are checked before they are sent', () => {
  expect(conditionFault({ field: '', op: 'eq', values: ['1'] }, 'text')).toBe('field')
  expect(conditionFault({ field: 'a', op: 'eq', values: [] }, 'text')).toBe('value')
  expect(conditionFault({ field: 'a', op: 'eq', values: ['1.5'] }, 'integer')).toBe('value')
  expect(conditionFault({ field: 'a', op: 'ge', values: ['2020-1-1'] }, 'date')).toBe('value')
  expect(conditionFault({ field: 'a', op: 'isNull', values: [] }, 'date')).toBeNull()
  expect(conditionFault({ field: 'a', op: 'in', values: ['1', '2'] }, 'integer')).toBeNull()
})

test('yes and no are told as words', () => {
  const predicate = toPredicate(filter(true, { field: 'active', op: 'eq', values: ['true'] }), typeOf)
  expect(tell(predicate, names, speaker('zh'))).toBe('active 等于 是')
})

test('a filter is told in words of either language', () => {
  const predicate = toPredicate(
    filter(true, { field: 'area', op: 'eq', values: ['西城'] }, { field: 'founded', op: 'ge', values: ['2020-01-01'] }),
    typeOf,
  )
  expect(tell(predicate, names, speaker('zh'))).toBe('行政区划 等于 西城 并且 成立日期 大于等于 2020-01-01')
  expect(tell(predicate, names, speaker('en'))).toBe('行政区划 = 西城 and 成立日期 ≥ 2020-01-01')
  expect(tell(null, names, speaker('zh'))).toBe('全部数据')
})
