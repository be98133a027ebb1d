import type { RuleType } from '../rule.ts'
import { codeSet } from './code-set.ts'
import { compare } from './compare.ts'
import { conditionalOf } from './conditional.ts'
import { creditCode } from './credit-code.ts'
import { crossTable } from './cross-table.ts'
import { dateValid } from './date-valid.ts'
import { divisionAtDate } from './division-at-date.ts'
import { duplicateRecord } from './duplicate-record.ts'
import { functionalDependency } from './functional-dependency.ts'
import { idNumber } from './id-number.ts'
import { length } from './length.ts'
import { noFullWidth } from './no-full-width.ts'
import { noStraySpaces } from './no-stray-spaces.ts'
import { organisationCode } from './organisation-code.ts'
import { pattern } from './pattern.ts'
import { range } from './range.ts'
import { reference } from './reference.ts'
import { required } from './required.ts'
import { type } from './type.ts'
import { unique } from './unique.ts'

const byKind = (types: readonly RuleType[]) => new Map(types.map((one) => [one.kind, one]))

/** Kinds that judge a row by itself or against others, in the order in which pages offer them. */
const PLAIN = [
  required,
  type,
  length,
  pattern,
  idNumber,
  creditCode,
  organisationCode,
  codeSet,
  divisionAtDate,
  range,
  dateValid,
  compare,
  noStraySpaces,
  noFullWidth,
  unique,
  duplicateRecord,
  functionalDependency,
  reference,
  crossTable,
]

/** All kinds of rules by name. */
export const RULE_TYPES: ReadonlyMap<string, RuleType> = byKind([...PLAIN, conditionalOf(byKind(PLAIN))])
