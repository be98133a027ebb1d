import { sql } from 'kysely'
import { indicator } from '../indicator.ts'

export const datasets = indicator({
  name: 'datasets',
  words: { zh: '已发布信息资源', en: 'Datasets' },
  unit: { zh: '个', en: 'datasets' },
  definition: {
    zh: '截止时点之前发布、目前仍在发布状态的信息资源，按提供部门计',
    en: 'Datasets published before the cut-off and still published, by provider',
  },
  kind: 'stock',
  count: ({ db, cutOff }) =>
    db.many(sql`select department_id as "departmentId", count(*)::text as value from dataset
      where state = 'published' and published_at < ${cutOff} group by 1`),
})
