import { quoted, text } from '@huitong/quality'
import { bounded } from '../characters.ts'
import { ColumnName, exact, Plain, textFaults } from '../schema.ts'
import { defineStep } from '../step.ts'

/** 替换文本: a text wherever it stands in the value. */
export const replaceText = defineStep({
  kind: 'replace_text',
  words: { zh: '替换文本', en: 'Replace a text' },
  parameters: exact({ column: ColumnName, find: Plain(200, 1), by: Plain(200) }),
  faults: (p, scope) => textFaults(scope, [['/column', p.column]]),
  sets: (p) => [p.column],
  reads: (p) => [p.column],
  sql: (p) => ({ sets: { [p.column]: bounded(`replace(${quoted(p.column)}, ${text(p.find)}, ${text(p.by)})`) } }),
  oracle: (p) => (row) => {
    const value = row[p.column] ?? null
    return { [p.column]: value === null ? null : value.split(p.find).join(p.by) }
  },
  say: (p, { item }) => ({
    zh: `「${item(p.column)}」中的“${p.find}”替换为“${p.by}”`,
    en: `${item(p.column)}: “${p.find}” becomes “${p.by}”`,
  }),
  cases: [
    {
      parameters: { column: 'a', find: '(', by: '（' },
      rows: [
        ['a(b(', 'a（b（'],
        [null, null],
        ['', ''],
      ],
    },
    { parameters: { column: 'a', find: "'", by: '$&' }, rows: [["it's", 'it$&s']] },
  ],
})
