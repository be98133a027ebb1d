import { DuckDbWriter, type Piece, type Setup } from './duckdb.ts'
import { quoted } from './duckdb-text.ts'
import { all, type Predicate } from './predicate.ts'
import type { Rule, Scope } from './rule.ts'
import { columnsRead, typeOf } from './suite.ts'

/** Bits of one mask. */
export const MASK_BITS = 64
/** Longer values are cut in findings; the row's key leads to the whole. */
const VALUE_CHARACTERS_MAX = 200

/** Where the rows are: SQL names (of a view, a table, or a function call) that stand after FROM. */
export interface Relations {
  /** All rows of the checked table. */
  readonly whole: string
  /** The rows to judge when these are not all: a recheck. */
  readonly judged?: string
  /** Other tables by the names under which rules refer to them. */
  readonly tables: Readonly<Record<string, string>>
}

/** What to run, in this order, to check a table by a suite. */
export interface CheckPlan {
  /** Makes temporary tables: long code lists, what references point to, values that repeat. */
  readonly setup: readonly string[]
  /**
   * One scan: a row for each row that breaks a rule, with its key columns, masks `#m0` … (UBIGINT; bit i of mask j is
   * rule 64·j + i) and the values that the rules read as `#v<column>` (text).
   */
  readonly findings: string
  /** One row: `rows`, and `#b0` … for each rule how many rows it judges. */
  readonly judged: string
  readonly masks: number
  readonly values: readonly string[]
}

/** Plans the check of a table by a suite that has no faults: all rules in one scan, the failing rows kept. */
export function planCheck(rules: readonly Rule[], scope: Scope, relations: Relations): CheckPlan {
  const setup: Setup = { statements: [], made: new Map() }
  const given = { columns: scope.columns, scope, whole: relations.whole, relations: relations.tables, setup }
  const writer = new DuckDbWriter(given)
  const broken = rules.map((rule) => writer.predicate(brokenBy(rule, scope)))
  const values = columnsRead(rules)
  const masks = Math.ceil(rules.length / MASK_BITS)
  const from = relations.judged ?? relations.whole
  const findings = [
    `SELECT ${[
      ...scope.key.map(quoted),
      ...Array.from(
        { length: masks },
        (_, at) => `${maskOf(broken.slice(at * MASK_BITS, (at + 1) * MASK_BITS))} AS ${quoted(`#m${at}`)}`,
      ),
      ...values.map(
        (name) => `left(CAST(${quoted(name)} AS VARCHAR), ${VALUE_CHARACTERS_MAX}) AS ${quoted(`#v${name}`)}`,
      ),
    ].join(', ')}`,
    `FROM ${writer.from(from)} q`,
    `WHERE ${broken.length === 0 ? 'false' : broken.map((one) => one.sql).join(' OR ')}`,
  ].join(' ')
  return { setup: setup.statements, findings, judged: judgedQuery(rules, scope, given, from), masks, values }
}

const brokenBy = (rule: Rule, scope: Scope): Predicate => {
  const type = typeOf(rule)
  return all(type.applies(rule.parameters as never, scope), type.breaks(rule.parameters as never, scope))
}

const maskOf = (broken: readonly Piece[]): string =>
  broken.map((one, bit) => `${one.sql}::UBIGINT * ${2n ** BigInt(bit)}::UBIGINT`).join(' + ')

/** How many rows each rule judges; rules that judge the same rows share one count. */
function judgedQuery(
  rules: readonly Rule[],
  scope: Scope,
  given: ConstructorParameters<typeof DuckDbWriter>[0],
  from: string,
): string {
  const writer = new DuckDbWriter(given)
  const pieces = rules.map((rule) => writer.predicate(typeOf(rule).applies(rule.parameters as never, scope)))
  const distinct = [...new Set(pieces.map((one) => one.sql))]
  const counts = distinct.map((sql, at) => `coalesce(count_if(${sql}), 0) AS ${quoted(`#c${at}`)}`)
  const named = pieces.map((one, at) => `${quoted(`#c${distinct.indexOf(one.sql)}`)} AS ${quoted(`#b${at}`)}`)
  return `SELECT ${['"#rows" AS rows', ...named].join(', ')} FROM (SELECT ${['count(*) AS "#rows"', ...counts].join(', ')} FROM ${writer.from(from)} q)`
}
