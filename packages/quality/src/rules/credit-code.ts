import { checkCreditCode } from '@huitong/codes'
import { Type } from 'typebox'
import { any, column, not, present } from '../predicate.ts'
import { columnFaults, defineRule, verdict } from '../rule.ts'
import { ColumnName, exact } from '../schema.ts'
import { isMissing } from '../table.ts'

/** 统一社会信用代码 (GB 32100-2015): form and both check characters, but for codes that are known to be real nevertheless. */
export const creditCode = defineRule({
  kind: 'credit_code',
  words: { zh: '统一社会信用代码', en: 'Unified social credit code' },
  indicator: '0301',
  parameters: exact({
    column: ColumnName,
    accepted: Type.Optional(Type.Array(Type.String({ minLength: 18, maxLength: 18 }), { maxItems: 500 })),
  }),
  faults: (p, scope) => columnFaults(scope, [['/column', p.column]]),
  columns: (p) => [p.column],
  applies: (p) => present(p.column),
  breaks: (p) => {
    const of = column(p.column)
    const accepted = p.accepted ?? []
    const good = { p: 'creditCheck', of } as const
    return not(accepted.length === 0 ? good : any(good, { p: 'in', of, values: accepted }))
  },
  oracle: (p) => {
    const accepted = new Set(p.accepted)
    return (row) => {
      const text = row[p.column]
      if (isMissing(text)) return 'free'
      return verdict(true, !accepted.has(text) && checkCreditCode(text).status !== 'valid')
    }
  },
  say: (p, nameOf) => ({
    zh: `「${nameOf(p.column)}」不是正确的统一社会信用代码（位数、字符或校验码有误）`,
    en: `${nameOf(p.column)} is no correct credit code (form, characters or check characters)`,
  }),
  asks: (p, { item }) => {
    const more = p.accepted?.length ?? 0
    return {
      zh: `「${item(p.column)}」须是正确的统一社会信用代码${more > 0 ? `（另认可 ${more} 个已核实的代码）` : ''}`,
      en: `${item(p.column)} must be a correct unified social credit code${more > 0 ? ` (${more} known exceptions are accepted)` : ''}`,
    }
  },
  cases: [
    {
      parameters: { column: 'a' },
      kept: [null, '', '91350100M000100Y43', '91512081MA62K0260E', '11320000MB151840XJ'],
      broken: [
        '91350100M000100Y4Z',
        '91350100M000100Y44',
        '91350100m000100y43',
        '91350100M000100Y4',
        '91350100I000100Y43',
        '9135010AM000100Y43',
        '９１３５０１００M000100Y43',
        '91350100M000100Y43 ',
        '𠮷1350100M000100Y43',
      ],
    },
    {
      parameters: { column: 'a', accepted: ['91350100M000100Y44'] },
      kept: ['91350100M000100Y44', '91350100M000100Y43'],
      broken: ['91350100M000100Y45'],
    },
  ],
})
