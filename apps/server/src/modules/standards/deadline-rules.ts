import { sql } from 'kysely'
import type { Writer } from '../../kernel/db.ts'

/** A deadline of 《政务数据共享条例》 (国务院令第809号) as the national ceiling. */
interface Rule {
  readonly workingDays: number
  readonly extensionMax: number
  readonly words: { readonly zh: string; readonly en: string }
  readonly source: string
}

/** Ceilings: a jurisdiction may shorten them, never lengthen. D7 (records, ≥ 3 years) is a retention rule, not here. */
export const NATIONAL_DEADLINES: Readonly<Record<string, Rule>> = {
  D1: {
    workingDays: 10,
    extensionMax: 5,
    words: { zh: '目录更新报送', en: 'Submit an updated catalogue' },
    source: '政务数据共享条例 第17条',
  },
  D2: {
    workingDays: 2,
    extensionMax: 0,
    words: { zh: '目录审核发布', en: 'Review and publish the catalogue' },
    source: '政务数据共享条例 第17条',
  },
  D3: {
    workingDays: 1,
    extensionMax: 10,
    words: { zh: '无条件共享答复', en: 'Answer (unconditional sharing)' },
    source: '政务数据共享条例 第21条',
  },
  D4: {
    workingDays: 10,
    extensionMax: 10,
    words: { zh: '有条件共享答复', en: 'Answer (conditional sharing)' },
    source: '政务数据共享条例 第21条',
  },
  D5: {
    workingDays: 20,
    extensionMax: 0,
    words: { zh: '同意后提供数据', en: 'Provide the data after agreeing' },
    source: '政务数据共享条例 第22条',
  },
  D6: {
    workingDays: 10,
    extensionMax: 0,
    words: { zh: '校核申请处理', en: 'Answer a correction application' },
    source: '政务数据共享条例 第26条',
  },
}

/** Writes the national values for a jurisdiction that has none yet. */
export async function seedDeadlineRules(db: Writer, jurisdiction: string): Promise<void> {
  for (const [code, rule] of Object.entries(NATIONAL_DEADLINES))
    await db.run(sql`insert into deadline_rule (jurisdiction, code, working_days, working_days_max, extension_max, words, source)
      values (${jurisdiction}, ${code}, ${rule.workingDays}, ${rule.workingDays}, ${rule.extensionMax}, ${JSON.stringify(rule.words)}, ${rule.source})
      on conflict do nothing`)
}
