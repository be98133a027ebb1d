import type { ColumnMapping } from '@huitong/contract/exchange'
import type { Predicate } from '@huitong/policy'
import { describe, expect, test } from 'vitest'
import { Refusal } from '../../kernel/errors.ts'
import { mappedColumns } from './mapping.ts'

const mounted = {
  key: ['ID'],
  mapping: [
    { item: 'id', field: 'ID', type: 'varchar(18)', nullable: false },
    { item: 'sex', field: 'XB', type: 'char(1)', nullable: true },
    { item: 'phone', field: 'DH', type: 'varchar(20)', nullable: true },
    { item: 'born', field: 'SR', type: 'date', nullable: true },
  ],
}
const granted = (rows: Predicate = { op: 'true' }) => ({
  columns: ['id', 'sex', 'phone', 'born'].map((item) => ({ item, mask: item === 'phone' ? ('phone' as const) : null })),
  rows,
})
const map = (mapping: ColumnMapping[], rows?: Predicate) => mappedColumns(granted(rows), mounted, mapping)
const placesOf = (mapping: ColumnMapping[], rows?: Predicate): string[] => {
  try {
    map(mapping, rows)
  } catch (error) {
    if (error instanceof Refusal && error.code === 'request.invalid') return error.places.map(({ path }) => path)
    throw error
  }
  return []
}
const codes = (otherwise: 'refuse' | 'keep' | 'null' = 'refuse', to = ['M', 'F']) => ({
  pairs: to.map((one, i) => ({ from: String(i + 1), to: one })),
  otherwise,
})
const id = { as: 'id', item: 'id' }

describe('the mapping of a channel', () => {
  test('fewer items, other names, other codes and constants; the key keeps its columns under their new names', () => {
    expect(
      map([
        { as: 'sfzh', item: 'id' },
        { as: 'gender', item: 'sex', codes: codes('null') },
        { as: 'tel', item: 'phone', codes: codes('keep') },
        { as: 'batch', constant: { type: 'date', value: '2026-01-31' } },
      ]),
    ).toEqual({
      key: ['sfzh'],
      columns: [
        { item: 'id', field: 'ID', as: 'sfzh', type: 'varchar(18)', nullable: false },
        {
          item: 'sex',
          field: 'XB',
          as: 'gender',
          type: 'text',
          nullable: true,
          codes: { of: 'char(1)', ...codes('null') },
        },
        {
          item: 'phone',
          field: 'DH',
          as: 'tel',
          type: 'text',
          nullable: true,
          codes: { of: 'text', ...codes('keep') },
        },
        { item: 'id', field: 'ID', as: 'batch', type: 'date', nullable: false, constant: '2026-01-31' },
      ],
    })
  })

  test.each<[string, ColumnMapping[], string]>([
    ['an item that is not granted', [id, { as: 'x', item: 'secret' }], '/mapping/1/item'],
    ['a column without an item', [id, { as: 'x' }], '/mapping/1/item'],
    ['one name twice', [id, { as: 'id', item: 'sex' }], '/mapping/1/as'],
    ['a key that is left out', [{ as: 'sex', item: 'sex' }], '/mapping'],
    [
      'a constant in place of the key',
      [
        { as: 'id', constant: { type: 'text', value: '1' } },
        { as: 's', item: 'sex' },
      ],
      '/mapping',
    ],
    ['only constants', [{ as: 'a', constant: { type: 'text', value: '1' } }], '/mapping'],
    ['two keys that become one', [{ ...id, codes: codes('refuse', ['M', 'M']) }], '/mapping/0/codes/pairs/1/to'],
    ['keys that may stay as they are', [{ ...id, codes: codes('keep') }], '/mapping/0/codes/otherwise'],
    ['keys that become nothing', [{ ...id, codes: codes('null') }], '/mapping/0/codes/otherwise'],
    ['codes of a day', [id, { as: 'born', item: 'born', codes: codes() }], '/mapping/1/codes'],
    [
      'a code twice',
      [
        id,
        {
          as: 's',
          item: 'sex',
          codes: {
            pairs: [
              { from: '1', to: 'a' },
              { from: '1', to: 'b' },
            ],
            otherwise: 'keep',
          },
        },
      ],
      '/mapping/1/codes/pairs/1/from',
    ],
    ['a constant with an item', [id, { as: 's', item: 'sex', constant: { type: 'text', value: '1' } }], '/mapping/1'],
    [
      'a day that is none',
      [id, { as: 'd', constant: { type: 'date', value: '2026-02-30' } }],
      '/mapping/1/constant/value',
    ],
    [
      'a number that is none',
      [id, { as: 'n', constant: { type: 'numeric', value: '1e5' } }],
      '/mapping/1/constant/value',
    ],
  ])('refused by place: %s', (_name, mapping, path) => {
    expect(placesOf(mapping)).toEqual([path])
  })

  test('the items by which the grant chooses rows travel', () => {
    const rows: Predicate = { op: 'eq', field: 'sex', value: { type: 'text', value: '1' } }
    expect(placesOf([id], rows)).toEqual(['/mapping'])
    expect(placesOf([id, { as: 's', item: 'sex', codes: codes() }], rows)).toEqual([])
  })
})
