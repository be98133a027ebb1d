import { checkOrganisationCode } from '@huitong/codes'
import { column, not, present } from '../predicate.ts'
import { columnFaults, defineRule, verdict } from '../rule.ts'
import { ColumnName, exact } from '../schema.ts'
import { isMissing } from '../table.ts'

/** 组织机构代码 (GB 11714-1997): nine characters, or with a hyphen before the last, and the check character. */
export const organisationCode = defineRule({
  kind: 'organisation_code',
  words: { zh: '组织机构代码', en: 'Organisation code' },
  indicator: '0301',
  parameters: exact({ column: ColumnName }),
  faults: (p, scope) => columnFaults(scope, [['/column', p.column]]),
  columns: (p) => [p.column],
  applies: (p) => present(p.column),
  breaks: (p) => not({ p: 'organisationCheck', of: column(p.column) }),
  oracle: (p) => (row) => {
    const text = row[p.column]
    return isMissing(text) ? 'free' : verdict(true, checkOrganisationCode(text).status !== 'valid')
  },
  say: (p, nameOf) => ({
    zh: `「${nameOf(p.column)}」不是正确的组织机构代码（位数、字符或校验码有误）`,
    en: `${nameOf(p.column)} is no correct organisation code (form or check character)`,
  }),
  asks: (p, { item }) => ({
    zh: `「${item(p.column)}」须是正确的组织机构代码`,
    en: `${item(p.column)} must be a correct organisation code`,
  }),
  cases: [
    {
      parameters: { column: 'a' },
      kept: [null, '', 'D2143569X', 'D2143569-X', '000000000', '00000000-0', 'MB151840X', 'MA62K0260'],
      broken: [
        'D21435690',
        'D2143569x',
        'd2143569X',
        'D2143569--X',
        'D2143569X ',
        'D214356-9X',
        'D2143569',
        '０00000000',
        '00000000Y',
      ],
    },
  ],
})
