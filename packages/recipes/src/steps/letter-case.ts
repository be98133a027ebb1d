import { quoted } from '@huitong/quality'
import { LOWER, translated, UPPER } from '../characters.ts'
import { ColumnName, exact, oneOf, textFaults } from '../schema.ts'
import { defineStep } from '../step.ts'

/** 大小写: the letters of ASCII only, because engines differ about others. */
export const letterCase = defineStep({
  kind: 'letter_case',
  words: { zh: '统一大小写', en: 'Letter case' },
  parameters: exact({ column: ColumnName, to: oneOf('upper', 'lower') }),
  faults: (p, scope) => textFaults(scope, [['/column', p.column]]),
  sets: (p) => [p.column],
  reads: (p) => [p.column],
  sql: (p) => {
    const [from, to] = p.to === 'upper' ? [LOWER, UPPER] : [UPPER, LOWER]
    return { sets: { [p.column]: `translate(${quoted(p.column)}, '${from}', '${to}')` } }
  },
  oracle: (p) => (row) => {
    const value = row[p.column] ?? null
    const [from, to] = p.to === 'upper' ? [LOWER, UPPER] : [UPPER, LOWER]
    return { [p.column]: value === null ? null : translated(value, from, to) }
  },
  say: (p, { item }) => ({
    zh: `「${item(p.column)}」字母统一为${p.to === 'upper' ? '大写' : '小写'}`,
    en: `${item(p.column)}: letters become ${p.to} case`,
  }),
  cases: [
    {
      parameters: { column: 'a', to: 'upper' },
      rows: [
        ['11010519491231002x', '11010519491231002X'],
        ['ß', 'ß'],
      ],
    },
    {
      parameters: { column: 'a', to: 'lower' },
      rows: [
        ['ABÇ', 'abÇ'],
        [null, null],
      ],
    },
  ],
})
