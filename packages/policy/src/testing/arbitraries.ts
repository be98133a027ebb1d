import fc from 'fast-check'
import type { Row } from '../evaluate.ts'
import type { Predicate, Value } from '../predicate.ts'

// Any predicate over a table with a text, a code and a number, and any rows of it: for the emitters' tests.

const FIELDS = ['province', 'code', 'people'] as const
const types = { province: 'text', code: 'text', people: 'integer' } as const
export const someText = fc.oneof(
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
export const { tree } = fc.letrec<{ tree: Predicate }>((tie) => ({
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
export const rows: fc.Arbitrary<Row[]> = fc.array(
  fc.record({ province: fc.option(someText), code: fc.option(someText), people: fc.option(someInteger) }),
  { minLength: 1, maxLength: 8 },
)
