import { sql } from 'kysely'
import { indicator } from '../indicator.ts'

export const workOrders = indicator({
  name: 'work_orders',
  words: { zh: '质量整改工单', en: 'Work orders' },
  unit: { zh: '件', en: 'orders' },
  definition: {
    zh: '统计期内（法定时间）下发的质量整改工单，按承办的提供部门计',
    en: 'Work orders of quality given out in the period (legal time), by the provider that repairs',
  },
  kind: 'flow',
  count: ({ db, from, cutOff }) =>
    db.many(sql`select department_id as "departmentId", count(*)::text as value from work_order
      where opened_at >= ${from} and opened_at < ${cutOff} group by 1`),
})
