import { readDepartment } from '@huitong/contract/identity'
import { query } from '../../kernel/verb.ts'
import { readDepartmentView } from './views.ts'

/** One department. */
export const readDepartmentVerb = query<typeof readDepartment>({
  endpoint: readDepartment,
  audit: null,
  run: ({ db }, { params }) => readDepartmentView(db, params.id),
})
