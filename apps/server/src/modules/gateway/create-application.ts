import { randomUUID } from 'node:crypto'
import { createApplication } from '@huitong/contract/gateway'
import { sql } from 'kysely'
import { command } from '../../kernel/verb.ts'
import { secretContext } from './registry.ts'
import { newAppId, newSecret } from './secret.ts'
import { findApplication } from './service-view.ts'

/** Makes a credential for an application of the developer's own department; its secret is shown in this reply only. */
export const createApplicationVerb = command<typeof createApplication>({
  endpoint: createApplication,
  audit: (_input, { application }) => ({
    objectKind: 'application',
    objectId: application.id,
    detail: { appId: application.appId },
  }),
  async run({ db, actor, now, services }, { body }) {
    const id = randomUUID()
    const secret = newSecret()
    await db.run(sql`insert into application (id, app_id, jurisdiction, department_id, name, secret, secret_at, created_by, created_at)
      values (${id}, ${newAppId()}, ${actor.jurisdiction}, ${actor.departmentId}, ${body.name},
        ${services.secrets.seal(Buffer.from(secret), secretContext(id))}, ${now}, ${actor.id}, ${now})`)
    return { application: await findApplication(db, actor, id), secret }
  },
})
