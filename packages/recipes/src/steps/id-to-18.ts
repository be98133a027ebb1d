import { idNumber15To18, isIsoDate } from '@huitong/codes'
import { quoted } from '@huitong/quality'
import { ColumnName, exact, textFaults } from '../schema.ts'
import { defineStep } from '../step.ts'

/** Weights of GB 11643-1999 for seventeen digits. */
const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]

/** 15 位身份证号升 18 位: where the birth date in it exists; everything else stays. */
export const idTo18 = defineStep({
  kind: 'id_to_18',
  words: { zh: '身份证号 15 位升 18 位', en: 'Citizen numbers of 15 digits to 18' },
  parameters: exact({ column: ColumnName }),
  faults: (p, scope) => textFaults(scope, [['/column', p.column]]),
  sets: (p) => [p.column],
  reads: (p) => [p.column],
  sql: (p) => {
    const x = quoted(p.column)
    // The sequence numbers 996 to 999 were kept for people who were born in the eighteen-hundreds.
    const century = `CASE WHEN substr(${x}, 13, 3) >= '996' THEN '18' ELSE '19' END`
    const first = `(substr(${x}, 1, 6) || ${century} || substr(${x}, 7))`
    const sum = WEIGHTS.map((weight, at) => `${weight} * CAST(substr(${first}, ${at + 1}, 1) AS INTEGER)`).join(' + ')
    const birth = `substr(${first}, 7, 4) || '-' || substr(${first}, 11, 2) || '-' || substr(${first}, 13, 2)`
    const isSo = `regexp_full_match(${x}, '[1-9][0-9]{14}') AND try_cast(${birth} AS DATE) IS NOT NULL`
    return {
      sets: {
        [p.column]: `CASE WHEN ${isSo} THEN ${first} || substr('10X98765432', (${sum}) % 11 + 1, 1) ELSE ${x} END`,
      },
    }
  },
  oracle: (p) => (row) => {
    const value = row[p.column] ?? null
    if (value === null || !/^[1-9]\d{14}$/.test(value)) return { [p.column]: value }
    const number = idNumber15To18(value)
    const birth = `${number.slice(6, 10)}-${number.slice(10, 12)}-${number.slice(12, 14)}`
    return { [p.column]: isIsoDate(birth) ? number : value }
  },
  say: (p, { item }) => ({
    zh: `「${item(p.column)}」15 位身份证号升为 18 位`,
    en: `${item(p.column)}: citizen numbers of 15 digits become 18 characters`,
  }),
  cases: [
    {
      parameters: { column: 'a' },
      rows: [
        ['340524800101001', '34052419800101001X'],
        ['110105491231002', '11010519491231002X'],
        ['110105491331002', '110105491331002'],
        ['110105491231996', '110105184912319965'],
        ['11010549123100', '11010549123100'],
        ['', ''],
        [null, null],
      ],
    },
  ],
})
