import { divisions } from '@huitong/codes'
import { type Columns, DIVISIONS_IN_FORCE, type Origin, type Rule, type Scope, suiteFaults } from '@huitong/quality'
import { shanghaiDate } from '@huitong/codes'
import type { Reader } from '../../kernel/db.ts'
import { place, refuse } from '../../kernel/errors.ts'
import { lakeClass, type LandedTable, landedTable } from '../engine/index.ts'
import { codeLists } from '../standards/index.ts'

/** A rule as a suite keeps it: with the name that people know it by. */
export interface NamedRule extends Rule {
  readonly name: { zh: string; en?: string }
  /** What it was proposed by, where a person took over a proposal. */
  readonly origin?: Origin
}

/** What a suite speaks of: its table, and the landed tables that its rules refer to, by the id of their dataset. */
export interface SuiteScope {
  readonly table: LandedTable
  readonly others: ReadonlyMap<string, LandedTable>
  readonly scope: Scope
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Datasets that rules refer to, also from within conditions. */
export function datasetsOf(rules: readonly Rule[]): string[] {
  const named = rules.flatMap(({ parameters }) => {
    const inner = parameters['rule'] as { parameters?: Rule['parameters'] } | undefined
    return [parameters['table'], inner?.parameters?.['table']]
  })
  return [...new Set(named.filter((one): one is string => typeof one === 'string' && UUID.test(one)))]
}

/** Code sets that rules name, also from within conditions. */
function setsOf(rules: readonly Rule[]): string[] {
  const named = rules.flatMap(({ parameters }) => {
    const inner = parameters['rule'] as { parameters?: Rule['parameters'] } | undefined
    return [parameters['set'], inner?.parameters?.['set']]
  })
  return [...new Set(named.filter((one): one is string => typeof one === 'string'))]
}

/** The scope of a suite on a day; `quality.not_landed` when the dataset itself does not land in the resource centre. */
export async function scopeOf(db: Reader, datasetId: string, rules: readonly Rule[], now: Date): Promise<SuiteScope> {
  const table = (await landedTable(db, datasetId)) ?? refuse('quality.not_landed')
  const others = new Map<string, LandedTable>()
  for (const id of datasetsOf(rules)) {
    const other = await landedTable(db, id)
    if (other !== null) others.set(id, other)
  }
  const scope = {
    columns: columnsOf(table),
    key: table.key,
    tables: Object.fromEntries([...others].map(([id, one]) => [id, columnsOf(one)])),
    sets: {
      ...(await codeLists(db, table.jurisdiction, setsOf(rules))),
      [DIVISIONS_IN_FORCE]: divisions().map((one) => one.code),
    },
    asOf: shanghaiDate(now),
  }
  return { table, others, scope }
}

export const columnsOf = (table: LandedTable): Columns =>
  Object.fromEntries(table.columns.map(({ as, type }) => [as, lakeClass(type)]))

/** Refuses rules that have faults, naming each place. */
export function requireSound(rules: readonly Rule[], scope: Scope): void {
  const faults = suiteFaults(rules, scope)
  if (faults.length > 0)
    refuse('quality.rule_invalid', { places: faults.slice(0, 50).map((one) => place(one.path, one.zh, one.en)) })
}
