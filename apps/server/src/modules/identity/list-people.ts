import { listPeople } from '@huitong/contract/identity'
import { sql } from 'kysely'
import { pageAt, pageOf } from '../../kernel/paging.ts'
import { query } from '../../kernel/verb.ts'
import { personView, SELECT_PERSON, type PersonRow } from './views.ts'

/** People of the jurisdiction, or of one department, by account. */
export const listPeopleVerb = query<typeof listPeople>({
  endpoint: listPeople,
  audit: null,
  async run({ db }, input) {
    const at = pageAt(input.query, 1)
    const department = input.query.departmentId ? sql`and p.department_id = ${input.query.departmentId}` : sql``
    const rows = await db.many<PersonRow>(sql`${SELECT_PERSON} where p.account > ${at.after?.[0] ?? ''} ${department}
      order by p.account limit ${at.limit + 1}`)
    return pageOf(rows, at, (row) => [row.account], personView)
  },
})
