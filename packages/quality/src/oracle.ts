import type { Rule, Verdict, World } from './rule.ts'
import { typeOf } from './suite.ts'

/** What each rule says of each row, one row after the other: the meaning that every engine must agree with. */
export function judge(rules: readonly Rule[], world: World): Verdict[][] {
  const judges = rules.map((rule) => typeOf(rule).oracle(rule.parameters as never, world))
  return world.rows.map((row) => judges.map((one) => one(row)))
}
