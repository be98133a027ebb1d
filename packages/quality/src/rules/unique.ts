import { itemsOf } from '../asks.ts'
import { allPresent } from '../other-table.ts'
import { columnFaults, defineRule, verdict } from '../rule.ts'
import { ColumnNames, exact } from '../schema.ts'
import { isMissing, type Row } from '../table.ts'

/** 唯一: no two rows have the same value, or the same combination of values. All rows of a group break it. */
export const unique = defineRule({
  kind: 'unique',
  words: { zh: '唯一', en: 'Unique' },
  indicator: '0304',
  parameters: exact({ columns: ColumnNames }),
  faults: (p, scope) =>
    columnFaults(
      scope,
      p.columns.map((name, at) => [`/columns/${at}`, name] as const),
    ),
  columns: (p) => p.columns,
  applies: (p) => allPresent(p.columns),
  breaks: (p) => ({ p: 'repeated', columns: p.columns }),
  oracle: (p, world) => {
    const tupleOf = (row: Row) =>
      p.columns.some((name) => isMissing(row[name])) ? null : JSON.stringify(p.columns.map((name) => row[name]))
    const counts = new Map<string | null, number>()
    for (const row of world.rows) counts.set(tupleOf(row), (counts.get(tupleOf(row)) ?? 0) + 1)
    return (row) => verdict(tupleOf(row) !== null, (counts.get(tupleOf(row)) ?? 0) > 1)
  },
  say: (p, nameOf) => ({
    zh: `${p.columns.map((one) => `「${nameOf(one)}」`).join('、')}与其他记录重复`,
    en: `${p.columns.map(nameOf).join(', ')} repeats in another record`,
  }),
  asks: (p, names) => {
    const items = itemsOf(p.columns, names)
    return p.columns.length === 1
      ? { zh: `${items.zh}不得重复`, en: `${items.en} must not repeat` }
      : { zh: `${items.zh}的组合不得重复`, en: `The combination of ${items.en} must not repeat` }
  },
  cases: [
    {
      parameters: { columns: ['a'] },
      kept: [null, null, '', '', 'x', 'X', ' x'],
      broken: ['y', 'y', '𠮷', '𠮷', '𠮷'],
    },
    {
      parameters: { columns: ['a', 'b'] },
      columns: { a: 'text', b: 'text' },
      kept: [
        { a: '1', b: '2' },
        { a: '2', b: '1' },
        { a: '1', b: null },
        { a: '1', b: null },
        { a: '1', b: '' },
      ],
      broken: [
        { a: '3', b: '3' },
        { a: '3', b: '3' },
      ],
    },
  ],
})
