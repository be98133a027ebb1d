import { renameDepartment } from '@huitong/contract/identity'
import { sql } from 'kysely'
import { refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'
import { readDepartmentView } from './views.ts'

/** Renames a department; its identity, rights and duties stay. */
export const renameDepartmentVerb = command<typeof renameDepartment>({
  endpoint: renameDepartment,
  audit: ({ params, body }) => ({ objectKind: 'department', objectId: params.id, detail: { name: body.name.zh } }),
  async run({ db }, { params, body, match }) {
    const before = await readDepartmentView(db, params.id)
    if (before.validTo !== null) refuse('department.abolished')
    const changed = await db.run(sql`update department set name = ${JSON.stringify(body.name)}, version = version + 1
      where id = ${params.id} and version = ${match}`)
    if (changed === 0) refuse('object.changed')
    return readDepartmentView(db, params.id)
  },
})
