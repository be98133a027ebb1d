import { sql } from 'kysely'
import { indicator } from '../indicator.ts'

export const workOrdersClosed = indicator({
  name: 'work_orders_closed',
  words: { zh: '整改工单办结率', en: 'Orders closed' },
  unit: { zh: '%', en: '%' },
  definition: {
    zh: '统计期内（法定时间）下发的质量整改工单中，截止时点之前经复核关闭的比例，按承办的提供部门计',
    en: 'Of the work orders given out in the period (legal time), those closed by a recheck before the cut-off',
  },
  kind: 'ratio',
  count: ({ db, from, cutOff }) =>
    db.many(sql`select department_id as "departmentId",
        count(*) filter (where state = 'closed' and closed_at < ${cutOff})::text as part, count(*)::text as whole
      from work_order where opened_at >= ${from} and opened_at < ${cutOff} group by 1`),
})
