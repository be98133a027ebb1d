import { column } from '../predicate.ts'
import { columnFaults, defineRule } from '../rule.ts'
import { ColumnName, exact } from '../schema.ts'
import { isBlank } from '../table.ts'

/** 必填: the value is there. NULL, the empty text and white space alone are nothing. */
export const required = defineRule({
  kind: 'required',
  words: { zh: '必填', en: 'Required' },
  indicator: '0201',
  parameters: exact({ column: ColumnName }),
  faults: (p, scope) => columnFaults(scope, [['/column', p.column]]),
  columns: (p) => [p.column],
  applies: () => ({ p: 'and', args: [] }),
  breaks: (p) => ({ p: 'blank', of: column(p.column) }),
  oracle: (p) => (row) => (isBlank(row[p.column]) ? 'broken' : 'kept'),
  say: (p, nameOf) => ({ zh: `「${nameOf(p.column)}」未填写`, en: `${nameOf(p.column)} is missing` }),
  asks: (p, { item }) => ({ zh: `「${item(p.column)}」必须填写`, en: `${item(p.column)} must be filled in` }),
  cases: [
    { parameters: { column: 'a' }, kept: ['x', '0', ' x', '-', '无'], broken: [null, '', ' ', '\t\n', '　', '\u200b'] },
    { parameters: { column: 'a' }, columns: { a: 'integer' }, kept: ['0', '-1'], broken: [null] },
  ],
})
