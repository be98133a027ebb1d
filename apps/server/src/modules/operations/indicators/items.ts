import { sql } from 'kysely'
import { indicator } from '../indicator.ts'

export const items = indicator({
  name: 'items',
  words: { zh: '信息项', en: 'Items' },
  unit: { zh: '项', en: 'items' },
  definition: {
    zh: '已发布信息资源现行版本的信息项，按提供部门计',
    en: 'Items of the live versions of published datasets, by provider',
  },
  kind: 'stock',
  count: ({ db, cutOff }) =>
    db.many(sql`select d.department_id as "departmentId", count(*)::text as value
      from dataset d join data_item i on i.dataset_id = d.id and i.dataset_version = d.live_version
      where d.state = 'published' and d.published_at < ${cutOff} group by 1`),
})
