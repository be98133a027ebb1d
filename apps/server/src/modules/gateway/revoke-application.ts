import { revokeApplication } from '@huitong/contract/gateway'
import { sql } from 'kysely'
import { refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'
import { findApplication } from './service-view.ts'

/** Ends a credential at once and for ever. */
export const revokeApplicationVerb = command<typeof revokeApplication>({
  endpoint: revokeApplication,
  audit: ({ params, body }, reply) => ({
    objectKind: 'application',
    objectId: params.id,
    detail: { appId: reply.appId, reason: body.reason },
  }),
  async run({ db, actor, now }, { params, match }) {
    const before = await findApplication(db, actor, params.id)
    if (before.departmentId !== actor.departmentId) refuse('permission.denied')
    if (before.revokedAt !== null) refuse('object.state')
    const changed = await db.run(
      sql`update application set revoked_at = ${now}, version = version + 1 where id = ${params.id} and version = ${match}`,
    )
    if (changed === 0) refuse('object.changed')
    return findApplication(db, actor, params.id)
  },
})
