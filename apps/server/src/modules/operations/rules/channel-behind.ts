import { sql } from 'kysely'
import { alertRule } from '../alert-rule.ts'

const FAILURES_MIN = 3

interface Row {
  id: string
  number: string
  jurisdiction: string
  provider_department_id: string
  failures: number
}

/** A task that follows its source and whose increments fail again and again; it ends with the next one that arrives. */
export const channelBehind = alertRule({
  name: 'channel_behind',
  words: { zh: '增量同步滞后', en: 'Changes not arriving' },
  level: 2,
  advice: {
    zh: '打开交换任务查看最近一次增量失败的原因，排除后系统会自动重试',
    en: 'See in the task why the last increment failed; once mended, it is tried again by itself',
  },
  openAfterMs: 0,
  incidentAfterMs: 60_000,
  async find({ db }) {
    const rows = await db.many<Row>(sql`select id, number, jurisdiction, provider_department_id, failures from channel
      where state = 'following' and failures >= ${FAILURES_MIN}`)
    return rows.map((row) => ({
      subjectKind: 'channel',
      subjectId: row.id,
      subjectName: { zh: row.number },
      jurisdiction: row.jurisdiction,
      departmentId: row.provider_department_id,
      detail: {
        zh: `增量已连续失败 ${row.failures} 次`,
        en: `Increments failed ${row.failures} times in a row`,
      },
    }))
  },
})
