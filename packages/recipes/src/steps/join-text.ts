import { quoted, text } from '@huitong/quality'
import { bounded } from '../characters.ts'
import { ColumnName, Columns, exact, newFaults, Plain, textFaults } from '../schema.ts'
import { defineStep } from '../step.ts'

/** 合并: the values that are there, joined, become a new column; empty when none is there. */
export const joinText = defineStep({
  kind: 'join_text',
  words: { zh: '合并', en: 'Join' },
  parameters: exact({ columns: Columns, with: Plain(20), into: ColumnName }),
  faults: (p, scope) => [
    ...textFaults(
      scope,
      p.columns.map((one, at) => [`/columns/${at}`, one]),
    ),
    ...newFaults(scope, [['/into', p.into]]),
  ],
  sets: (p) => [p.into],
  reads: (p) => p.columns,
  sql: (p) => {
    const parts = p.columns.map((one) => `nullif(${quoted(one)}, '')`)
    return { sets: { [p.into]: bounded(`nullif(concat_ws(${text(p.with)}, ${parts.join(', ')}), '')`) } }
  },
  oracle: (p) => (row) => ({ [p.into]: p.columns.flatMap((one) => row[one] || []).join(p.with) || null }),
  say: (p, { item }) => ({
    zh: `${p.columns.map((one) => `「${item(one)}」`).join('')}合并为「${item(p.into)}」`,
    en: `${p.columns.map((one) => item(one)).join(', ')} joined as ${item(p.into)}`,
  }),
  cases: [
    {
      parameters: { columns: ['a', 'b'], with: '/', into: 'c' },
      rows: [
        [
          { a: 'x', b: 'y' },
          { a: 'x', b: 'y', c: 'x/y' },
        ],
        [
          { a: '', b: 'y' },
          { a: '', b: 'y', c: 'y' },
        ],
        [
          { a: null, b: '' },
          { a: null, b: '', c: null },
        ],
      ],
    },
  ],
})
