import { quoted, text } from '@huitong/quality'
import { LOWER, NARROW, SPACE_RE2, spacesAs, translated, UPPER, WIDE } from '../characters.ts'
import { ColumnName, exact, textFaults } from '../schema.ts'
import { defineStep } from '../step.ts'

/** Registered names bear full-width brackets, no spaces, and letters and digits of half width. */
const FROM = `${WIDE}()${LOWER}`
const TO = translated(`${NARROW}（）${UPPER}`, '()', '（）')

/** 企业名称规范: brackets full width, no white space, letters upper case, other signs half width. */
export const firmName = defineStep({
  kind: 'firm_name',
  words: { zh: '企业名称规范化', en: 'Write names of firms alike' },
  parameters: exact({ column: ColumnName }),
  faults: (p, scope) => textFaults(scope, [['/column', p.column]]),
  sets: (p) => [p.column],
  reads: (p) => [p.column],
  sql: (p) => {
    const closed = `regexp_replace(${quoted(p.column)}, '${SPACE_RE2}+', '', 'g')`
    // Full-width small letters become small ones first.
    const folded = `translate(${closed}, ${text(FROM)}, ${text(TO)})`
    return { sets: { [p.column]: `translate(${folded}, '${LOWER}', '${UPPER}')` } }
  },
  oracle: (p) => (row) => {
    const value = row[p.column] ?? null
    if (value === null) return { [p.column]: null }
    return { [p.column]: translated(translated(spacesAs(value, ''), FROM, TO), LOWER, UPPER) }
  },
  say: (p, { item }) => ({
    zh: `「${item(p.column)}」按企业名称登记写法统一括号、空格、字母`,
    en: `${item(p.column)}: brackets, spaces and letters as names of firms are registered`,
  }),
  cases: [
    {
      parameters: { column: 'a' },
      rows: [
        ['曲靖 (云南)ａbＣ科技有限公司', '曲靖（云南）ABC科技有限公司'],
        ['（１２３）', '（123）'],
        [null, null],
        ['', ''],
      ],
    },
  ],
})
