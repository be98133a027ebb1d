import { sql } from 'kysely'
import { indicator } from '../indicator.ts'

export const evidenceEntries = indicator({
  name: 'evidence_entries',
  words: { zh: '存证条目', en: 'Evidence' },
  unit: { zh: '条', en: 'entries' },
  definition: {
    zh: '统计期内发生并已写入存证账本的行为，按行为人所属部门计；平台自动执行的不归属部门，不计',
    en: 'Acts of the period that stand in the ledger, by the department of who acted; what the platform does by itself belongs to none and is left out',
  },
  kind: 'flow',
  count: ({ db, from, cutOff }) =>
    db.many(sql`select a.department_id as "departmentId", count(*)::text as value
      from audit a join audit_leaf l on l.audit_id = a.id
      where a.department_id is not null and a.at >= ${from} and a.at < ${cutOff} group by 1`),
})
