import {
  assignRoles,
  changePassword,
  currentSession,
  listPeople,
  resetPassword,
  type PersonView,
} from '@huitong/contract/identity'
import { sql } from 'kysely'
import type { Static } from 'typebox'
import { describe, expect, test } from 'vitest'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { guards, pathsOf, refused } from '../../../../../tests/harness/guards.ts'
import { PASSWORD, usePlatform, type Account } from '../../../../../tests/harness/platform.ts'
import { enter, hire, NO_ID, personOf } from './testing/people.ts'

const FIRST = 'First-Horse-11'

describe('reset a password', () => {
  const platform = usePlatform()
  const reset = async (by: Account, person: Static<typeof PersonView>, password = FIRST) =>
    (await platform.as(by)).call(
      resetPassword,
      { params: { id: person.id }, body: { password } },
      { match: (await personOf(platform, person.account)).version },
    )
  guards(platform, resetPassword, {
    input: async () => ({ params: { id: (await personOf(platform, 'operator')).id }, body: { password: FIRST } }),
    denied: ['secadmin', 'auditor', 'authority', 'centre', 'civil-head'],
    allowed: 'sysadmin',
  })

  test('200: sessions end, the old password is gone, and the first one opens nothing but its change', async () => {
    const person = await hire(platform, 'forgetful', platform.departments.civil, ['data_officer'])
    const session = await enter(platform, 'forgetful')
    expect((await reset('sysadmin', person)).version).toBe(person.version + 1)
    await refused(session.call(currentSession), 'session.required')
    await refused(enter(platform, 'forgetful'), 'session.credentials')
    const fresh = await enter(platform, 'forgetful', FIRST)
    expect((await fresh.call(currentSession)).mustChangePassword).toBe(true)
    await refused(fresh.call(listPeople), 'password.must_change')
    // Neither the first password nor the forgotten one becomes his own.
    for (const next of [FIRST, PASSWORD])
      await refused(fresh.call(changePassword, { body: { current: FIRST, next } }), 'password.weak')
    await fresh.call(changePassword, { body: { current: FIRST, next: 'Own-Horse-12' } })
    await fresh.call(listPeople)
  })

  test('200: an account that guesses have locked is open again', async () => {
    const person = await hire(platform, 'locked-out', platform.departments.civil, [])
    for (let n = 0; n < 5; n++) await refused(enter(platform, 'locked-out', `Wrong-Horse-${n}`), 'session.credentials')
    await refused(enter(platform, 'locked-out'), 'session.credentials')
    await reset('sysadmin', person)
    await enter(platform, 'locked-out', FIRST)
  })

  test('the act is audited without the password', async () => {
    const person = await hire(platform, 'audited', platform.departments.civil, [])
    await reset('sysadmin', person)
    const row = await platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.one<{ actor_name: string; content: string }>(sql`select actor_name, content from audit
        where action = ${resetPassword.id} and outcome = 'done' and object_id = ${person.id}`),
    )
    expect(JSON.parse(row.content)).toMatchObject({ object: { kind: 'person', id: person.id } })
    expect(row.content).not.toContain(FIRST)
  })

  test('409: nobody resets his own', async () => {
    await refused(reset('sysadmin', await personOf(platform, 'sysadmin')), 'request.same_person')
    await enter(platform, 'sysadmin')
  })

  test('200: a system administrator’s by another one', async () => {
    const first = await hire(platform, 'first-sysadmin', platform.departments.bureau, ['system_admin'])
    expect((await reset('sysadmin', first)).roles.map((role) => role.name)).toEqual(['system_admin'])
    const client = await enter(platform, 'first-sysadmin', FIRST)
    await refused(client.call(listPeople), 'password.must_change')
  })

  test('403: whoever was given the permission without being an administrator resets no administrator', async () => {
    const { db } = platform.server.services
    await db.write(SYSTEM_ROWS, (tx) =>
      tx.run(sql`insert into role (name, words, scope, permissions)
        values ('helpdesk', '{"zh": "服务台", "en": "Help desk"}', 'jurisdiction', '{directory.read,person.manage}')`),
    )
    const person = await personOf(platform, 'operator')
    const security = await platform.as('secadmin')
    await security.call(
      assignRoles,
      { params: { id: person.id }, body: { roles: ['helpdesk'] } },
      { match: person.version },
    )
    await refused(reset('operator', await personOf(platform, 'auditor')), 'permission.denied')
    await reset('operator', await hire(platform, 'served', platform.departments.civil, ['data_officer']))
  })

  test('400 and 404: a weak password is named, ten characters for an administrator; nobody of that id', async () => {
    const officer = await personOf(platform, 'police-officer')
    expect(pathsOf(await refused(reset('sysadmin', officer, 'Aa1-'), 'password.weak'))).toEqual(['/password'])
    const auditor = await personOf(platform, 'auditor')
    await refused(reset('sysadmin', auditor, 'Nine-Chr9'), 'password.weak')
    const system = await platform.as('sysadmin')
    const nobody = { params: { id: NO_ID }, body: { password: FIRST } }
    await refused(system.call(resetPassword, nobody, { match: 1 }), 'object.not_found')
  })
})
