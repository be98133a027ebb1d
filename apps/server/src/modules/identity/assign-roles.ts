import { assignRoles } from '@huitong/contract/identity'
import { sql } from 'kysely'
import { place, refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'
import { isAdministrator, readPersonView } from './views.ts'

/** Gives a person exactly these roles. The three administrators (三员) exclude each other and all business roles. */
export const assignRolesVerb = command<typeof assignRoles>({
  endpoint: assignRoles,
  rows: 'accounts',
  audit: ({ params, body }) => ({ objectKind: 'person', objectId: params.id, detail: { roles: body.roles } }),
  async run({ db, actor }, { params, body, match }) {
    if (params.id === actor.id) refuse('request.same_person', { detail: 'own roles' })
    requireExclusive(body.roles)
    const known = await db.many<{ name: string }>(sql`select name from role where name = any(${body.roles}::text[])`)
    const unknown = body.roles.findIndex((name) => !known.some((row) => row.name === name))
    if (unknown >= 0)
      refuse('request.invalid', { places: [place(`/roles/${unknown}`, '没有这个角色', 'no such role')] })
    const before = await readPersonView(db, params.id)
    const changed = await db.run(
      sql`update person set version = version + 1 where id = ${params.id} and version = ${match}`,
    )
    if (changed === 0) refuse('object.changed')
    await db.run(sql`delete from person_role where person_id = ${params.id}`)
    for (const role of new Set(body.roles))
      await db.run(sql`insert into person_role (person_id, role) values (${params.id}, ${role})`)
    // An administrator's password keeps stricter rules, and nobody else has known it.
    if (isAdministrator(body.roles) && !isAdministrator(before.roles.map((role) => role.name)))
      await db.run(sql`update credential set must_change = true where person_id = ${params.id}`)
    return readPersonView(db, params.id)
  },
})

/** Refuses one of the three administrators together with any other role. */
export function requireExclusive(roles: readonly string[]): void {
  if (new Set(roles).size > 1 && isAdministrator(roles)) refuse('role.conflict')
}
