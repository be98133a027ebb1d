import { createHash, randomBytes } from 'node:crypto'
import type { Endpoint } from '@huitong/contract'
import { changePassword, currentSession, logout } from '@huitong/contract/identity'
import { sql } from 'kysely'
import { PUBLIC, type Actor, type Person } from '../../kernel/actor.ts'
import type { Writer } from '../../kernel/db.ts'
import { refuse } from '../../kernel/errors.ts'
import type { Services } from '../../kernel/services.ts'

const SEEN_EVERY_MS = 30_000
const TOKEN_BYTES = 32

export const tokenHash = (token: string) => createHash('sha256').update(token).digest()

/** Starts a session and answers its token; only the token's hash is kept. */
export async function startSession(
  db: Writer,
  services: Services,
  person: { id: string },
  client: { agent: string | null },
): Promise<{ token: string; expiresAt: Date }> {
  const token = randomBytes(TOKEN_BYTES).toString('base64url')
  const now = services.clock.now()
  const expiresAt = new Date(now.getTime() + services.settings.sessionHoursMax * 3_600_000)
  await db.run(sql`insert into session (token_hash, person_id, created_at, seen_at, expires_at, agent)
    values (${tokenHash(token)}, ${person.id}, ${now}, ${now}, ${expiresAt}, ${client.agent})`)
  return { token, expiresAt }
}

interface SessionRow {
  person_id: string
  name: string
  department_id: string
  jurisdiction: string
  seen_at: Date
  expires_at: Date
  roles: string[] | null
  permissions: string[] | null
  wide: string[] | null
  must_change: boolean
}

/** The person of a session token; null when there is no such session, or it is idle or over, or the person is disabled. */
export async function personOfToken(services: Services, token: string): Promise<Person | null> {
  const now = services.clock.now()
  const hash = tokenHash(token)
  return services.db.tick(async (db) => {
    const row = await db.maybe<SessionRow>(sql`
      select s.person_id, p.name, p.department_id, p.jurisdiction, s.seen_at, s.expires_at, c.must_change,
        array_agg(distinct r.name) filter (where r.name is not null) as roles,
        array_agg(distinct permission) filter (where permission is not null) as permissions,
        array_agg(distinct permission) filter (where permission is not null and r.scope = 'jurisdiction') as wide
      from session s join person p on p.id = s.person_id join credential c on c.person_id = p.id
        left join person_role pr on pr.person_id = p.id left join role r on r.name = pr.role
        left join lateral unnest(r.permissions) as permission on true
      where s.token_hash = ${hash} and not p.disabled
      group by s.token_hash, p.id, c.person_id`)
    if (!row) return null
    const idleMs = services.settings.sessionIdleMinutes * 60_000
    if (row.expires_at <= now || now.getTime() - row.seen_at.getTime() > idleMs) {
      await db.run(sql`delete from session where token_hash = ${hash}`)
      return null
    }
    if (now.getTime() - row.seen_at.getTime() > SEEN_EVERY_MS)
      await db.run(sql`update session set seen_at = ${now} where token_hash = ${hash}`)
    return personOf(row)
  })
}

function personOf(row: SessionRow): Person {
  return {
    kind: 'person',
    id: row.person_id,
    name: row.name,
    departmentId: row.department_id,
    jurisdiction: row.jurisdiction,
    roles: row.roles ?? [],
    permissions: new Set(row.must_change ? [] : row.permissions),
    wide: new Set(row.must_change ? [] : row.wide),
    mustChangePassword: row.must_change,
  }
}

/** All that a session may do while somebody else may know its password. */
const BEFORE_CHANGE: ReadonlySet<Endpoint> = new Set<Endpoint>([currentSession, changePassword, logout])

/** Who sends the request, by its session cookie. Public endpoints do without. */
export async function authenticateSession(
  services: Services,
  endpoint: Endpoint,
  token: string | null,
): Promise<Actor> {
  if (endpoint.access === 'public') return PUBLIC
  if (token === null) refuse('session.required')
  const person = (await personOfToken(services, token)) ?? refuse('session.required')
  if (person.mustChangePassword && !BEFORE_CHANGE.has(endpoint)) refuse('password.must_change')
  return person
}
