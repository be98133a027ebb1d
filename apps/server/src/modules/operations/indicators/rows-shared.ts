import { sql } from 'kysely'
import { indicator } from '../indicator.ts'

export const rowsShared = indicator({
  name: 'rows_shared',
  words: { zh: '共享数据量', en: 'Rows shared' },
  unit: { zh: '行', en: 'rows' },
  definition: {
    zh: '统计期内接收方已入库并回执、且该轮次已完整到达的批次行数，按提供部门计；多次全量重复计，增量逐次计，未完成的轮次和对账修复不计',
    en: 'Rows of segments that the consumer applied and receipted in the period, of copies that arrived whole, by provider; each full copy and each increment counts again, unfinished ones and repairs are left out',
  },
  kind: 'flow',
  count: ({ db, from, cutOff }) =>
    db.many(sql`select c.provider_department_id as "departmentId", sum(g.rows)::text as value
      from segment g join stream s on s.id = g.stream_id and s.generation = g.generation
        join channel c on c.id = g.channel_id
      where g.state = 'applied' and g.applied_at >= ${from} and g.applied_at < ${cutOff}
        and s.kind <> 'repair'
        and case s.kind when 'changes' then s.source_rows is not null when 'log' then true else s.source_rows = s.target_rows end
      group by 1`),
})
