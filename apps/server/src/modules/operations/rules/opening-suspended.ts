import { sql } from 'kysely'
import { seenWords, type Anomaly, type Figures } from '../../gateway/index.ts'
import { alertRule } from '../alert-rule.ts'

interface Row {
  id: string
  name: { zh: string; en?: string }
  department_name: { zh: string; en?: string }
  jurisdiction: string
  provider_department_id: string
  suspended_cause: Anomaly
  suspended_figures: Figures
}

/** An opening that the platform suspended waits for the word of the department whose data it is. */
export const openingSuspended = alertRule({
  name: 'opening_suspended',
  words: { zh: '接口调用异常，已暂停', en: 'Unusual calls, suspended' },
  level: 3,
  advice: {
    zh: '向使用部门核实这些调用；属正常业务的，在共享接口页面解除暂停，必要时调整配额',
    en: 'Ask the calling department about these calls; if they are in order, release the opening on the page of the service',
  },
  openAfterMs: 0,
  incidentAfterMs: 24 * 3_600_000,
  async find({ db }) {
    const rows =
      await db.many<Row>(sql`select o.id, s.name, d.name as department_name, o.jurisdiction, o.provider_department_id,
        o.suspended_cause, o.suspended_figures
      from service_opening o join service s on s.id = o.service_id join department d on d.id = o.department_id
      where o.suspended_cause in ('misses', 'growth')`)
    return rows.map((row) => ({
      subjectKind: 'service_opening',
      subjectId: row.id,
      subjectName: {
        zh: `${row.name.zh}（${row.department_name.zh}）`,
        en: `${row.name.en ?? row.name.zh} (${row.department_name.en ?? row.department_name.zh})`,
      },
      jurisdiction: row.jurisdiction,
      departmentId: row.provider_department_id,
      detail: seenWords(row.suspended_cause, row.suspended_figures),
    }))
  },
})
