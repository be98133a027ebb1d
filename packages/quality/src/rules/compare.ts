import { SIGNS } from '../asks.ts'
import { compareTexts, isLiteralOf } from '../compare-values.ts'
import { decide, decideOrder, OPS } from '../condition.ts'
import { columnsOfOperand, OperandSchema, operandOf, operandValue, type Operand } from '../operand.ts'
import { all, not, type Comparable, type Predicate } from '../predicate.ts'
import { columnFaults, defineRule, verdict, type Scope } from '../rule.ts'
import { exact, oneOf } from '../schema.ts'

interface Sides {
  readonly left: Operand
  readonly right: Operand
  readonly as: Comparable
}
const known = (p: Sides, scope: Scope): Predicate =>
  all(
    not({ p: 'unknown', of: operandValue(p.left, p.as, scope) }),
    not({ p: 'unknown', of: operandValue(p.right, p.as, scope) }),
  )

const WORDS = {
  eq: ['应等于', 'must equal'],
  ne: ['不应等于', 'must differ from'],
  lt: ['应小于（早于）', 'must be below (before)'],
  le: ['应不大于（不晚于）', 'must not exceed (be after)'],
  gt: ['应大于（晚于）', 'must exceed (be after)'],
  ge: ['应不小于（不早于）', 'must not be below (before)'],
} as const
const TAKEN = {
  id_birth: ['中的出生日期', 'birth date in '],
  id_sex: ['中的性别', 'sex in '],
  id_division: ['中的行政区划', 'division in '],
} as const

function nameOperand(operand: Operand, nameOf: (column: string) => string): [string, string] {
  if ('value' in operand) return [operand.value, operand.value]
  if ('today' in operand) return ['当日', 'the day of the check']
  const name = nameOf(operand.column)
  const taken = operand.take === undefined ? (['', ''] as const) : TAKEN[operand.take]
  return [`「${name}」${taken[0]}`, `${taken[1]}${name}`]
}

/** 字段比对: two columns, or a column and a value, stand in the right order. Rows where either cannot be read are not judged. */
export const compare = defineRule({
  kind: 'compare',
  words: { zh: '字段比对', en: 'Comparison' },
  indicator: '0402',
  parameters: exact({
    left: OperandSchema,
    op: oneOf(...OPS),
    right: OperandSchema,
    as: oneOf('text', 'number', 'date'),
  }),
  faults: (p, scope) => [
    ...columnFaults(scope, [
      ...columnsOfOperand(p.left).map((name) => ['/left/column', name] as const),
      ...columnsOfOperand(p.right).map((name) => ['/right/column', name] as const),
    ]),
    ...([p.left, p.right] as const).flatMap((side, at) =>
      'value' in side && !isLiteralOf(p.as, side.value)
        ? [{ path: `/${at === 0 ? 'left' : 'right'}/value`, zh: '取值与类型不符', en: `not a ${p.as}` }]
        : [],
    ),
    ...('column' in p.left || 'column' in p.right
      ? []
      : [{ path: '/left', zh: '至少一侧应为字段', en: 'one side must be a column' }]),
  ],
  columns: (p) => [...columnsOfOperand(p.left), ...columnsOfOperand(p.right)],
  applies: known,
  breaks: (p, scope) =>
    not({
      p: 'compare',
      as: p.as,
      left: operandValue(p.left, p.as, scope),
      op: p.op,
      right: operandValue(p.right, p.as, scope),
    }),
  oracle:
    (p, { scope }) =>
    (row) => {
      const left = operandOf(p.left, p.as, scope, row)
      const right = operandOf(p.right, p.as, scope, row)
      if (left === null || right === null) return 'free'
      const holds =
        typeof left === 'string' && typeof right === 'string'
          ? decideOrder(compareTexts(left, right), p.op)
          : decide(left as bigint, p.op, right as bigint)
      return verdict(true, !holds)
    },
  say: (p, nameOf) => {
    const [left, right] = [nameOperand(p.left, nameOf), nameOperand(p.right, nameOf)]
    return { zh: `${left[0]}${WORDS[p.op][0]}${right[0]}`, en: `${left[1]} ${WORDS[p.op][1]} ${right[1]}` }
  },
  asks: (p, { item }) => {
    const [left, right] = [nameOperand(p.left, item), nameOperand(p.right, item)]
    return { zh: `${left[0]} ${SIGNS[p.op]} ${right[0]}`, en: `${left[1]} ${SIGNS[p.op]} ${right[1]}` }
  },
  cases: [
    {
      parameters: { left: { column: 'a' }, op: 'ge', right: { column: 'b' }, as: 'date' },
      columns: { a: 'text', b: 'text' },
      kept: [
        { a: '2024-03-01', b: '2024-02-29' },
        { a: '2024-02-29', b: '20240229' },
        { a: '2023-02-29', b: '2099-01-01' },
        { a: null, b: '2024-01-01' },
        { a: '2024-01-01', b: '' },
      ],
      broken: [{ a: '2024-02-28', b: '2024-02-29' }],
    },
    {
      parameters: { left: { column: 'a' }, op: 'eq', right: { column: 'b', take: 'id_sex' }, as: 'text' },
      columns: { a: 'text', b: 'text' },
      kept: [
        { a: '2', b: '11010519491231002X' },
        { a: '1', b: '34052419800101001X' },
        { a: '1', b: '11010519491231002x' },
        { a: null, b: '11010519491231002X' },
        { a: '', b: '11010519491231002X' },
      ],
      broken: [
        { a: '1', b: '11010519491231002X' },
        { a: '女', b: '11010519491231002X' },
      ],
    },
    {
      parameters: { left: { column: 'a' }, op: 'eq', right: { column: 'b', take: 'id_birth' }, as: 'date' },
      columns: { a: 'text', b: 'text' },
      kept: [
        { a: '1949-12-31', b: '11010519491231002X' },
        { a: '1949-12-31', b: '11010519491331002X' },
        { a: '1949-02-30', b: '11010519491231002X' },
      ],
      broken: [{ a: '1949-12-30', b: '11010519491231002X' }],
    },
    {
      parameters: { left: { column: 'a' }, op: 'le', right: { today: true }, as: 'date' },
      asOf: '2026-03-02',
      kept: ['2026-03-02', '1999-01-01', null, '2026-02-30'],
      broken: ['2026-03-03', '9999-12-31'],
    },
    {
      parameters: { left: { column: 'a' }, op: 'ne', right: { value: '0' }, as: 'number' },
      kept: ['1', '-0.1', 'x', null],
      broken: ['0', '-0', '0.000', '+0'],
    },
    {
      parameters: { left: { column: 'a' }, op: 'lt', right: { value: '𠮷' }, as: 'text' },
      kept: ['一', '\uffee', ''],
      broken: ['𠮷', '𠮷𠮷', '𪚥'],
    },
    {
      parameters: { left: { column: 'a' }, op: 'eq', right: { column: 'b', take: 'id_division' }, as: 'text' },
      columns: { a: 'text', b: 'text' },
      kept: [
        { a: '110105', b: '11010519491231002X' },
        { a: '330100', b: '1' },
      ],
      broken: [{ a: '330106', b: '11010519491231002X' }],
    },
  ],
})
