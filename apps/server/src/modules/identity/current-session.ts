import { currentSession } from '@huitong/contract/identity'
import { sql } from 'kysely'
import { query } from '../../kernel/verb.ts'
import { sessionView } from './session-view.ts'
import { tokenHash } from './sessions.ts'

/** The session of the request: person, permissions, end. */
export const currentSessionVerb = query<typeof currentSession>({
  endpoint: currentSession,
  audit: null,
  async run({ db, actor, services, client }) {
    const { expires_at } = await db.one<{ expires_at: Date }>(
      sql`select expires_at from session where token_hash = ${tokenHash(client.token ?? '')}`,
    )
    return sessionView(db, services, actor.id, expires_at)
  },
})
