import { itemsOf, placeOf } from '../asks.ts'
import { allPresent, lookUp, OTHER_TABLE, otherTableFaults, standsThere } from '../other-table.ts'
import { defineRule, verdict } from '../rule.ts'
import { exact } from '../schema.ts'

/** 跨表核验: no row of another table that meets a condition has these values (a benefit of a person who died). */
export const crossTable = defineRule({
  kind: 'cross_table',
  words: { zh: '跨表核验', en: 'Cross-table check' },
  indicator: '0401',
  parameters: exact(OTHER_TABLE),
  faults: otherTableFaults,
  columns: (p) => p.columns,
  applies: (p) => allPresent(p.columns),
  breaks: standsThere,
  oracle: (p, world) => {
    const found = lookUp(p, world)
    return (row) => verdict(found(row) !== null, found(row) === true)
  },
  say: (p, nameOf) => ({
    zh: `按${p.columns.map((one) => `「${nameOf(one)}」`).join('、')}比对，与另一数据的记录相矛盾`,
    en: `By ${p.columns.map(nameOf).join(', ')}, it contradicts a record of other data`,
  }),
  asks: (p, names) => {
    const [items, other] = [itemsOf(p.columns, names), placeOf(p, names)]
    return { zh: `${items.zh}不得出现在${other.zh}中`, en: `${items.en} must not appear in ${other.en}` }
  },
  cases: [
    {
      parameters: { columns: ['a'], table: 'people', to: ['id'], where: { column: 'died', is: 'present' } },
      tables: {
        people: {
          columns: { id: 'text', died: 'text' },
          rows: [
            { id: 'P1', died: '2024-02-29' },
            { id: 'P2', died: null },
            { id: 'P3', died: '' },
            { id: 'P3', died: '2020-01-01' },
            { id: null, died: '2020-01-01' },
          ],
        },
      },
      kept: [null, '', 'P2', 'P4'],
      broken: ['P1', 'P3'],
    },
  ],
})
