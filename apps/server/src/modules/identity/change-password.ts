import { changePassword } from '@huitong/contract/identity'
import { sql } from 'kysely'
import { place, refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'
import { countFailure } from './login.ts'
import { checkPassword, EARLIER_MAX, hashPassword, requireStrong } from './password.ts'
import { tokenHash } from './sessions.ts'
import { isAdministrator } from './views.ts'

/** Changes the caller's own password; all other sessions of the person end. */
export const changePasswordVerb = command<typeof changePassword>({
  endpoint: changePassword,
  audit: (_input, _reply) => ({ objectKind: 'credential', objectId: 'own' }),
  async run({ db, services, actor, now, client }, { body }) {
    const row = await db.one<{
      account: string
      password: string
      earlier: string[]
      locked_until: Date | null
    }>(sql`select p.account, c.password, c.earlier, c.locked_until
      from person p join credential c on c.person_id = p.id where p.id = ${actor.id}`)
    // A stolen session must not become a way to try passwords without the lockout of the login.
    const locked = row.locked_until !== null && row.locked_until > now
    if (!(await checkPassword(row.password, body.current)) || locked) {
      if (!locked) await countFailure(services, actor.id)
      refuse('session.credentials', { detail: locked ? 'locked' : 'wrong' })
    }
    requireStrong(body.next, row.account, { administrator: isAdministrator(actor.roles), path: '/next' })
    const earlier = [row.password, ...row.earlier].slice(0, EARLIER_MAX)
    for (const one of earlier)
      if (await checkPassword(one, body.next))
        refuse('password.weak', {
          places: [place('/next', `不得与最近 ${EARLIER_MAX} 次密码相同`, `not one of the last ${EARLIER_MAX}`)],
        })
    const changed =
      await db.run(sql`update credential set password = ${await hashPassword(body.next)}, earlier = ${earlier}, changed_at = ${now},
        must_change = false
      where person_id = ${actor.id} and password = ${row.password}`)
    if (changed === 0) refuse('object.changed')
    await db.run(
      sql`delete from session where person_id = ${actor.id} and token_hash <> ${tokenHash(client.token ?? '')}`,
    )
    return {}
  },
})
