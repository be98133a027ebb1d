import { abolishDepartment } from '@huitong/contract/identity'
import { sql } from 'kysely'
import type { Reader } from '../../kernel/db.ts'
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
    if (before.kind === 'bureau' && successor.kind !== 'bureau') await requireOtherAuthority(db, before.id)
    const changed =
      await db.run(sql`update department set valid_to = ${body.validTo}, successor_id = ${body.successorId},
      version = version + 1 where id = ${params.id} and version = ${match}`)
    if (changed === 0) refuse('object.changed')
    // A successor that stood anywhere below the abolished department moves up, or it would stand below itself.
    await db.run(sql`with recursive below as (
        select id from department where parent_id = ${before.id}
        union select d.id from department d join below b on d.parent_id = b.id)
      update department set parent_id = ${before.parentId}
      where id = ${successor.id} and id in (select id from below)`)
    for (const [table, column] of HELD)
      await db.run(
        sql`update ${sql.table(table)} set ${sql.ref(column)} = ${body.successorId} where ${sql.ref(column)} = ${params.id}`,
      )
    return readDepartmentView(db, params.id)
  },
})

/** The last data bureau passes to a bureau only: without an authority no dataset could be published and no deadline owed. */
async function requireOtherAuthority(db: Reader, id: string): Promise<void> {
  const other = await db.maybe(sql`select 1 from department where kind = 'bureau' and valid_to is null and id <> ${id}`)
  if (!other)
    refuse('object.state', {
      places: [place('/successorId', '主管部门只能由主管部门承接', 'the last authority passes to an authority only')],
    })
}

/**
 * What a department holds and its successor takes over. A grant's signed document keeps the names that it was signed
 * with; the columns beside it say who sees it, revokes it and receives under it now.
 */
export const HELD = [
  ['person', 'department_id'],
  ['department', 'parent_id'],
  ['node', 'department_id'],
  ['data_source', 'department_id'],
  ['source_table', 'department_id'],
  ['upload', 'department_id'],
  ['dataset', 'department_id'],
  ['dataset_version', 'department_id'],
  ['distribution', 'department_id'],
  ['front_table', 'department_id'],
  ['access_request', 'applicant_department_id'],
  ['access_request', 'provider_department_id'],
  ['access_grant', 'grantor_department_id'],
  ['access_grant', 'grantee_department_id'],
  ['obligation', 'department_id'],
  ['channel', 'provider_department_id'],
  ['channel', 'consumer_department_id'],
  ['reconciliation', 'provider_department_id'],
  ['reconciliation', 'consumer_department_id'],
  ['statement', 'provider_department_id'],
  ['statement', 'consumer_department_id'],
  ['dataset_search', 'department_id'],
  ['application', 'department_id'],
  ['service', 'department_id'],
  ['service', 'provider_department_id'],
  ['proxied_service', 'department_id'],
  ['proxied_service', 'provider_department_id'],
  ['service_opening', 'department_id'],
  ['service_opening', 'provider_department_id'],
  ['fusion_run', 'department_id'],
  ['alert', 'department_id'],
  ['incident', 'department_id'],
  ['rule_suite', 'department_id'],
  ['check_run', 'department_id'],
  ['recipe', 'department_id'],
  ['recipe_run', 'department_id'],
  ['work_order', 'department_id'],
  ['correction', 'provider_department_id'],
  ['correction', 'applicant_department_id'],
  ['violation', 'department_id'],
  ['item_binding', 'department_id'],
  ['lineage_job', 'department_id'],
] as const

/** What was done stays with the department that did it: its successor takes over duties and things, not the past. */
export const PAST = [
  ['audit', 'department_id'],
  ['request_decision', 'department_id'],
  ['source_consent', 'department_id'],
  ['question', 'department_id'],
  ['saved_question', 'department_id'],
  ['service_call', 'department_id'],
  ['service_call', 'provider_department_id'],
  ['service_refusal', 'department_id'],
  ['service_refusal', 'provider_department_id'],
  ['call_count', 'department_id'],
  ['call_count', 'provider_department_id'],
  ['call_root', 'department_id'],
  ['call_root', 'provider_department_id'],
] as const
