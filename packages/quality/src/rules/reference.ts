import { itemsOf, placeOf } from '../asks.ts'
import { not } from '../predicate.ts'
import { allPresent, lookUp, OTHER_TABLE, otherTableFaults, standsThere } from '../other-table.ts'
import { defineRule, verdict } from '../rule.ts'
import { exact } from '../schema.ts'

/** 引用: what the row refers to exists in another table. */
export const reference = defineRule({
  kind: 'reference',
  words: { zh: '引用', en: 'Reference' },
  indicator: '0402',
  parameters: exact(OTHER_TABLE),
  faults: otherTableFaults,
  columns: (p) => p.columns,
  applies: (p) => allPresent(p.columns),
  breaks: (p) => not(standsThere(p)),
  oracle: (p, world) => {
    const found = lookUp(p, world)
    return (row) => verdict(found(row) !== null, found(row) === false)
  },
  say: (p, nameOf) => ({
    zh: `${p.columns.map((one) => `「${nameOf(one)}」`).join('、')}在所引用的数据中不存在`,
    en: `${p.columns.map(nameOf).join(', ')} is not found in the data that it refers to`,
  }),
  asks: (p, names) => {
    const [items, other] = [itemsOf(p.columns, names), placeOf(p, names)]
    return { zh: `${items.zh}须在${other.zh}中存在`, en: `${items.en} must exist in ${other.en}` }
  },
  cases: [
    {
      parameters: { columns: ['a'], table: 'firms', to: ['code'] },
      tables: {
        firms: { columns: { code: 'text' }, rows: [{ code: 'X1' }, { code: 'X1' }, { code: null }, { code: '' }] },
      },
      kept: [null, '', 'X1'],
      broken: ['X2', 'x1', 'X1 '],
    },
    {
      parameters: { columns: ['a', 'b'], table: 'parts', to: ['p', 'q'], where: { column: 's', in: ['1'] } },
      columns: { a: 'text', b: 'integer' },
      tables: {
        parts: {
          columns: { p: 'text', q: 'text', s: 'text' },
          rows: [
            { p: 'k', q: '1', s: '1' },
            { p: 'k', q: '2', s: '0' },
          ],
        },
      },
      kept: [
        { a: 'k', b: '1' },
        { a: null, b: '2' },
        { a: 'k', b: null },
      ],
      broken: [
        { a: 'k', b: '2' },
        { a: 'l', b: '1' },
      ],
    },
  ],
})
