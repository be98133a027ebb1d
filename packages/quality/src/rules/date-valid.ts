import { Type } from 'typebox'
import { DATE_FORMS, dateOf } from '../literal.ts'
import { column, present, type Value } from '../predicate.ts'
import { columnFaults, defineRule, verdict } from '../rule.ts'
import { ColumnName, exact, oneOf } from '../schema.ts'
import { isMissing } from '../table.ts'

const FORM_WORDS = { iso: '2024-02-29', basic: '20240229', slash: '2024/02/29' } as const

/** 日期有效: the text is a date that exists, in one of the forms. */
export const dateValid = defineRule({
  kind: 'date_valid',
  words: { zh: '日期有效', en: 'Valid date' },
  indicator: '0302',
  parameters: exact({
    column: ColumnName,
    forms: Type.Array(oneOf(...DATE_FORMS), { minItems: 1, maxItems: 3, uniqueItems: true }),
  }),
  faults: (p, scope) => columnFaults(scope, [['/column', p.column]]),
  columns: (p) => [p.column],
  applies: (p) => present(p.column),
  breaks: (p) => ({ p: 'unknown', of: { v: 'date', of: column(p.column), forms: p.forms } satisfies Value }),
  oracle:
    (p, { scope }) =>
    (row) => {
      const text = row[p.column]
      return verdict(!isMissing(text), dateOf(text ?? '', scope.columns[p.column]!, p.forms) === null)
    },
  say: (p, nameOf) => ({ zh: `「${nameOf(p.column)}」不是有效的日期`, en: `${nameOf(p.column)} is no valid date` }),
  asks: (p, { item }) => {
    const forms = p.forms.map((one) => FORM_WORDS[one])
    return {
      zh: `「${item(p.column)}」须是存在的日期，写作 ${forms.join(' 或 ')}`,
      en: `${item(p.column)} must be a date that exists, written ${forms.join(' or ')}`,
    }
  },
  cases: [
    {
      parameters: { column: 'a', forms: ['iso'] },
      kept: [null, '', '2024-02-29', '2000-02-29', '0001-01-01', '9999-12-31'],
      broken: [
        '2023-02-29',
        '1900-02-29',
        '2024-04-31',
        '2024-2-29',
        '20240229',
        '2024/02/29',
        '2024-02-29 ',
        '0000-01-01',
        '10000-01-01',
        '２０２４-02-29',
        '2024-02-29T00:00:00',
        'infinity',
        'epoch',
        '-2024-02-29',
      ],
    },
    {
      parameters: { column: 'a', forms: ['basic', 'slash'] },
      kept: ['20240229', '2024/02/29'],
      broken: ['2024-02-29', '20230229', '2023/02/29', '2024029', '202402290', '2024 229'],
    },
  ],
})
