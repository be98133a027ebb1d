import { logout } from '@huitong/contract/identity'
import { sql } from 'kysely'
import { command } from '../../kernel/verb.ts'
import { tokenHash } from './sessions.ts'

/** Ends the session of the request. */
export const logoutVerb = command<typeof logout>({
  endpoint: logout,
  audit: () => ({ objectKind: 'session', objectId: '-' }),
  async run({ db, client, setSession }) {
    if (client.token) await db.run(sql`delete from session where token_hash = ${tokenHash(client.token)}`)
    setSession(null)
    return {}
  },
})
