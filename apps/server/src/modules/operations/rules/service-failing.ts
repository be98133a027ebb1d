import { sql } from 'kysely'
import { alertRule } from '../alert-rule.ts'

const WITHIN_MS = 2 * 60_000
const FAILURES_MIN = 3

interface Row {
  id: string
  name: { zh: string; en?: string }
  jurisdiction: string
  department_id: string
  failed: number
}

/** A shared interface whose calls fail for reasons that are the platform's own, not the caller's. */
export const serviceFailing = alertRule({
  name: 'service_failing',
  words: { zh: '共享接口故障', en: 'Shared interface failing' },
  level: 2,
  advice: {
    zh: '检查资源中心数据库是否可用，再看该接口最近的调用结果',
    en: 'Check that the resource centre’s database is up, then see the last calls of the interface',
  },
  openAfterMs: 0,
  incidentAfterMs: 60_000,
  async find({ db, now }) {
    const since = new Date(now.getTime() - WITHIN_MS)
    // Sealing takes a minute or so: calls of the last two are looked up by their minute.
    const rows = await db.many<Row>(sql`select s.id, s.name, s.jurisdiction, s.department_id, count(*)::int as failed
      from service_call c join service s on s.id = c.service_id
      where c.minute >= date_trunc('minute', ${since}::timestamptz) and c.at >= ${since}
        and (c.outcome = 'centre.unavailable' or starts_with(c.outcome, 'platform.'))
      group by s.id having count(*) >= ${FAILURES_MIN}`)
    return rows.map((row) => ({
      subjectKind: 'service',
      subjectId: row.id,
      subjectName: row.name,
      jurisdiction: row.jurisdiction,
      departmentId: row.department_id,
      detail: {
        zh: `2 分钟内有 ${row.failed} 次调用因平台原因失败`,
        en: `${row.failed} calls failed within 2 minutes for reasons of the platform`,
      },
    }))
  },
})
