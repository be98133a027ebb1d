import { Type } from 'typebox'
import { valuesOf } from '../asks.ts'
import { column, not, present } from '../predicate.ts'
import { columnFaults, defineRule, verdict } from '../rule.ts'
import { ColumnName, exact } from '../schema.ts'
import { isMissing } from '../table.ts'

/** 代码集: the value is one of a list, given in the rule or named. */
export const codeSet = defineRule({
  kind: 'code_set',
  words: { zh: '代码集', en: 'Code set' },
  indicator: '0105',
  parameters: exact({
    column: ColumnName,
    codes: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 100 }), { minItems: 1, maxItems: 500, uniqueItems: true }),
    ),
    set: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
  }),
  faults: (p, scope) => [
    ...columnFaults(scope, [['/column', p.column]]),
    ...((p.codes === undefined) === (p.set === undefined)
      ? [{ path: '/codes', zh: '代码和代码集名称须填写其一', en: 'give either the codes or the name of a set' }]
      : []),
    ...(p.set !== undefined && !Object.hasOwn(scope.sets, p.set)
      ? [{ path: '/set', zh: `没有代码集 ${p.set}`, en: `there is no code set ${p.set}` }]
      : []),
  ],
  columns: (p) => [p.column],
  applies: (p) => present(p.column),
  breaks: (p) =>
    not(
      p.codes === undefined
        ? { p: 'exists', of: [column(p.column)], within: { set: p.set! } }
        : { p: 'in', of: column(p.column), values: p.codes },
    ),
  oracle: (p, { scope }) => {
    const codes = new Set(p.codes ?? scope.sets[p.set!])
    return (row) => verdict(!isMissing(row[p.column]), !codes.has(row[p.column] ?? ''))
  },
  say: (p, nameOf) => ({
    zh: `「${nameOf(p.column)}」的取值不在代码集${p.set === undefined ? '' : `「${p.set}」`}中`,
    en: `${nameOf(p.column)} is not a code of ${p.set ?? 'the set'}`,
  }),
  asks: (p, { item }) => {
    if (p.codes === undefined)
      return { zh: `「${item(p.column)}」须在代码集「${p.set}」中`, en: `${item(p.column)} must be a code of ${p.set}` }
    const codes = valuesOf(p.codes)
    if (p.codes.length === 1)
      return { zh: `「${item(p.column)}」须为 ${codes.zh}`, en: `${item(p.column)} must be ${codes.en}` }
    return { zh: `「${item(p.column)}」须为 ${codes.zh} 之一`, en: `${item(p.column)} must be one of ${codes.en}` }
  },
  cases: [
    {
      parameters: { column: 'a', codes: ['0', '1', '2', '9'] },
      kept: [null, '', '0', '1', '9'],
      broken: ['3', '01', '１', ' 1', '男', "'"],
    },
    {
      parameters: { column: 'a', set: 'GB/T 3304' },
      sets: { 'GB/T 3304': ['01', '02', '56'] },
      kept: [null, '', '01', '56'],
      broken: ['1', '57', '汉族', '01 '],
    },
    { parameters: { column: 'a', codes: ["it's", '7'] }, columns: { a: 'text' }, kept: ["it's"], broken: ['its'] },
    {
      parameters: { column: 'a', codes: ['1', '2'] },
      columns: { a: 'integer' },
      kept: ['1', null],
      broken: ['3', '-1'],
    },
  ],
})
