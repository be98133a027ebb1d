import { DuckDbWriter, type Piece, type Setup } from './duckdb.ts'
import { quoted } from './duckdb-text.ts'
import { isAmongFindings } from './found.ts'
import { all, any, not, type Predicate } from './predicate.ts'
import type { Rule, Scope } from './rule.ts'
import { columnsRead, typeOf } from './suite.ts'
import type { ColumnClass } from './table.ts'

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
  /**
   * One row: `rows`, and `#b0` … for each rule how many rows it judges. `found` is where the findings are (SQL that stands
   * after FROM): what can be counted there is not read from the table again.
   */
  judged(found: string): string
  readonly masks: number
  readonly values: readonly string[]
}

/** Plans the check of a table by a suite that has no faults: all rules in one scan, the failing rows kept. */
export function planCheck(rules: readonly Rule[], scope: Scope, relations: Relations): CheckPlan {
  const setup: Setup = { statements: [], made: new Map() }
  const given = { columns: scope.columns, scope, whole: relations.whole, relations: relations.tables, setup }
  const predicates = rules.map((rule) => brokenBy(rule, scope))
  const writer = new DuckDbWriter({ ...given, predicates })
  const broken = predicates.map((one) => writer.predicate(one))
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
  const judged = (found: string) => judgedQuery(rules, predicates, given, { from, found })
  return { setup: setup.statements, findings, judged, masks, values }
}

/** What breaks stands first: hardly a row does, and only for those it is asked whether the rule judges them at all. */
const brokenBy = (rule: Rule, scope: Scope): Predicate => {
  const type = typeOf(rule)
  return all(type.breaks(rule.parameters as never, scope), type.applies(rule.parameters as never, scope))
}

const maskOf = (broken: readonly Piece[]): string =>
  broken.map((one, bit) => `${one.sql}::UBIGINT * ${2n ** BigInt(bit)}::UBIGINT`).join(' + ')

/** How many rows each rule judges; rules that judge the same rows share one count. */
function judgedQuery(
  rules: readonly Rule[],
  broken: readonly Predicate[],
  given: ConstructorParameters<typeof DuckDbWriter>[0],
  { from, found }: { from: string; found: string },
): string {
  const { columns, scope } = given
  const applies = rules.map((rule) => typeOf(rule).applies(rule.parameters as never, scope))
  const free = applies.map(freeOf)
  const isCounted = free.map((one) => isAmongFindings(one, broken))
  const scan = new DuckDbWriter({ ...given, predicates: applies.filter((_one, at) => !isCounted[at]) })
  const findings = new DuckDbWriter(given)
  const counts = { scan: new Map<string, string>(), findings: new Map<string, string>() }
  const counted = (into: Map<string, string>, sql: string, name: string) => {
    into.set(sql, into.get(sql) ?? `${name}${into.size}`)
    return quoted(into.get(sql)!)
  }
  const judged = applies.map((one, at) =>
    isCounted[at]
      ? `rows - ${counted(counts.findings, findings.predicate(free[at]!).sql, '#f')}`
      : counted(counts.scan, scan.predicate(one).sql, '#c'),
  )
  const list = (of: Map<string, string>) =>
    [...of].map(([sql, name]) => `coalesce(count_if(${sql}), 0) AS ${quoted(name)}`)
  const named = judged.map((sql, at) => `${sql} AS ${quoted(`#b${at}`)}`)
  const scanned = `SELECT ${['count(*) AS rows', ...list(counts.scan)].join(', ')} FROM ${scan.from(from)} q`
  if (counts.findings.size === 0) return `SELECT ${['rows', ...named].join(', ')} FROM (${scanned})`
  const read = Object.keys(columns).filter((name) => columnsRead(rules).includes(name))
  const values = read.map((name) => `${castBack(quoted(`#v${name}`), columns[name]!)} AS ${quoted(name)}`)
  const rows = `(SELECT ${values.join(', ')} FROM ${found})`
  return `SELECT ${['rows', ...named].join(', ')} FROM (${scanned}), (SELECT ${list(counts.findings).join(', ')} FROM ${findings.from(rows)} q)`
}

/** In the findings all values stand as text; whether they are there is seen from that, what they say only from their type. */
function castBack(value: string, as: ColumnClass): string {
  const type = { float: 'DOUBLE', date: 'DATE', timestamp: 'TIMESTAMP' }[as as string]
  return type === undefined ? value : `CAST(${value} AS ${type})`
}

/** The rows that a rule does not judge. */
const freeOf = (applies: Predicate): Predicate =>
  applies.p === 'and' ? any(...applies.args.map(freeOf)) : applies.p === 'not' ? applies.arg : not(applies)
