import { Type } from 'typebox'
import { all, any, column, not, present, type Predicate } from '../predicate.ts'
import { parsePattern, patternJs } from '../pattern.ts'
import { columnFaults, defineRule, verdict } from '../rule.ts'
import { ColumnName, exact, oneOf } from '../schema.ts'
import { isMissing } from '../table.ts'

/** What an item may be declared as; names follow the catalogue's types of items. */
const DECLARED = {
  integer: { zh: '整数', en: 'a whole number' },
  decimal: { zh: '数字', en: 'a number' },
  date: { zh: '日期（2024-02-29）', en: 'a date (2024-02-29)' },
  datetime: { zh: '日期时间（2024-02-29 08:00:00）', en: 'a date with time (2024-02-29 08:00:00)' },
  boolean: {
    zh: '是或否（1、0、true、false、Y、N、是、否）',
    en: 'yes or no (1, 0, true, false, Y, N or the Chinese words)',
  },
} as const
type Declared = keyof typeof DECLARED

const YEAR = '(?:\\d{3}[1-9]|\\d{2}[1-9]\\d|\\d[1-9]\\d{2}|[1-9]\\d{3})'
const LEAP_YEAR = '(?:\\d{2}(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)'
const MONTH_AND_DAY =
  '(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|02-(?:0[1-9]|1\\d|2[0-8]))'
const DATE = `(?:${YEAR}-${MONTH_AND_DAY}|${LEAP_YEAR}-02-29)`
const TIME = '(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d{1,9})?'

interface Parameters {
  readonly column: string
  readonly as: Declared
  readonly digits?: number
  readonly scale?: number
}

/** The whole text of a value of the declared type; zeros at the end of a fraction pad a typed column, and are no places. */
function patternOf({ as, digits, scale }: Parameters): string {
  switch (as) {
    case 'integer':
      return `[+-]?\\d${upTo(digits)}`
    case 'decimal': {
      const whole = digits === undefined ? undefined : Math.max(1, digits - (scale ?? 0))
      const places = scale === undefined ? '\\d+' : scale === 0 ? '0+' : `\\d{1,${scale}}0*`
      return `[+-]?\\d${upTo(whole)}(?:\\.${places})?`
    }
    case 'date':
      return DATE
    case 'datetime':
      return `${DATE}[ T]${TIME}`
    case 'boolean':
      return '[01YN是否]|true|false'
  }
}
const upTo = (digits: number | undefined): string => (digits === undefined ? '+' : `{1,${digits}}`)

function isOfType(p: Parameters): Predicate {
  const matches = (pattern: string): Predicate => ({ p: 'matches', of: column(p.column), pattern })
  const { as, digits, scale } = p
  if (as !== 'decimal' || digits === undefined || scale !== undefined) return matches(patternOf(p))
  // No look-around: that digits before and after the point share one bound takes the form and, beside it, the size.
  return any(
    matches(`[+-]?(?:\\d{1,${digits}}|0\\.\\d{1,${digits}}0*)`),
    all(matches('[+-]?\\d+\\.\\d+'), matches(`[+-]?[\\d.]{1,${digits + 1}}0*`)),
  )
}

/** Whether a text is a decimal number within the bounds, counted digit by digit. */
function isDecimal(text: string, { digits = Infinity, scale }: Parameters): boolean {
  const found = /^[+-]?(\d+)(?:\.(\d+))?$/.exec(text)
  if (!found) return false
  const whole = found[1]!
  const places = (found[2] ?? '').replace(/0+$/, '').length
  if (scale !== undefined) return places <= scale && whole.length <= Math.max(1, digits - scale)
  return whole.length + places <= digits || (whole === '0' && places <= digits)
}

function sized({ as, digits, scale }: Parameters): { zh: string; en: string } {
  const { zh, en } = DECLARED[as]
  if (as !== 'integer' && as !== 'decimal') return { zh, en }
  const more = [
    ...(digits === undefined ? [] : [{ zh: `最多 ${digits} 位`, en: `at most ${digits} digits` }]),
    ...(scale === undefined || as === 'integer'
      ? []
      : [{ zh: `小数最多 ${scale} 位`, en: `at most ${scale} after the point` }]),
  ]
  if (more.length === 0) return { zh, en }
  return {
    zh: `${zh}（${more.map((one) => one.zh).join('，')}）`,
    en: `${en} (${more.map((one) => one.en).join(', ')})`,
  }
}

