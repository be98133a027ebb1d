export { type Condition } from './condition.ts'
export { type RuleFault } from './fault.ts'
export { quoted, text } from './duckdb-text.ts'
export { DIMENSIONS, type Dimension, type IndicatorCode, INDICATORS } from './indicators.ts'
export { type Operand } from './operand.ts'
export { type ColumnProfile, type ItemFacts, type ItemStandard, type Origin, type Proposal } from './proposal.ts'
export { proposeRules } from './propose.ts'
export { judge } from './oracle.ts'
export { PatternError, parsePattern, patternJs, patternRe2 } from './pattern.ts'
export { type CheckPlan, MASK_BITS, planCheck, type Relations } from './plan.ts'
export {
  type Rule,
  type RuleCase,
  type RuleNames,
  type RuleType,
  type Scope,
  type Verdict,
  type Words,
  type World,
} from './rule.ts'
export { RULE_TYPES } from './rules/index.ts'
export { DIVISIONS_IN_FORCE } from './rules/division-at-date.ts'
export {
  DEFAULT_WEIGHTS,
  dimensionScores,
  type DimensionScore,
  type Measure,
  measureOf,
  ratioOf,
  totalScore,
} from './scores.ts'
export { columnsRead, ruleFaults, RULES_MAX, sayFinding, sayRule, suiteFaults, typeOf } from './suite.ts'
export { type ColumnClass, type Columns, isMissing, isSpace, type Row, SPACE_RANGES, type TableRows } from './table.ts'
