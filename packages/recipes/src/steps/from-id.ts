import { isIsoDate } from '@huitong/codes'
import { quoted } from '@huitong/quality'
import { ColumnName, exact, newFaults, oneOf, textFaults } from '../schema.ts'
import { defineStep } from '../step.ts'

const PARTS = {
  birth: ['出生日期', 'date of birth'],
  sex: ['性别代码', 'code of the sex'],
  division: ['户籍地区划代码', 'code of the division'],
} as const

/** 由身份证号派生: date of birth, sex (GB/T 2261.1) or division of a citizen number of 18 characters, in a new column. */
export const fromId = defineStep({
  kind: 'from_id',
  words: { zh: '由身份证号派生', en: 'Derive from the citizen number' },
  parameters: exact({ column: ColumnName, part: oneOf('birth', 'sex', 'division'), into: ColumnName }),
  faults: (p, scope) => [...textFaults(scope, [['/column', p.column]]), ...newFaults(scope, [['/into', p.into]])],
  sets: (p) => [p.into],
  reads: (p) => [p.column],
  sql: (p) => {
    const x = quoted(p.column)
    const birth = `try_cast(substr(${x}, 7, 4) || '-' || substr(${x}, 11, 2) || '-' || substr(${x}, 13, 2) AS DATE)`
    const isSo = `regexp_full_match(${x}, '[1-9][0-9]{5}[12][0-9]{10}[0-9X]') AND ${birth} IS NOT NULL`
    const sex = `CASE WHEN CAST(substr(${x}, 17, 1) AS INTEGER) % 2 = 1 THEN '1' ELSE '2' END`
    const part = { birth: `CAST(${birth} AS VARCHAR)`, sex, division: `substr(${x}, 1, 6)` }[p.part]
    return { sets: { [p.into]: `CASE WHEN ${isSo} THEN ${part} END` } }
  },
  oracle: (p) => (row) => {
    const value = row[p.column] ?? ''
    const birth = `${value.slice(6, 10)}-${value.slice(10, 12)}-${value.slice(12, 14)}`
    if (!/^[1-9]\d{5}[12]\d{10}[\dX]$/.test(value) || !isIsoDate(birth)) return { [p.into]: null }
    const sex = Number(value[16]) % 2 === 1 ? '1' : '2'
    return { [p.into]: { birth, sex, division: value.slice(0, 6) }[p.part] }
  },
  say: (p, { item }) => ({
    zh: `由「${item(p.column)}」派生${PARTS[p.part][0]}「${item(p.into)}」`,
    en: `${item(p.into)}: the ${PARTS[p.part][1]} in ${item(p.column)}`,
  }),
  cases: (['birth', 'sex', 'division'] as const).map((part) => ({
    parameters: { column: 'a', part, into: 'b' },
    rows: [
      [
        { a: '11010519491231002X' },
        { a: '11010519491231002X', b: { birth: '1949-12-31', sex: '2', division: '110105' }[part] },
      ],
      [{ a: '11010519490231002X' }, { a: '11010519490231002X', b: null }],
      [{ a: null }, { a: null, b: null }],
    ],
  })),
})
