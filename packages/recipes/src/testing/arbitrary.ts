import type { Columns } from '@huitong/quality'
import fc from 'fast-check'
import type { Step } from '../step.ts'

export const COLUMNS: Columns = { a: 'text', b: 'text', c: 'text' }
export const TABLES = { other: { k: 'text', v: 'text' } } as const
/** Values that steps stumble over. */
export const value = fc.oneof(
  fc.constantFrom(
    null,
    '',
    ' ',
    '　张 三',
    '2024年2月9日',
    '2024/02/30',
    '340524800101001',
    '11010519491231002X',
    'ＡＢc（1）',
    "it's",
    'x-y-z',
  ),
  fc.string({ unit: 'binary', maxLength: 12 }).filter((one) => !one.includes('\0')),
)
const column = fc.constantFrom('a', 'b', 'c')
/** A step that keeps the names of the columns. */
export const someStep: fc.Arbitrary<Step> = fc.oneof(
  fc
    .tuple(column, fc.constantFrom('keep', 'single', 'none'))
    .map(([one, inside]) => ({ kind: 'trim', parameters: { column: one, inside } })),
  fc
    .tuple(fc.constantFrom('fold_width', 'id_to_18', 'firm_name'), column)
    .map(([kind, one]) => ({ kind, parameters: { column: one } })),
  fc
    .tuple(column, fc.constantFrom('upper', 'lower'))
    .map(([one, to]) => ({ kind: 'letter_case', parameters: { column: one, to } })),
  fc
    .tuple(column, fc.constantFrom('-', '三', ' ', "'", 'xx'), fc.constantFrom('', '$1', '\\1', '三三'))
    .map(([one, find, by]) => ({ kind: 'replace_text', parameters: { column: one, find, by } })),
  fc.tuple(column, fc.option(fc.constantFrom('', '1')), fc.constantFrom('keep', 'empty')).map(([one, to, others]) => ({
    kind: 'map_values',
    parameters: {
      column: one,
      pairs: [
        { from: "it's", to },
        { from: '', to: 'x' },
      ],
      others,
    },
  })),
  fc
    .tuple(
      column,
      fc.uniqueArray(fc.constantFrom('dash', 'slash', 'dot', 'chinese', 'digits', 'time'), { minLength: 1 }),
    )
    .map(([one, forms]) => ({ kind: 'parse_date', parameters: { column: one, forms } })),
  column.map((one) => ({
    kind: 'fill',
    parameters: { column: one, table: 'other', value: 'v', match: [{ own: 'a', other: 'k' }] },
  })),
  fc
    .tuple(column, column, fc.constantFrom('first', 'last'))
    .map(([one, order, keep]) => ({ kind: 'deduplicate', parameters: { columns: [one], order, keep } })),
)
/** Steps that make columns; they come once each, so that their names are free. */
export const making: fc.Arbitrary<Step[]> = fc.subarray<Step>([
  { kind: 'split_text', parameters: { column: 'a', by: '-', into: ['d', 'e'] } },
  { kind: 'join_text', parameters: { columns: ['b', 'c'], with: '·', into: 'f' } },
  { kind: 'from_id', parameters: { column: 'c', part: 'birth', into: 'g' } },
])
