import { quoted, text } from '@huitong/quality'
import { NARROW, translated, WIDE } from '../characters.ts'
import { ColumnName, exact, textFaults } from '../schema.ts'
import { defineStep } from '../step.ts'

/** 全角转半角: full-width digits, letters and signs become those of ASCII. */
export const foldWidth = defineStep({
  kind: 'fold_width',
  words: { zh: '全角转半角', en: 'Full width to half width' },
  parameters: exact({ column: ColumnName }),
  faults: (p, scope) => textFaults(scope, [['/column', p.column]]),
  sets: (p) => [p.column],
  reads: (p) => [p.column],
  sql: (p) => ({ sets: { [p.column]: `translate(${quoted(p.column)}, ${text(WIDE)}, ${text(NARROW)})` } }),
  oracle: (p) => (row) => {
    const value = row[p.column] ?? null
    return { [p.column]: value === null ? null : translated(value, WIDE, NARROW) }
  },
  say: (p, { item }) => ({
    zh: `「${item(p.column)}」全角字符转为半角`,
    en: `${item(p.column)}: full-width characters become half-width`,
  }),
  cases: [
    {
      parameters: { column: 'a' },
      rows: [
        ['１２３Ｘ　（甲）', '123X (甲)'],
        ["＇it's", "'it's"],
        [null, null],
      ],
    },
  ],
})
