import { isIsoDate } from '@huitong/codes'
import { quoted } from '@huitong/quality'
import { Type } from 'typebox'
import { ColumnName, exact, oneOf, textFaults } from '../schema.ts'
import { defineStep } from '../step.ts'

const [YEAR, MONTH, DAY] = ['([12][0-9]{3})', '([0-9]{1,2})', '([0-9]{1,2})']
/** Ways in which dates are written, with a time of day behind that is cut off in `time`. */
const FORMS = {
  dash: `${YEAR}-${MONTH}-${DAY}`,
  slash: `${YEAR}/${MONTH}/${DAY}`,
  dot: `${YEAR}[.]${MONTH}[.]${DAY}`,
  chinese: `${YEAR}年${MONTH}月${DAY}日`,
  digits: `${YEAR}([0-9]{2})([0-9]{2})`,
  time: `${YEAR}-${MONTH}-${DAY}[ T][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.][0-9]{1,9})?)?`,
} as const
type Form = keyof typeof FORMS
const NAMES: Readonly<Record<Form, string>> = {
  dash: '2024-2-9',
  slash: '2024/2/9',
  dot: '2024.2.9',
  chinese: '2024年2月9日',
  digits: '20240209',
  time: '2024-02-09 08:30:00',
}

/** 日期规范: a date in one of some forms becomes `YYYY-MM-DD`; what is no day of the calendar stays as it is. */
export const parseDate = defineStep({
  kind: 'parse_date',
  words: { zh: '日期规范化', en: 'Write dates alike' },
  parameters: exact({
    column: ColumnName,
    forms: Type.Array(oneOf(...(Object.keys(FORMS) as Form[])), { minItems: 1, uniqueItems: true }),
  }),
  faults: (p, scope) => textFaults(scope, [['/column', p.column]]),
  sets: (p) => [p.column],
  reads: (p) => [p.column],
  sql: (p) => {
    const x = quoted(p.column)
    const cases = p.forms.map((form) => {
      const part = (at: number) => `regexp_extract(${x}, '^${FORMS[form]}$', ${at})`
      const two = (at: number) => `lpad(${part(at)}, 2, '0')`
      const date = `try_cast(${part(1)} || '-' || ${two(2)} || '-' || ${two(3)} AS DATE)`
      return `WHEN regexp_full_match(${x}, '${FORMS[form]}') THEN coalesce(CAST(${date} AS VARCHAR), ${x})`
    })
    return { sets: { [p.column]: `CASE ${cases.join(' ')} ELSE ${x} END` } }
  },
  oracle: (p) => (row) => {
    const value = row[p.column] ?? null
    for (const form of p.forms) {
      const match = value === null ? null : new RegExp(`^(?:${FORMS[form]})$`, 'u').exec(value)
      if (!match) continue
      const date = `${match[1]}-${match[2]!.padStart(2, '0')}-${match[3]!.padStart(2, '0')}`
      return { [p.column]: isIsoDate(date) ? date : value }
    }
    return { [p.column]: value }
  },
  say: (p, { item }) => ({
    zh: `「${item(p.column)}」中 ${p.forms.map((one) => NAMES[one]).join('、')} 形式的日期统一为 2024-02-09 形式`,
    en: `${item(p.column)}: dates like ${p.forms.map((one) => NAMES[one]).join(', ')} are written 2024-02-09`,
  }),
  cases: [
    {
      parameters: { column: 'a', forms: ['dash', 'slash', 'dot', 'chinese', 'digits', 'time'] },
      rows: [
        ['2024/2/9', '2024-02-09'],
        ['2024.12.31', '2024-12-31'],
        ['2024年2月29日', '2024-02-29'],
        ['20230229', '20230229'],
        ['20240229', '2024-02-29'],
        ['2024-02-09 08:30:00', '2024-02-09'],
        ['2024-2-9T8:30', '2024-02-09'],
        ['2024-13-01', '2024-13-01'],
        ['0000-01-01', '0000-01-01'],
        ['2024-1-1\n', '2024-1-1\n'],
        [null, null],
        ['', ''],
      ],
    },
    { parameters: { column: 'a', forms: ['slash'] }, rows: [['2024-2-9', '2024-2-9']] },
  ],
})
