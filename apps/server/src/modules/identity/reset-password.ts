import { resetPassword } from '@huitong/contract/identity'
import { sql } from 'kysely'
import { refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'
import { EARLIER_MAX, hashPassword, requireStrong } from './password.ts'
import { isAdministrator, readPersonView } from './views.ts'

/**
 * Gives a person who forgot the password a first one again: it opens nothing but its own change, all sessions of the
 * person end, and a lockout ends. Nobody resets his own. One of the three administrators (三员) gets it from another
 * administrator only, also where some other role may manage accounts.
 */
export const resetPasswordVerb = command<typeof resetPassword>({
  endpoint: resetPassword,
  rows: 'accounts',
  audit: (_input, reply) => ({
    objectKind: 'person',
    objectId: reply.id,
    detail: { administrator: isAdministrator(reply.roles.map((role) => role.name)) },
  }),
  async run({ db, actor, now }, { params, body, match }) {
    if (params.id === actor.id) refuse('request.same_person', { detail: 'own password' })
    const person = await readPersonView(db, params.id)
    const administrator = isAdministrator(person.roles.map((role) => role.name))
    if (administrator && !isAdministrator(actor.roles))
      refuse('permission.denied', { detail: 'by an administrator only' })
    requireStrong(body.password, person.account, { administrator, path: '/password' })
    const changed = await db.run(
      sql`update person set version = version + 1 where id = ${params.id} and version = ${match}`,
    )
    if (changed === 0) refuse('object.changed')
    await db.run(sql`update credential set password = ${await hashPassword(body.password)}, changed_at = ${now},
        earlier = (array[password] || earlier)[1:${EARLIER_MAX}], must_change = true, failures = 0, locked_until = null
      where person_id = ${params.id}`)
    await db.run(sql`delete from session where person_id = ${params.id}`)
    return readPersonView(db, params.id)
  },
})
