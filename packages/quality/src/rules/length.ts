import { Type } from 'typebox'
import { column, present } from '../predicate.ts'
import { columnFaults, defineRule, verdict } from '../rule.ts'
import { ColumnName, exact } from '../schema.ts'
import { isMissing } from '../table.ts'

const Count = Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 }))

/** 长度: so many characters, counted by code point; an ideograph beyond the basic plane is one. */
export const length = defineRule({
  kind: 'length',
  words: { zh: '长度', en: 'Length' },
  indicator: '0302',
  parameters: exact({ column: ColumnName, min: Count, max: Count }),
  faults: (p, scope) => [
    ...columnFaults(scope, [['/column', p.column]]),
    ...(p.min === undefined && p.max === undefined
      ? [{ path: '/min', zh: '最小和最大长度至少填写一个', en: 'give a least or a greatest length' }]
      : []),
    ...(p.min !== undefined && p.max !== undefined && p.min > p.max
      ? [{ path: '/max', zh: '最大长度小于最小长度', en: 'the greatest length is below the least' }]
      : []),
  ],
  columns: (p) => [p.column],
  applies: (p) => present(p.column),
  breaks: (p) => ({ p: 'not', arg: { p: 'length', of: column(p.column), min: p.min ?? null, max: p.max ?? null } }),
  oracle: (p) => (row) => {
    const characters = [...(row[p.column] ?? '')].length
    return verdict(!isMissing(row[p.column]), characters < (p.min ?? 0) || characters > (p.max ?? Infinity))
  },
  say: (p, nameOf) => {
    const name = nameOf(p.column)
    if (p.min === p.max) return { zh: `「${name}」应为 ${p.min} 个字符`, en: `${name} must have ${p.min} characters` }
    if (p.min === undefined)
      return { zh: `「${name}」超过 ${p.max} 个字符`, en: `${name} has more than ${p.max} characters` }
    if (p.max === undefined)
      return { zh: `「${name}」不足 ${p.min} 个字符`, en: `${name} has fewer than ${p.min} characters` }
    return {
      zh: `「${name}」应为 ${p.min} 至 ${p.max} 个字符`,
      en: `${name} must have ${p.min} to ${p.max} characters`,
    }
  },
  asks: (p, { item }) => {
    const name = item(p.column)
    if (p.min === p.max) return { zh: `「${name}」须为 ${p.min} 个字符`, en: `${name}: exactly ${p.min} characters` }
    if (p.min === undefined)
      return { zh: `「${name}」最多 ${p.max} 个字符`, en: `${name}: at most ${p.max} characters` }
    if (p.max === undefined)
      return { zh: `「${name}」至少 ${p.min} 个字符`, en: `${name}: at least ${p.min} characters` }
    return { zh: `「${name}」须为 ${p.min} 至 ${p.max} 个字符`, en: `${name}: ${p.min} to ${p.max} characters` }
  },
  cases: [
    {
      parameters: { column: 'a', min: 2, max: 4 },
      kept: [null, '', 'ab', '张三', '𠮷野', 'abcd', '𠮷𠮷𠮷𠮷', '  '],
      broken: ['a', '𠮷', 'abcde', '𠮷𠮷𠮷𠮷𠮷', ' '],
    },
    { parameters: { column: 'a', max: 3 }, kept: ['abc', '１２３'], broken: ['abcd'] },
    { parameters: { column: 'a', min: 3 }, columns: { a: 'integer' }, kept: ['100', '-10', null], broken: ['99'] },
  ],
})
