import { Type } from 'typebox'
import { any, column, present, type Predicate } from '../predicate.ts'
import { columnFaults, defineRule, verdict } from '../rule.ts'
import { ColumnName, exact, oneOf } from '../schema.ts'
import { isMissing, isSpace } from '../table.ts'

const INSIDE = {
  none: ['不得含有空格或不可见字符', 'must hold no spaces'],
  single: ['首尾不得有空格，中间不得连续空格', 'must not begin or end with spaces, nor hold several in a row'],
  any: ['首尾不得有空格', 'must not begin or end with spaces'],
} as const

/** 无多余空格: no white space or invisible character at either end, and inside only as allowed. */
export const noStraySpaces = defineRule({
  kind: 'no_stray_spaces',
  words: { zh: '无多余空格', en: 'No stray spaces' },
  indicator: '0305',
  parameters: exact({
    column: ColumnName,
    /** Inside: none at all, single ones, or whatever there is. */
    inside: Type.Optional(oneOf('none', 'single', 'any')),
  }),
  faults: (p, scope) => columnFaults(scope, [['/column', p.column]]),
  columns: (p) => [p.column],
  applies: (p) => present(p.column),
  breaks: (p) => {
    const spaces = (at: 'start' | 'end' | 'any', pattern = '\\s'): Predicate => ({
      p: 'matches',
      of: column(p.column),
      pattern,
      at,
    })
    if (p.inside === 'none' || p.inside === undefined) return spaces('any')
    const ends = any(spaces('start'), spaces('end'))
    return p.inside === 'single' ? any(ends, spaces('any', '\\s\\s')) : ends
  },
  oracle: (p) => (row) => {
    const characters = [...(row[p.column] ?? '')]
    const spaces = characters.map(isSpace)
    const ends = spaces.at(0) === true || spaces.at(-1) === true
    const doubled = spaces.some((one, at) => one && spaces[at + 1] === true)
    const inside = p.inside ?? 'none'
    const isStray = ends || (inside === 'none' && spaces.includes(true)) || (inside === 'single' && doubled)
    return verdict(!isMissing(row[p.column]), isStray)
  },
  say: (p, nameOf) => ({
    zh: `「${nameOf(p.column)}」含有多余的空格或不可见字符`,
    en: `${nameOf(p.column)} holds stray spaces`,
  }),
  asks: (p, { item }) => {
    const [zh, en] = INSIDE[p.inside ?? 'none']
    return { zh: `「${item(p.column)}」${zh}`, en: `${item(p.column)} ${en}` }
  },
  cases: [
    {
      parameters: { column: 'a' },
      kept: [null, '', '张三', 'a_b'],
      broken: [' 张三', '张三 ', '张 三', '张　三', '\u200b张三', '张三\n', '\ufeff张三', '张\u00a0三', ' '],
    },
    {
      parameters: { column: 'a', inside: 'single' },
      kept: ['John Smith', '张三', 'a b c'],
      broken: ['John  Smith', ' John', 'John\t', 'a \u3000b'],
    },
    { parameters: { column: 'a', inside: 'any' }, kept: ['a  b', 'a\n\nb'], broken: [' a', 'a\u2029'] },
  ],
})
