import { Check, Errors } from 'typebox/value'
import type { RuleFault } from './fault.ts'
import type { Rule, RuleNames, RuleType, Scope, Words } from './rule.ts'
import { RULE_TYPES } from './rules/index.ts'

/** The most rules of one suite: eight masks of 64. */
export const RULES_MAX = 512

/** The kind of a rule; `RangeError` when there is none, which {@link suiteFaults} tells before. */
export function typeOf(rule: Rule): RuleType {
  const type = RULE_TYPES.get(rule.kind)
  if (!type) throw new RangeError(`no kind of rule is called ${rule.kind}`)
  return type
}

/** Everything that is wrong in a suite, each with its place: `/rules/2/parameters/column`. */
export function suiteFaults(rules: readonly Rule[], scope: Scope): RuleFault[] {
  const seen = new Set<string>()
  const tooMany = { path: '/rules', zh: `规则超过 ${RULES_MAX} 条`, en: `more than ${RULES_MAX} rules` }
  const faults = rules.flatMap((rule, at) => {
    const path = `/rules/${at}`
    const repeated = seen.has(rule.code)
      ? [{ path: `${path}/code`, zh: '规则编码重复', en: 'the code of the rule repeats' }]
      : []
    seen.add(rule.code)
    return [...repeated, ...ruleFaults(rule, scope).map((one) => ({ ...one, path: `${path}${one.path}` }))]
  })
  return rules.length > RULES_MAX ? [tooMany, ...faults] : faults
}

/** Everything that is wrong in a rule, with places from the rule: `/parameters/column`. */
export function ruleFaults(rule: Rule, scope: Scope): RuleFault[] {
  const type = RULE_TYPES.get(rule.kind)
  if (!type) return [{ path: '/kind', zh: `没有规则类型 ${rule.kind}`, en: `no kind of rule is called ${rule.kind}` }]
  const faults = Check(type.parameters, rule.parameters)
    ? type.faults(rule.parameters as never, scope)
    : Errors(type.parameters, rule.parameters).map(({ instancePath, message }) => ({
        path: instancePath,
        zh: '参数不符合该规则的要求',
        en: message,
      }))
  return faults.map((one) => ({ ...one, path: `/parameters${one.path}` }))
}

/** What is wrong with a row that breaks the rule, in words; `nameOf` gives the name that people know a column by. */
export const sayFinding = (rule: Rule, nameOf: (column: string) => string): Words =>
  typeOf(rule).say(rule.parameters as never, nameOf)

/** What the rule asks of the data, in a sentence. */
export const sayRule = (rule: Rule, names: RuleNames): Words => typeOf(rule).asks(rule.parameters as never, names)

/** The columns of the checked table that the rules read, each once, in order. */
export const columnsRead = (rules: readonly Rule[]): string[] => [
  ...new Set(rules.flatMap((rule) => typeOf(rule).columns(rule.parameters as never))),
]
