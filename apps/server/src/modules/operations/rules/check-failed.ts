import { sql } from 'kysely'
import { alertRule } from '../alert-rule.ts'

interface Row {
  id: string
  number: string
  jurisdiction: string
  department_id: string
  problem: { message?: { zh: string; en: string } } | null
}

/** The last check of a dataset did not come to its end; the next one that does ends it. */
export const checkFailed = alertRule({
  name: 'check_failed',
  words: { zh: '质量核验失败', en: 'Quality check failed' },
  level: 3,
  advice: {
    zh: '查看核验任务的错误说明，处理后重新发起核验',
    en: 'See the error of the check, mend its cause, and start it again',
  },
  openAfterMs: 0,
  incidentAfterMs: 60 * 60_000,
  async find({ db }) {
    const rows = await db.many<Row>(sql`select * from (select distinct on (dataset_id) id, number, jurisdiction,
        department_id, state, problem from check_run order by dataset_id, created_at desc) r where r.state = 'failed'`)
    return rows.map((row) => ({
      subjectKind: 'check_run',
      subjectId: row.id,
      subjectName: { zh: row.number },
      jurisdiction: row.jurisdiction,
      departmentId: row.department_id,
      detail: row.problem?.message ?? { zh: '没有错误说明', en: 'The error has no words' },
    }))
  },
})
