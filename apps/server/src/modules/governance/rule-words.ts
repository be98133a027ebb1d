import { sayFinding, sayRule, type Rule, type RuleNames, type Words } from '@huitong/quality'
import { sql } from 'kysely'
import type { Person } from '../../kernel/actor.ts'
import type { Reader } from '../../kernel/db.ts'
import { datasetSees, SELECT_DATASET, type DatasetRow } from '../catalogue/index.ts'
import { datasetsOf } from './scope.ts'

/** Says rules in the words of the catalogue: items and datasets by their names. */
export interface RuleSpeaker {
  /** What the rule asks of the data. */
  asks(rule: Rule): Words
  /** What is wrong with a row that breaks it. */
  finding(rule: Rule): Words
}

/** A speaker for rules over a dataset. What the viewer may not see is named by its code, another department's dataset not at all. */
export async function ruleSpeaker(
  db: Reader,
  actor: Person,
  datasetId: string,
  rules: readonly Rule[],
): Promise<RuleSpeaker> {
  const ids = [datasetId, ...datasetsOf(rules)]
  const rows = await db.many<DatasetRow>(
    sql`${SELECT_DATASET} where v.id = any(${ids}::uuid[]) and ${datasetSees(actor)}`,
  )
  const contents = new Map(rows.map((row) => [row.id, row.live_content]))
  const item = (column: string, id = datasetId) => contents.get(id)?.items?.find((one) => one.code === column)?.name
  const zh: RuleNames = {
    item: (column, table) => item(column, table)?.zh ?? column,
    table: (id) => contents.get(id)?.name.zh ?? '另一项信息资源',
  }
  const en: RuleNames = {
    item: (column, table) => item(column, table)?.en ?? column,
    table: (id) => contents.get(id)?.name.en ?? contents.get(id)?.name.zh ?? 'another dataset',
  }
  return {
    asks: (rule) => ({ zh: sayRule(rule, zh).zh, en: sayRule(rule, en).en }),
    finding: (rule) => ({ zh: sayFinding(rule, zh.item).zh, en: sayFinding(rule, en.item).en }),
  }
}
