import { listDeadlineRules } from '@huitong/contract/standards'
import { sql } from 'kysely'
import { query } from '../../kernel/verb.ts'

interface Row {
  code: string
  words: { zh: string; en: string }
  working_days: number
  working_days_max: number
  extension_max: number
  source: string
}

/** The legal deadlines as they run in this jurisdiction, with the statutory ceilings beside. */
export const listDeadlineRulesVerb = query<typeof listDeadlineRules>({
  endpoint: listDeadlineRules,
  audit: null,
  async run({ db, actor }) {
    const rows = await db.many<Row>(sql`select code, words, working_days, working_days_max, extension_max, source
      from deadline_rule where jurisdiction = ${actor.jurisdiction} order by code`)
    return {
      items: rows.map((row) => ({
        code: row.code,
        words: row.words,
        workingDays: row.working_days,
        workingDaysMax: row.working_days_max,
        extensionMax: row.extension_max,
        source: row.source,
      })),
    }
  },
})
