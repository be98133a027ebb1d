import { sql } from 'kysely'
import { indicator } from '../indicator.ts'

export const requestsMade = indicator({
  name: 'requests_made',
  words: { zh: '提出共享申请', en: 'Requests' },
  unit: { zh: '件', en: 'requests' },
  definition: {
    zh: '统计期内提出的共享申请（含已撤回的），按申请部门计',
    en: 'Requests made in the period, also those withdrawn later, by applicant',
  },
  kind: 'flow',
  count: ({ db, from, cutOff }) =>
    db.many(sql`select applicant_department_id as "departmentId", count(*)::text as value from access_request
      where created_at >= ${from} and created_at < ${cutOff} group by 1`),
})
