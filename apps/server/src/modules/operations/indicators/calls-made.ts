import { sql } from 'kysely'
import { indicator } from '../indicator.ts'
import { CALLS } from './calls.ts'

export const callsMade = indicator({
  name: 'calls_made',
  words: { zh: '接口调用', en: 'Calls made' },
  unit: { zh: '次', en: 'calls' },
  definition: {
    zh: '统计期内本部门应用发起并逐次记录的共享接口调用，含被拒绝的，按调用部门计；无法确认应用的和超配额后合并计数的不计',
    en: 'Calls that a department’s applications made in the period and that have a record of their own, refused ones too; calls of unknown applications, and those counted together after a quota was used up, are left out',
  },
  kind: 'flow',
  count: ({ db, from, cutOff }) =>
    db.many(sql`select department_id as "departmentId", sum(calls)::text as value from ${CALLS}
      where minute >= ${from} and minute < ${cutOff} group by 1`),
})
