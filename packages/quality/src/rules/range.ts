import { Type } from 'typebox'
import { SIGNS } from '../asks.ts'
import { decide } from '../condition.ts'
import { isLiteralOf, valueOf } from '../compare-values.ts'
import { dateOf, numberOf } from '../literal.ts'
import { all, column, not, present, type Comparison, type Predicate } from '../predicate.ts'
import { columnFaults, defineRule, verdict } from '../rule.ts'
import { ColumnName, exact, oneOf } from '../schema.ts'
import { isMissing } from '../table.ts'

const Bound = Type.Optional(Type.String({ minLength: 1, maxLength: 40 }))
const BOUNDS = [
  ['min', 'ge'],
  ['above', 'gt'],
  ['max', 'le'],
  ['below', 'lt'],
] as const

interface Bounds {
  readonly as: 'number' | 'date'
  readonly min?: string | undefined
  readonly above?: string | undefined
  readonly max?: string | undefined
  readonly below?: string | undefined
}
const boundsOf = (p: Bounds): { name: string; op: Comparison; value: string }[] =>
  BOUNDS.flatMap(([name, op]) => (p[name] === undefined ? [] : [{ name, op, value: p[name] }]))

/** 值域: a number or date within bounds (`min` and `max` with, `above` and `below` without the bound itself). What is no number or date is outside. */
export const range = defineRule({
  kind: 'range',
  words: { zh: '值域', en: 'Range' },
  indicator: '0302',
  parameters: exact({
    column: ColumnName,
    as: oneOf('number', 'date'),
    min: Bound,
    above: Bound,
    max: Bound,
    below: Bound,
  }),
  faults: (p, scope) => [
    ...columnFaults(scope, [['/column', p.column]]),
    ...boundsOf(p).flatMap(({ name, value }) =>
      isLiteralOf(p.as, value) ? [] : [{ path: `/${name}`, zh: '界限与类型不符', en: `not a ${p.as}` }],
    ),
    ...(boundsOf(p).length === 0 ? [{ path: '/min', zh: '至少填写一个界限', en: 'give at least one bound' }] : []),
  ],
  columns: (p) => [p.column],
  applies: (p) => present(p.column),
  breaks: (p) => {
    const left = valueOf(column(p.column), p.as)
    const within = boundsOf(p).map(({ op, value }): Predicate => {
      return { p: 'compare', as: p.as, left, op, right: { v: 'literal', as: p.as, value } }
    })
    return not(all(...within))
  },
  oracle:
    (p, { scope }) =>
    (row) => {
      const text = row[p.column]
      if (isMissing(text)) return 'free'
      const kind = scope.columns[p.column]!
      const isWithin = boundsOf(p).every(({ op, value }) =>
        p.as === 'number'
          ? decide(numberOf(text, kind), op, numberOf(value, 'text'))
          : decide(dateOf(text, kind, ['iso', 'basic', 'slash']), op, value),
      )
      return verdict(true, !isWithin)
    },
  say: (p, nameOf) => {
    const words = { min: '不小于', above: '大于', max: '不大于', below: '小于' } as const
    const en = { min: 'at least', above: 'above', max: 'at most', below: 'below' } as const
    const said = boundsOf(p).map(({ name, value }) => [
      `${words[name as 'min']} ${value}`,
      `${en[name as 'min']} ${value}`,
    ])
    return {
      zh: `「${nameOf(p.column)}」应${said.map(([zh]) => zh).join('且')}`,
      en: `${nameOf(p.column)} must be ${said.map(([, text]) => text).join(' and ')}`,
    }
  },
  asks: (p, { item }) => {
    const said = boundsOf(p).map(({ op, value }) => `${SIGNS[op]} ${value}`)
    return { zh: `「${item(p.column)}」${said.join(' 且 ')}`, en: `${item(p.column)} ${said.join(' and ')}` }
  },
  cases: [
    {
      parameters: { column: 'a', as: 'number', above: '0', max: '5000' },
      kept: [null, '', '0.01', '5000', '5000.0', '+1', '0000000001'],
      broken: [
        '0',
        '-1',
        '5000.01',
        '-0',
        '1e3',
        '一百',
        '１００',
        ' 5',
        '99999999999999999999999999999999999999999',
        '0.00000000001',
        '1,000',
      ],
    },
    {
      parameters: { column: 'a', as: 'number', min: '-9223372036854775808' },
      columns: { a: 'integer' },
      kept: ['-9223372036854775808', '9223372036854775807', null],
      broken: [],
    },
    {
      parameters: { column: 'a', as: 'number', below: '0.3' },
      columns: { a: 'decimal' },
      kept: ['0.29', '-5', null],
      broken: ['0.3', '0.30', '7'],
    },
    {
      parameters: { column: 'a', as: 'date', min: '2024-02-29', below: '2025-01-01' },
      kept: [null, '', '2024-02-29', '20241231', '2024/03/01'],
      broken: ['2024-02-28', '2025-01-01', '2023-02-29', '2024-2-29', '昨天', '2024-13-01'],
    },
    {
      parameters: { column: 'a', as: 'date', max: '2024-02-29' },
      columns: { a: 'date' },
      kept: ['2024-02-29', '0099-01-01', null],
      broken: ['2024-03-01'],
    },
  ],
})
