import { sql } from 'kysely'
import { indicator } from '../indicator.ts'

export const quality = indicator({
  name: 'quality',
  words: { zh: '数据合格率', en: 'Quality' },
  unit: { zh: '%', en: '%' },
  definition: {
    zh: '统计期内各信息资源最近一次完成的全量核验中，判定合格的数据占全部判定的比例，按提供部门计',
    en: 'Of what the last complete check of each dataset within the period judged, the part that was right, by provider',
  },
  kind: 'ratio',
  count: ({ db, from, cutOff }) =>
    db.many(sql`select r.department_id as "departmentId", sum(s.right_count)::text as part, sum(s.judged)::text as whole
      from (select distinct on (dataset_id) id, department_id from check_run
          where kind = 'full' and state = 'done' and finished_at >= ${from} and finished_at < ${cutOff}
          order by dataset_id, finished_at desc) r
        join check_score s on s.run_id = r.id group by 1`),
})
