import { sql } from 'kysely'
import { alertRule } from '../alert-rule.ts'

interface Row {
  id: string
  number: string
  jurisdiction: string
  consumer_department_id: string
  differences_total: string
}

/** The last reconciliation of a task found differences that nobody repaired. */
export const reconciliationDifferent = alertRule({
  name: 'reconciliation_different',
  words: { zh: '对账不一致', en: 'Both ends differ' },
  level: 3,
  advice: {
    zh: '打开对账单查看差异行，由接收方确认修复后重新对账',
    en: 'See the differing rows in the statement; the consumer accepts the repair, then reconcile again',
  },
  openAfterMs: 0,
  incidentAfterMs: 60 * 60_000,
  async find({ db }) {
    const rows =
      await db.many<Row>(sql`select c.id, c.number, c.jurisdiction, c.consumer_department_id, r.differences_total
      from channel c join lateral (select state, differences_total from reconciliation
        where channel_id = c.id order by started_at desc limit 1) r on true
      where r.state = 'different'`)
    return rows.map((row) => ({
      subjectKind: 'channel',
      subjectId: row.id,
      subjectName: { zh: row.number },
      jurisdiction: row.jurisdiction,
      departmentId: row.consumer_department_id,
      detail: {
        zh: `两端相差 ${row.differences_total} 行`,
        en: `The two ends differ in ${row.differences_total} rows`,
      },
    }))
  },
})
