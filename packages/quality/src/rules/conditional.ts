import { Type } from 'typebox'
import { Check } from 'typebox/value'
import { conditionOf } from '../asks.ts'
import { conditionFaults, conditionPredicate, ConditionSchema, meets, type Condition } from '../condition.ts'
import { all } from '../predicate.ts'
import { defineRule, type Rule, type RuleCase, type RuleType } from '../rule.ts'
import { exact } from '../schema.ts'

const CASES: readonly RuleCase[] = [
  {
    parameters: {
      when: { column: 's', in: ['1', '存续'] },
      rule: { kind: 'required', parameters: { column: 'a' } },
    },
    columns: { s: 'text', a: 'text' },
    kept: [
      { s: '0', a: null },
      { s: null, a: null },
      { s: '存续', a: '张三' },
      { s: '', a: '' },
    ],
    broken: [
      { s: '1', a: null },
      { s: '存续', a: ' ' },
    ],
  },
  {
    parameters: {
      when: {
        all: [{ column: 's', is: 'present' }, { not: { column: 's', op: 'ge', as: 'number', value: '18' } }],
      },
      rule: { kind: 'code_set', parameters: { column: 'a', codes: ['10'] } },
    },
    columns: { s: 'text', a: 'text' },
    kept: [
      { s: '17', a: '10' },
      { s: '18', a: '20' },
      { s: null, a: '20' },
      { s: '17', a: null },
    ],
    broken: [
      { s: '17.9', a: '20' },
      { s: '十七', a: '20' },
    ],
  },
  {
    parameters: {
      when: {
        any: [
          { column: 's', matches: 'A+' },
          { column: 'a', op: 'eq', as: 'text', value: 'x' },
        ],
      },
      rule: { kind: 'length', parameters: { column: 'a', max: 0 } },
    },
    columns: { s: 'text', a: 'text' },
    kept: [
      { s: 'B', a: 'y' },
      { s: 'AA', a: '' },
    ],
    broken: [
      { s: 'AA', a: 'y' },
      { s: null, a: 'x' },
    ],
  },
]

/** 条件规则: another rule, for those rows only that meet a condition. `types` are the kinds that it may hold. */
export const conditionalOf = (types: ReadonlyMap<string, RuleType>): RuleType => {
  const typeOf = (rule: Pick<Rule, 'kind'>) => types.get(rule.kind)!
  return defineRule({
    kind: 'conditional',
    words: { zh: '条件规则', en: 'Conditional' },
    indicator: '0104',
    parameters: exact({
      when: ConditionSchema,
      rule: exact({ kind: Type.String({ maxLength: 40 }), parameters: Type.Record(Type.String(), Type.Unknown()) }),
    }),
    faults: (p, scope) => {
      const type = types.get(p.rule.kind)
      const bad = (path: string, zh: string, en: string) => [{ path, zh, en }]
      const inner =
        type === undefined
          ? bad('/rule/kind', `条件规则中不能使用 ${p.rule.kind}`, `${p.rule.kind} cannot stand in a condition`)
          : Check(type.parameters, p.rule.parameters)
            ? type
                .faults(p.rule.parameters as never, scope)
                .map((one) => ({ ...one, path: `/rule/parameters${one.path}` }))
            : bad('/rule/parameters', '参数不符合该规则的要求', 'parameters do not fit the kind of rule')
      return [...conditionFaults(p.when as Condition, scope.columns, '/when'), ...inner]
    },
    columns: (p) => [...columnsOf(p.when as Condition), ...typeOf(p.rule).columns(p.rule.parameters as never)],
    applies: (p, scope) =>
      all(conditionPredicate(p.when as Condition), typeOf(p.rule).applies(p.rule.parameters as never, scope)),
    breaks: (p, scope) => typeOf(p.rule).breaks(p.rule.parameters as never, scope),
    oracle: (p, world) => {
      const inner = typeOf(p.rule).oracle(p.rule.parameters as never, world)
      return (row) => (meets(p.when as Condition, row, world.scope.columns) ? inner(row) : 'free')
    },
    say: (p, nameOf) => {
      const inner = typeOf(p.rule).say(p.rule.parameters as never, nameOf)
      return { zh: `在适用条件下，${inner.zh}`, en: `Under its condition, ${inner.en}` }
    },
    asks: (p, names) => {
      const [when, inner] = [
        conditionOf(p.when as Condition, names),
        typeOf(p.rule).asks(p.rule.parameters as never, names),
      ]
      return { zh: `当${when.zh}时，${inner.zh}`, en: `Where ${when.en}: ${inner.en}` }
    },
    cases: CASES,
  })
}

function columnsOf(condition: Condition): string[] {
  if ('all' in condition) return condition.all.flatMap(columnsOf)
  if ('any' in condition) return condition.any.flatMap(columnsOf)
  return 'not' in condition ? columnsOf(condition.not) : [condition.column]
}
