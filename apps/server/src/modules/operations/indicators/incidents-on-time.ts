import { sql } from 'kysely'
import { indicator } from '../indicator.ts'

export const incidentsOnTime = indicator({
  name: 'incidents_on_time',
  words: { zh: '故障按时恢复率', en: 'Restored in time' },
  unit: { zh: '%', en: '%' },
  definition: {
    zh: '统计期内发生且已恢复的故障中，响应和恢复都在时限内的比例，按责任部门计',
    en: 'Of the incidents that began in the period and are restored, those answered and restored within their limits',
  },
  kind: 'ratio',
  count: ({ db, from, cutOff }) =>
    db.many(sql`select i.department_id as "departmentId",
        count(*) filter (where i.responded_at < i.response_due_at and i.restored_at < i.restore_due_at)::text as part,
        count(*)::text as whole
      from incident i join incident_note n on n.incident_id = i.id and n.kind = 'opened'
      where i.restored_at is not null and n.at >= ${from} and n.at < ${cutOff} group by 1`),
})
