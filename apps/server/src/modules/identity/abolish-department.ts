import { abolishDepartment } from '@huitong/contract/identity'
import { sql } from 'kysely'
import { place, refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'
import { readDepartmentView } from './views.ts'

/** Abolishes a department: what belonged to it passes to its successor from that day on. */
export const abolishDepartmentVerb = command<typeof abolishDepartment>({
  endpoint: abolishDepartment,
  audit: ({ params, body }) => ({
    objectKind: 'department',
    objectId: params.id,
    detail: { successor: body.successorId },
  }),
  async run({ db }, { params, body, match }) {
    const before = await readDepartmentView(db, params.id)
    const successor = await readDepartmentView(db, body.successorId)
    if (before.validTo !== null || successor.validTo !== null) refuse('department.abolished')
    if (before.id === successor.id)
      refuse('request.invalid', { places: [place('/successorId', '不能由自己承接', 'cannot succeed itself')] })
    if (body.validTo < before.validFrom)
      refuse('request.invalid', { places: [place('/validTo', '早于设立日期', 'earlier than the founding')] })
    const changed =
      await db.run(sql`update department set valid_to = ${body.validTo}, successor_id = ${body.successorId},
      version = version + 1 where id = ${params.id} and version = ${match}`)
    if (changed === 0) refuse('object.changed')
    for (const [table, column] of HELD)
      await db.run(
        sql`update ${sql.table(table)} set ${sql.ref(column)} = ${body.successorId} where ${sql.ref(column)} = ${params.id}`,
      )
    return readDepartmentView(db, params.id)
  },
})

/** What a department holds and its successor takes over. Signed documents (grants) keep the name that they were signed with. */
const HELD = [
  ['person', 'department_id'],
  ['department', 'parent_id'],
  ['node', 'department_id'],
  ['data_source', 'department_id'],
  ['source_table', 'department_id'],
  ['dataset', 'department_id'],
  ['dataset_version', 'department_id'],
  ['distribution', 'department_id'],
  ['access_request', 'applicant_department_id'],
  ['access_request', 'provider_department_id'],
  ['obligation', 'department_id'],
] as const
