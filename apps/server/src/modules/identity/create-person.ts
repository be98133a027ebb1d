import { randomUUID } from 'node:crypto'
import { createPerson } from '@huitong/contract/identity'
import { sql } from 'kysely'
import { place, refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'
import { hashPassword, requireStrong } from './password.ts'
import { readDepartmentView, readPersonView } from './views.ts'

/**
 * Opens an account for a person, without any role: roles are the security administrator's to give. The password is known
 * to whoever opened the account, so it opens nothing but its own change.
 */
export const createPersonVerb = command<typeof createPerson>({
  endpoint: createPerson,
  rows: 'accounts',
  audit: (_input, reply) => ({
    objectKind: 'person',
    objectId: reply.id,
    detail: { departmentId: reply.departmentId },
  }),
  async run({ db, actor, now }, { body }) {
    requireStrong(body.password, body.account, { administrator: false, path: '/password' })
    const department = await readDepartmentView(db, body.departmentId)
    if (department.validTo !== null) refuse('department.abolished')
    const id = randomUUID()
    const made = await db.run(sql`insert into person (id, jurisdiction, department_id, account, name)
      values (${id}, ${actor.jurisdiction}, ${body.departmentId}, ${body.account}, ${body.name}) on conflict (account) do nothing`)
    if (made === 0) refuse('object.exists', { places: [place('/account', '账号已存在', 'this account exists')] })
    await db.run(
      sql`insert into credential (person_id, password, changed_at, must_change)
        values (${id}, ${await hashPassword(body.password)}, ${now}, true)`,
    )
    return readPersonView(db, id)
  },
})
