import { Type } from 'typebox'
import { column, not, present } from '../predicate.ts'
import { columnFaults, defineRule, verdict } from '../rule.ts'
import { ColumnName, exact } from '../schema.ts'
import { isMissing } from '../table.ts'

/** The set that holds the division codes in force on the day of the check. */
export const DIVISIONS_IN_FORCE = 'GB/T 2260'

/** 行政区划代码: in force on the day of the check, at one of the wanted levels. */
export const divisionAtDate = defineRule({
  kind: 'division_at_date',
  words: { zh: '行政区划代码', en: 'Division in force' },
  indicator: '0501',
  parameters: exact({
    column: ColumnName,
    /** Only counties (six digits that do not end in 00) will do. */
    county: Type.Optional(Type.Boolean()),
  }),
  faults: (p, scope) => [
    ...columnFaults(scope, [['/column', p.column]]),
    ...(Object.hasOwn(scope.sets, DIVISIONS_IN_FORCE)
      ? []
      : [{ path: '/column', zh: '没有行政区划代码表', en: 'there is no table of divisions' }]),
  ],
  columns: (p) => [p.column],
  applies: (p) => present(p.column),
  breaks: (p) => {
    const of = column(p.column)
    const inForce = { p: 'exists', of: [of], within: { set: DIVISIONS_IN_FORCE } } as const
    const isCounty = { p: 'matches', of, pattern: '\\d{4}(?:[1-9]\\d|\\d[1-9])' } as const
    return not(p.county ? { p: 'and', args: [inForce, isCounty] } : inForce)
  },
  oracle: (p, { scope }) => {
    const inForce = new Set(scope.sets[DIVISIONS_IN_FORCE])
    return (row) => {
      const text = row[p.column] ?? ''
      return verdict(!isMissing(text), !inForce.has(text) || (p.county === true && text.endsWith('00')))
    }
  },
  say: (p, nameOf) => ({
    zh: `「${nameOf(p.column)}」不是现行的${p.county ? '县级' : ''}行政区划代码`,
    en: `${nameOf(p.column)} is no ${p.county ? 'county' : 'division'} code in force`,
  }),
  asks: (p, { item }) => ({
    zh: `「${item(p.column)}」须是核验当日现行的${p.county ? '县级' : ''}行政区划代码`,
    en: `${item(p.column)} must be a ${p.county ? 'county' : 'division'} code in force on the day of the check`,
  }),
  cases: [
    {
      parameters: { column: 'a' },
      sets: { [DIVISIONS_IN_FORCE]: ['330000', '330100', '330106'] },
      kept: [null, '', '330106', '330100'],
      broken: ['330103', '33010', '330106000', '３３０１０６', '330106 '],
    },
    {
      parameters: { column: 'a', county: true },
      sets: { [DIVISIONS_IN_FORCE]: ['330000', '330100', '330106'] },
      kept: ['330106'],
      broken: ['330100', '330000', '330103'],
    },
  ],
})
