import { Type } from 'typebox'
import { column, present } from '../predicate.ts'
import { columnFaults, defineRule, verdict } from '../rule.ts'
import { ColumnName, exact, oneOf } from '../schema.ts'
import { isMissing } from '../table.ts'

const CLASSES = { digits: '０-９', letters_digits: '０-９Ａ-Ｚａ-ｚ', all: '！-～　' } as const

const WHAT = {
  digits: ['数字', 'digits'],
  letters_digits: ['字母和数字', 'letters or digits'],
  all: ['字符', 'characters'],
} as const

/** 无全角字符: no full-width digits, letters, or any character that has a half-width form. */
export const noFullWidth = defineRule({
  kind: 'no_full_width',
  words: { zh: '无全角字符', en: 'No full-width characters' },
  indicator: '0305',
  parameters: exact({ column: ColumnName, what: Type.Optional(oneOf('digits', 'letters_digits', 'all')) }),
  faults: (p, scope) => columnFaults(scope, [['/column', p.column]]),
  columns: (p) => [p.column],
  applies: (p) => present(p.column),
  breaks: (p) => ({ p: 'matches', of: column(p.column), pattern: `[${CLASSES[p.what ?? 'all']}]`, at: 'any' }),
  oracle: (p) => {
    const what = p.what ?? 'all'
    const isFull = (point: number): boolean => {
      const digit = point >= 0xff10 && point <= 0xff19
      const letter = (point >= 0xff21 && point <= 0xff3a) || (point >= 0xff41 && point <= 0xff5a)
      if (what === 'all') return (point >= 0xff01 && point <= 0xff5e) || point === 0x3000
      return digit || (what === 'letters_digits' && letter)
    }
    return (row) =>
      verdict(
        !isMissing(row[p.column]),
        [...(row[p.column] ?? '')].some((one) => isFull(one.codePointAt(0)!)),
      )
  },
  say: (p, nameOf) => ({
    zh: `「${nameOf(p.column)}」含有全角字符`,
    en: `${nameOf(p.column)} holds full-width characters`,
  }),
  asks: (p, { item }) => {
    const [zh, en] = WHAT[p.what ?? 'all']
    return { zh: `「${item(p.column)}」不得含有全角${zh}`, en: `${item(p.column)} must hold no full-width ${en}` }
  },
  cases: [
    {
      parameters: { column: 'a', what: 'digits' },
      kept: [null, '', '13800138000', 'Ａ', '（）'],
      broken: ['1380013800０', '９', 'a\n５'],
    },
    { parameters: { column: 'a', what: 'letters_digits' }, kept: ['ABC', '（甲）'], broken: ['Ａ', 'ｚ', '０'] },
    { parameters: { column: 'a' }, kept: ['a b', '、。', '￥'], broken: ['！', '～', '　', '（'] },
  ],
})