/** 类型: the value is what the item is declared as, also where it travels as text. */
export const type = defineRule({
  kind: 'type',
  words: { zh: '数据类型', en: 'Type' },
  indicator: '0302',
  parameters: exact({
    column: ColumnName,
    as: oneOf('integer', 'decimal', 'date', 'datetime', 'boolean'),
    digits: Type.Optional(Type.Integer({ minimum: 1, maximum: 38 })),
    scale: Type.Optional(Type.Integer({ minimum: 0, maximum: 30 })),
  }),
  faults: (p, scope) => [
    ...columnFaults(scope, [['/column', p.column]]),
    ...(p.scale !== undefined && p.digits !== undefined && p.scale >= p.digits
      ? [{ path: '/scale', zh: '小数位数须小于总位数', en: 'there must be fewer places than digits' }]
      : []),
    ...((p.scale !== undefined && p.as !== 'decimal') ||
    (p.digits !== undefined && p.as !== 'decimal' && p.as !== 'integer')
      ? [
          {
            path: p.scale === undefined ? '/digits' : '/scale',
            zh: '只有数字类型可限定位数',
            en: 'only numbers have digits',
          },
        ]
      : []),
  ],
  columns: (p) => [p.column],
  applies: (p) => present(p.column),
  breaks: (p) => not(isOfType(p)),
  oracle: (p) => {
    const whole = patternJs(patternOf(p))
    const holds = (text: string) => (p.as === 'decimal' ? isDecimal(text, p) : whole.test(text))
    return (row) => verdict(!isMissing(row[p.column]), !holds(row[p.column] ?? ''))
  },
  say: (p, nameOf) => {
    const { zh, en } = sized(p)
    return { zh: `「${nameOf(p.column)}」应为${zh}`, en: `${nameOf(p.column)} must be ${en}` }
  },
  asks: (p, { item }) => {
    const { zh, en } = sized(p)
    return { zh: `「${item(p.column)}」须为${zh}`, en: `${item(p.column)} must be ${en}` }
  },
  cases: [
    {
      parameters: { column: 'a', as: 'integer', digits: 3 },
      kept: [null, '', '0', '-12', '+007', '999'],
      broken: ['1000', '1.0', '１２', '1 ', ' 1', 'x', '1e2', '-', '0x1'],
    },
    {
      parameters: { column: 'a', as: 'decimal', digits: 6, scale: 2 },
      kept: [null, '', '0', '-1234.56', '1234', '1.5'],
      broken: ['12345', '1.555', '.5', '1.', '1,000', 'NaN', '１.５'],
    },
    {
      parameters: { column: 'a', as: 'decimal', digits: 5 },
      kept: [null, '', '12', '12345', '123.45', '-1.2345', '0.12345', '12345.0', '1.50000000'],
      broken: ['123456', '123.456', '1.0123456789', '1.', '.5', '1.0.0', '1234500', 'x'],
    },
    { parameters: { column: 'a', as: 'decimal', digits: 1 }, kept: ['7', '7.0', '0.5'], broken: ['1.5', '10', '0.55'] },
    {
      parameters: { column: 'a', as: 'decimal', digits: 18 },
      kept: ['123456789012345678', '12345678.9', '123456789.123456789'],
      broken: ['1234567890123456789', '1234567890.123456789'],
    },
    {
      parameters: { column: 'a', as: 'decimal' },
      kept: ['1.01234567891', '12345678901234567890123456789012345678901', '-0.5'],
      broken: ['1.', '1e3', 'x', '1.0.0'],
    },
    {
      parameters: { column: 'a', as: 'decimal', scale: 2 },
      kept: ['12345678901234567890123456789012345678901.55', '1.5000', '1.00'],
      broken: ['1.555', '1.50001'],
    },
    {
      parameters: { column: 'a', as: 'decimal', digits: 18, scale: 2 },
      columns: { a: 'decimal' },
      kept: ['1.5', '-0.25', '100', '99999999999999.9900', null],
      broken: ['1.555', '0.0001'],
    },
    {
      parameters: { column: 'a', as: 'decimal', digits: 5, scale: 0 },
      columns: { a: 'decimal' },
      kept: ['12345', '-100', '0'],
      broken: ['123456', '1.5'],
    },
    {
      parameters: { column: 'a', as: 'date' },
      kept: [null, '', '2024-02-29', '2000-02-29', '0001-01-01', '9999-12-31'],
      broken: ['2023-02-29', '1900-02-29', '0000-01-01', '2024-04-31', '20240229', '2024-02-29 00:00:00', '2024-2-9'],
    },
    {
      parameters: { column: 'a', as: 'datetime' },
      kept: [null, '', '2024-02-29 08:00:00', '2024-02-29T23:59:59.123'],
      broken: ['2024-02-29', '2024-02-30 08:00:00', '2024-02-29 24:00:00', '2024-02-29 8:00:00', '2024-02-29 08:00'],
    },
    {
      parameters: { column: 'a', as: 'boolean' },
      kept: [null, '', '0', '1', 'true', 'N', '是'],
      broken: ['2', 'TRUE', 'y', '有', '是 '],
    },
    {
      parameters: { column: 'a', as: 'integer' },
      columns: { a: 'integer' },
      kept: ['-5', '9223372036854775807', null],
      broken: [],
    },
  ],
})
// A pattern that is not in the subset of all engines would show only when a rule is used.
for (const as of Object.keys(DECLARED) as Declared[]) parsePattern(patternOf({ column: 'a', as }))
