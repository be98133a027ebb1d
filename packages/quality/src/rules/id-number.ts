import { checkIdNumber, idNumberCheck } from '@huitong/codes'
import { Type } from 'typebox'
import { idBirth } from '../id-parts.ts'
import { all, any, column, not, present, type Predicate, type Value } from '../predicate.ts'
import { columnFaults, defineRule, verdict } from '../rule.ts'
import { ColumnName, exact } from '../schema.ts'
import { isMissing } from '../table.ts'

/** 公民身份号码 (GB 11643-1999): form, birth date that exists and has come, check character. */
export const idNumber = defineRule({
  kind: 'id_number',
  words: { zh: '公民身份号码', en: 'Citizen number' },
  indicator: '0301',
  parameters: exact({
    column: ColumnName,
    /** Only the form and the check character; another rule speaks of the date. */
    ignoreDate: Type.Optional(Type.Boolean()),
  }),
  faults: (p, scope) => columnFaults(scope, [['/column', p.column]]),
  columns: (p) => [p.column],
  applies: (p) => present(p.column),
  breaks: (p, scope) => {
    const of = column(p.column)
    const birth = idBirth(of)
    const literal = (value: string): Value => ({ v: 'literal', as: 'date', value })
    const checked: Predicate = { p: 'idCheck', of }
    if (p.ignoreDate) return not(checked)
    const ofRightAge = all(
      { p: 'compare', as: 'date', left: birth, op: 'ge', right: literal('1800-01-01') },
      { p: 'compare', as: 'date', left: birth, op: 'le', right: literal(scope.asOf) },
    )
    return any(not(checked), not(ofRightAge))
  },
  oracle:
    (p, { scope }) =>
    (row) => {
      const text = row[p.column]
      if (isMissing(text)) return 'free'
      if (!p.ignoreDate)
        return verdict(
          true,
          text.length !== 18 || text !== text.toUpperCase() || checkIdNumber(text, scope.asOf).status !== 'valid',
        )
      return verdict(true, !/^[1-9]\d{16}[\dX]$/.test(text) || idNumberCheck(text.slice(0, 17)) !== text[17])
    },
  say: (p, nameOf) => ({
    zh: `「${nameOf(p.column)}」不是正确的公民身份号码（位数、出生日期或校验码有误）`,
    en: `${nameOf(p.column)} is no correct citizen number (form, birth date or check character)`,
  }),
  asks: (p, { item }) =>
    p.ignoreDate
      ? {
          zh: `「${item(p.column)}」的位数和校验码须正确（不核验其中的出生日期）`,
          en: `${item(p.column)}: form and check character of a citizen number must be right (its birth date is not checked)`,
        }
      : {
          zh: `「${item(p.column)}」须是正确的公民身份号码，其中的出生日期存在且不晚于当日`,
          en: `${item(p.column)} must be a correct citizen number with a birth date that exists and has come`,
        },
  cases: [
    {
      parameters: { column: 'a' },
      asOf: '2026-03-02',
      kept: [null, '', '11010519491231002X', '34052419800101001X', '110105200002290021'],
      broken: [
        '110105194912310021',
        '11010519491231002x',
        '340524198001010010',
        '11010519491331002X',
        '110105190002290025',
        '110105202702280026',
        '110105491231002',
        '１１０１０５１９４９１２３１００２Ｘ',
        '11010519491231002X ',
        '01010519491231002X',
        '1101051949A231002X',
        '99999999999999999999999999999999999999',
        '身份证号',
      ],
    },
    {
      parameters: { column: 'a', ignoreDate: true },
      kept: ['110105194913310021', '11010519491231002X', null],
      broken: ['110105194913310027', '11010519491331002', '11010519491231002x'],
    },
  ],
})
