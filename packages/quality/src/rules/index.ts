import type { RuleType } from '../rule.ts'
import { codeSet } from './code-set.ts'
import { compare } from './compare.ts'
import { conditionalOf } from './conditional.ts'
import { creditCode } from './credit-code.ts'
import { crossTable } from './cross-table.ts'
import { dateValid } from './date-valid.ts'
import { divisionAtDate } from './division-at-date.ts'
import { idNumber } from './id-number.ts'
import { length } from './length.ts'
import { noFullWidth } from './no-full-width.ts'
import { noStraySpaces } from './no-stray-spaces.ts'
import { pattern } from './pattern.ts'
import { range } from './range.ts'
import { reference } from './reference.ts'
import { required } from './required.ts'
import { unique } from './unique.ts'

const byKind = (types: readonly RuleType[]) => new Map(types.map((one) => [one.kind, one]))

/** Kinds that judge a row by itself or against others, in the order in which pages offer them. */
const PLAIN = [
  required,
  length,
  pattern,
  idNumber,
  creditCode,
  codeSet,
  divisionAtDate,
  range,
  dateValid,
  compare,
  noStraySpaces,
  noFullWidth,
  unique,
  reference,
  crossTable,
]

/** All kinds of rules by name. */
export const RULE_TYPES: ReadonlyMap<string, RuleType> = byKind([...PLAIN, conditionalOf(byKind(PLAIN))])
