import { quoted } from '@huitong/quality'
import { spacesAs, SPACE_RE2, trimmed } from '../characters.ts'
import { ColumnName, exact, oneOf, textFaults } from '../schema.ts'
import { defineStep } from '../step.ts'

const INSIDE = {
  keep: ['', ''],
  single: ['，中间连续空格并为一个', ', several inside become one'],
  none: ['，并去掉中间的空格', ', also inside'],
} as const

/** 去除多余空格: white space and invisible characters at both ends, and inside as asked. */
export const trim = defineStep({
  kind: 'trim',
  words: { zh: '去除多余空格', en: 'Remove stray spaces' },
  parameters: exact({ column: ColumnName, inside: oneOf('keep', 'single', 'none') }),
  faults: (p, scope) => textFaults(scope, [['/column', p.column]]),
  sets: (p) => [p.column],
  reads: (p) => [p.column],
  sql: (p) => {
    const ends = `regexp_replace(${quoted(p.column)}, '^${SPACE_RE2}+|${SPACE_RE2}+$', '', 'g')`
    const by = p.inside === 'single' ? ' ' : ''
    return {
      sets: { [p.column]: p.inside === 'keep' ? ends : `regexp_replace(${ends}, '${SPACE_RE2}+', '${by}', 'g')` },
    }
  },
  oracle: (p) => (row) => {
    const value = row[p.column] ?? null
    if (value === null) return { [p.column]: null }
    const ends = trimmed(value)
    return { [p.column]: p.inside === 'keep' ? ends : spacesAs(ends, p.inside === 'single' ? ' ' : '') }
  },
  say: (p, { item }) => ({
    zh: `「${item(p.column)}」去掉首尾空格${INSIDE[p.inside][0]}`,
    en: `${item(p.column)}: without spaces at its ends${INSIDE[p.inside][1]}`,
  }),
  cases: [
    {
      parameters: { column: 'a', inside: 'keep' },
      rows: [
        [' 张 三\u3000', '张 三'],
        [null, null],
        ['\u200b', ''],
        ['x', 'x'],
      ],
    },
    { parameters: { column: 'a', inside: 'single' }, rows: [['\ufeffa \u3000 b', 'a b']] },
    { parameters: { column: 'a', inside: 'none' }, rows: [['张　三\n', '张三']] },
  ],
})
