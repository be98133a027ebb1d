import { sql } from 'kysely'
import { indicator } from '../indicator.ts'

export const requestsOnTime = indicator({
  name: 'requests_on_time',
  words: { zh: '申请按时办理率', en: 'On time' },
  unit: { zh: '%', en: '%' },
  definition: {
    zh: '统计期内提出的共享申请中，已办结或已到期的法定时限里按时办结的比例；按承担时限的部门计，延期的按延期后的时限，撤销的不计',
    en: 'Of the legal deadlines of requests made in the period that were met or have passed, those met in time; by the department that had to act, extended limits as extended, cancelled ones left out',
  },
  kind: 'ratio',
  count: ({ db, from, cutOff }) =>
    db.many(sql`select o.department_id as "departmentId",
        count(*) filter (where o.fulfilled_at is not null and o.overdue_at is null
          and o.fulfilled_at < coalesce(o.extended_to, o.due_at))::text as part,
        count(*)::text as whole
      from obligation o join access_request r on r.id = o.subject_id
      where o.subject_kind = 'request' and o.cancelled_at is null and r.created_at >= ${from} and r.created_at < ${cutOff}
        and (o.fulfilled_at is not null or o.overdue_at is not null)
      group by 1`),
})
