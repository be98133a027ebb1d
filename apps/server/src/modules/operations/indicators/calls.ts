import { sql } from 'kysely'
import { indicator } from '../indicator.ts'

/** Sealed minutes and the calls that wait for their seal. */
export const CALLS = sql.raw(`(select minute, department_id, provider_department_id, outcome, calls from call_count
  union all select minute, department_id, provider_department_id, outcome, 1 from service_call where root_id is null) k`)

export const calls = indicator({
  name: 'calls',
  words: { zh: '接口应答', en: 'Calls answered' },
  unit: { zh: '次', en: 'calls' },
  definition: {
    zh: '统计期内以本部门数据成功应答的共享接口调用，按数据提供部门计；被拒绝的调用不计',
    en: 'Calls of shared interfaces that were answered from a department’s data in the period, by provider; refused calls are left out',
  },
  kind: 'flow',
  count: ({ db, from, cutOff }) =>
    db.many(sql`select provider_department_id as "departmentId", sum(calls)::text as value from ${CALLS}
      where outcome = 'ok' and provider_department_id is not null and minute >= ${from} and minute < ${cutOff} group by 1`),
})
