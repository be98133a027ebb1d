import { login } from '@huitong/contract/identity'
import { sql } from 'kysely'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { refuse } from '../../kernel/errors.ts'
import type { Services } from '../../kernel/services.ts'
import { command } from '../../kernel/verb.ts'
import { checkPassword } from './password.ts'
import { sessionView } from './session-view.ts'
import { startSession } from './sessions.ts'

interface Candidate {
  id: string
  password: string
  locked_until: Date | null
  disabled: boolean
}

interface Checked {
  readonly password: string | null
  readonly matches: boolean
}

/**
 * Signs in by account and password. An unknown account, a wrong password, a locked or a disabled account all get the
 * same answer after the same work (等保 L3: no hints, lockout after repeated failures).
 */
export const loginVerb = command<typeof login>({
  endpoint: login,
  rows: 'system',
  audit: (_input, reply) => ({ objectKind: 'session', objectId: reply.person.id }),
  // The hash takes its time and memory; no connection of the database waits for it.
  async prepare(services, { body }) {
    const stored = await services.db.read(SYSTEM_ROWS, (db) =>
      db.maybe<{ password: string }>(sql`select c.password
        from person p join credential c on c.person_id = p.id where p.account = ${body.account}`),
    )
    const password = stored?.password ?? null
    return { password, matches: await checkPassword(password, body.password) } satisfies Checked
  },
  async run({ db, services, now, client, setSession, prepared }, { body }) {
    const candidate = await db.maybe<Candidate>(sql`select p.id, c.password, c.locked_until, p.disabled
      from person p join credential c on c.person_id = p.id where p.account = ${body.account}`)
    const checked = prepared as Checked
    const matches = checked.matches && checked.password === candidate?.password
    const locked = candidate?.locked_until != null && candidate.locked_until > now
    if (!candidate || !matches || locked || candidate.disabled) {
      if (candidate && !matches && !locked) await countFailure(services, candidate.id)
      refuse('session.credentials', {
        detail: locked ? 'locked' : 'wrong',
        ...(candidate ? { about: candidate.id } : {}),
      })
    }
    // Asked again: guesses that ran at the same time may have locked the account, or the password was changed meanwhile.
    const open = await db.run(sql`update credential set failures = 0, locked_until = null
      where person_id = ${candidate.id} and password = ${candidate.password} and (locked_until is null or locked_until <= ${now})`)
    if (open === 0) refuse('session.credentials', { detail: 'locked or changed meanwhile', about: candidate.id })
    const { token, expiresAt } = await startSession(db, services, candidate, client)
    setSession(token)
    return sessionView(db, services, candidate.id, expiresAt)
  },
})

/** Counts a wrong password. The count survives the refused act, so it is written apart, as technical state. */
export async function countFailure(services: Services, personId: string): Promise<void> {
  const { lockoutFailures, lockoutMinutes } = services.settings
  const until = new Date(services.clock.now().getTime() + lockoutMinutes * 60_000)
  await services.db.tick((db) =>
    db.run(sql`update credential set failures = case when failures + 1 >= ${lockoutFailures} then 0 else failures + 1 end,
        locked_until = case when failures + 1 >= ${lockoutFailures} then ${until}::timestamptz else locked_until end
      where person_id = ${personId}`),
  )
}
