import { sql } from 'kysely'
import { indicator } from '../indicator.ts'

export const incidents = indicator({
  name: 'incidents',
  words: { zh: '故障', en: 'Incidents' },
  unit: { zh: '起', en: 'incidents' },
  definition: {
    zh: '统计期内发生的故障，按责任部门计；平台自身的故障计入运行平台的部门',
    en: 'Incidents that began in the period, by the department whose matter they are; those of the platform itself count for who operates it',
  },
  kind: 'flow',
  count: ({ db, from, cutOff }) =>
    // The working clock may show legal time, so the first note says when it really began.
    db.many(sql`select i.department_id as "departmentId", count(*)::text as value
      from incident i join incident_note n on n.incident_id = i.id and n.kind = 'opened'
      where n.at >= ${from} and n.at < ${cutOff} group by 1`),
})
