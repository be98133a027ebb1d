import { Type } from 'typebox'
import { patternFault } from '../fault.ts'
import { patternJs } from '../pattern.ts'
import { column, not, present, type Predicate } from '../predicate.ts'
import { columnFaults, defineRule, verdict } from '../rule.ts'
import { ColumnName, exact, oneOf } from '../schema.ts'
import { isMissing } from '../table.ts'

/** 格式: the whole value matches a pattern, or must not match it. */
export const pattern = defineRule({
  kind: 'pattern',
  words: { zh: '格式', en: 'Pattern' },
  indicator: '0302',
  parameters: exact({
    column: ColumnName,
    pattern: Type.String({ minLength: 1, maxLength: 500 }),
    mode: Type.Optional(oneOf('must', 'must_not')),
  }),
  faults: (p, scope) => [...columnFaults(scope, [['/column', p.column]]), ...patternFault(p.pattern, '/pattern')],
  columns: (p) => [p.column],
  applies: (p) => present(p.column),
  breaks: (p) => {
    const matches: Predicate = { p: 'matches', of: column(p.column), pattern: p.pattern }
    return p.mode === 'must_not' ? matches : not(matches)
  },
  oracle: (p) => {
    const form = patternJs(p.pattern)
    return (row) => verdict(!isMissing(row[p.column]), form.test(row[p.column] ?? '') === (p.mode === 'must_not'))
  },
  say: (p, nameOf) =>
    p.mode === 'must_not'
      ? { zh: `「${nameOf(p.column)}」含有不应出现的内容`, en: `${nameOf(p.column)} has a form that it must not have` }
      : { zh: `「${nameOf(p.column)}」格式不正确`, en: `${nameOf(p.column)} has not the right form` },
  asks: (p, { item }) =>
    p.mode === 'must_not'
      ? { zh: `「${item(p.column)}」不得符合格式 ${p.pattern}`, en: `${item(p.column)} must not match ${p.pattern}` }
      : { zh: `「${item(p.column)}」须符合格式 ${p.pattern}`, en: `${item(p.column)} must match ${p.pattern}` },
  cases: [
    {
      parameters: { column: 'a', pattern: '1[3-9]\\d{9}' },
      kept: [null, '', '13800138000'],
      broken: [
        '1380013800',
        '138001380001',
        '12800138000',
        '1380013800O',
        '１３８００１３８０００',
        '13800138000\n',
        ' 13800138000',
      ],
    },
    {
      parameters: { column: 'a', pattern: '\\p{Han}{2,4}(?:·\\p{Han}+)*' },
      kept: ['张三', '阿依古丽·买买提', '𠮷田', '〇〇'],
      broken: ['张', '张三丰丰丰', 'Zhang', '张三 ', '张·三'],
    },
    {
      parameters: { column: 'a', pattern: '.*[0-9省市].*', mode: 'must_not' },
      kept: ['张三', '張\n三'],
      broken: ['张3', '杭州市', '9'],
    },
    {
      parameters: { column: 'a', pattern: '^(a|bc)+[^\\s,]?$' },
      kept: ['a', 'abc', 'bca', 'aax'],
      broken: ['b', 'a ', 'a　', 'a,'],
    },
    {
      parameters: { column: 'a', pattern: '[1-9]\\d{2}' },
      columns: { a: 'integer' },
      kept: ['100'],
      broken: ['99', '1000', '-100'],
    },
  ],
})
