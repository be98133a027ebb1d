import { Type } from 'typebox'
import { itemsOf } from '../asks.ts'
import { any, present } from '../predicate.ts'
import { columnFaults, defineRule, verdict } from '../rule.ts'
import { ColumnName, exact } from '../schema.ts'
import { isMissing, type Row } from '../table.ts'

/** 重复记录: no two rows say the same in all these items, where what is missing is the same as missing. */
export const duplicateRecord = defineRule({
  kind: 'duplicate_record',
  words: { zh: '重复记录', en: 'Duplicate record' },
  indicator: '0304',
  parameters: exact({ columns: Type.Array(ColumnName, { minItems: 2, maxItems: 64, uniqueItems: true }) }),
  faults: (p, scope) =>
    columnFaults(
      scope,
      p.columns.map((name, at) => [`/columns/${at}`, name] as const),
    ),
  columns: (p) => p.columns,
  applies: (p) => any(...p.columns.map(present)),
  breaks: (p) => ({ p: 'duplicated', columns: p.columns }),
  oracle: (p, world) => {
    const tupleOf = (row: Row) => JSON.stringify(p.columns.map((name) => row[name] ?? ''))
    const counts = new Map<string, number>()
    for (const row of world.rows) counts.set(tupleOf(row), (counts.get(tupleOf(row)) ?? 0) + 1)
    return (row) => verdict(!p.columns.every((name) => isMissing(row[name])), (counts.get(tupleOf(row)) ?? 0) > 1)
  },
  say: (p, nameOf) => ({
    zh: `${p.columns.map((one) => `「${nameOf(one)}」`).join('、')}与其他记录完全相同，疑似重复录入`,
    en: `The same as another record in ${p.columns.map(nameOf).join(', ')}: probably entered twice`,
  }),
  asks: (p, names) => {
    const items = itemsOf(p.columns, names)
    return { zh: `不得有${items.zh}完全相同的记录`, en: `No two records may be the same in ${items.en}` }
  },
  cases: [
    {
      parameters: { columns: ['a', 'b'] },
      columns: { a: 'text', b: 'date' },
      kept: [
        { a: 'x', b: '2024-02-29' },
        { a: 'x', b: null },
        { a: null, b: null },
        { a: '', b: null },
        { a: 'X', b: null },
      ],
      broken: [
        { a: 'y', b: null },
        { a: 'y', b: null },
        { a: null, b: '2024-02-28' },
        { a: '', b: '2024-02-28' },
      ],
    },
  ],
})
