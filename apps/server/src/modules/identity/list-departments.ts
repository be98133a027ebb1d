import { listDepartments } from '@huitong/contract/identity'
import { sql } from 'kysely'
import { pageAt, pageOf } from '../../kernel/paging.ts'
import { query } from '../../kernel/verb.ts'
import { DEPARTMENT_COLUMNS, departmentView, type DepartmentRow } from './views.ts'

/** Departments of the jurisdiction, those in force first, by credit code. */
export const listDepartmentsVerb = query<typeof listDepartments>({
  endpoint: listDepartments,
  audit: null,
  async run({ db }, input) {
    const at = pageAt(input.query, 2)
    const [ended, code] = at.after ?? ['', '']
    const after = at.after ? sql`and (coalesce(d.valid_to::text, ''), d.credit_code) > (${ended}, ${code})` : sql``
    const q = input.query.q ? sql`and d.name->>'zh' like ${`%${input.query.q.replace(/[\\%_]/g, '\\$&')}%`}` : sql``
    const rows =
      await db.many<DepartmentRow>(sql`select ${DEPARTMENT_COLUMNS} from department d where true ${q} ${after}
      order by coalesce(d.valid_to::text, ''), d.credit_code limit ${at.limit + 1}`)
    return pageOf(rows, at, (row) => [row.valid_to ?? '', row.credit_code], departmentView)
  },
})
