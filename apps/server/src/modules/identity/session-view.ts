import type { Static } from 'typebox'
import type { SessionView } from '@huitong/contract/identity'
import { sql } from 'kysely'
import type { Reader } from '../../kernel/db.ts'
import type { Services } from '../../kernel/services.ts'
import { readPersonView } from './views.ts'

/** What a signed-in person's pages need to know of the session. */
export async function sessionView(
  db: Reader,
  services: Services,
  personId: string,
  expiresAt: Date,
): Promise<Static<typeof SessionView>> {
  const person = await readPersonView(db, personId)
  const { must_change } = await db.one<{ must_change: boolean }>(
    sql`select must_change from credential where person_id = ${personId}`,
  )
  const { permissions } = await db.one<{ permissions: string[] }>(sql`
    select coalesce(array_agg(distinct permission order by permission), '{}') as permissions
    from person_role pr join role r on r.name = pr.role, unnest(r.permissions) as permission where pr.person_id = ${personId}`)
  const { offset_seconds } = await db.one<{ offset_seconds: number }>(sql`select offset_seconds from legal_clock`)
  return {
    person,
    permissions: must_change ? [] : permissions,
    mustChangePassword: must_change,
    expiresAt: expiresAt.toISOString(),
    idleMinutes: services.settings.sessionIdleMinutes,
    demo: services.settings.demo,
    legalTime: new Date(services.clock.now().getTime() + offset_seconds * 1000).toISOString(),
  }
}
