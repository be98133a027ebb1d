import { renewSecret } from '@huitong/contract/gateway'
import { sql } from 'kysely'
import { refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'
import { secretContext } from './registry.ts'
import { newSecret } from './secret.ts'
import { findApplication } from './service-view.ts'

/** A new secret in place of the old one, which is good for no further call. */
export const renewSecretVerb = command<typeof renewSecret>({
  endpoint: renewSecret,
  audit: ({ params }, { application }) => ({
    objectKind: 'application',
    objectId: params.id,
    detail: { appId: application.appId },
  }),
  async run({ db, actor, now, services }, { params, match }) {
    const before = await findApplication(db, actor, params.id)
    if (before.departmentId !== actor.departmentId) refuse('permission.denied')
    if (before.revokedAt !== null) refuse('object.state')
    const secret = newSecret()
    const changed = await db.run(sql`update application
      set secret = ${services.secrets.seal(Buffer.from(secret), secretContext(params.id))}, secret_at = ${now}, version = version + 1
      where id = ${params.id} and version = ${match}`)
    if (changed === 0) refuse('object.changed')
    return { application: await findApplication(db, actor, params.id), secret }
  },
})
