import { assignRoles, changePassword, currentSession, listPeople } from '@huitong/contract/identity'
import { describe, expect, test } from 'vitest'
import { clientOf, PASSWORD, usePlatform } from '../../../../../tests/harness/platform.ts'
import { enter, hire, NO_ID, personOf } from './testing/people.ts'

describe('assign roles', () => {
  const platform = usePlatform()
  const rolesOf = (person: { roles: { name: string }[] }) => person.roles.map((one) => one.name)

  test('200: exactly the roles given, in force for the next request of a running session', async () => {
    const person = await hire(platform, 'promoted', platform.departments.civil, ['data_officer'])
    const session = await enter(platform, 'promoted')
    expect((await session.call(currentSession)).permissions).not.toContain('dataset.sign')
    const security = await platform.as('secadmin')
    const changed = await security.call(
      assignRoles,
      { params: { id: person.id }, body: { roles: ['department_head'] } },
      { match: person.version },
    )
    expect(rolesOf(changed)).toEqual(['department_head'])
    const { permissions } = await session.call(currentSession)
    expect(permissions).toContain('dataset.sign')
    expect(permissions).not.toContain('dataset.compile')
  })

  test('200: who becomes an administrator chooses a new password first, in a running session too; a business role asks for none', async () => {
    const person = await hire(platform, 'rising', platform.departments.bureau, ['data_officer'])
    const session = await enter(platform, 'rising')
    const security = await platform.as('secadmin')
    const assign = async (roles: string[]) => {
      const { version } = await personOf(platform, 'rising')
      await security.call(assignRoles, { params: { id: person.id }, body: { roles } }, { match: version })
    }
    await assign(['authority'])
    expect((await session.call(currentSession)).mustChangePassword).toBe(false)
    await assign(['security_admin'])
    await expect(session.call(listPeople)).rejects.toMatchObject({ code: 'password.must_change', status: 403 })
    await session.call(changePassword, { body: { current: PASSWORD, next: 'Security-Horse-1' } })
    await session.call(listPeople)
    await assign(['security_admin'])
    await session.call(listPeople)
  })

  test('409: the three administrators exclude each other and every business role', async () => {
    const person = await hire(platform, 'candidate', platform.departments.bureau, [])
    const security = await platform.as('secadmin')
    const call = (roles: string[]) =>
      security.call(assignRoles, { params: { id: person.id }, body: { roles } }, { match: person.version })
    for (const roles of [
      ['system_admin', 'security_admin'],
      ['security_admin', 'audit_admin'],
      ['audit_admin', 'system_admin'],
      ['system_admin', 'data_officer'],
      ['audit_admin', 'operator'],
    ])
      await expect(call(roles), roles.join()).rejects.toMatchObject({ code: 'role.conflict', status: 409 })
    expect(rolesOf(await call(['audit_admin', 'audit_admin']))).toEqual(['audit_admin'])
  })

  test('409: nobody gives himself a role', async () => {
    const own = await personOf(platform, 'secadmin')
    const security = await platform.as('secadmin')
    await expect(
      security.call(assignRoles, { params: { id: own.id }, body: { roles: ['authority'] } }, { match: own.version }),
    ).rejects.toMatchObject({ code: 'request.same_person', status: 409 })
    expect(rolesOf(await personOf(platform, 'secadmin'))).toEqual(['security_admin'])
  })

  test('400: a role that does not exist is named', async () => {
    const person = await personOf(platform, 'police-officer')
    const security = await platform.as('secadmin')
    await expect(
      security.call(
        assignRoles,
        { params: { id: person.id }, body: { roles: ['data_officer', 'mayor'] } },
        { match: person.version },
      ),
    ).rejects.toMatchObject({ code: 'request.invalid', places: [{ path: '/roles/1' }] })
  })

  test('401, 403, 404, 412: the security administrator alone, an existing person, the version that was read', async () => {
    const { id, version } = await personOf(platform, 'operator')
    const call = (client: ReturnType<typeof clientOf>, to: string, match: number) =>
      client.call(assignRoles, { params: { id: to }, body: { roles: [] } }, { match })
    await expect(call(clientOf(platform.server), id, version)).rejects.toMatchObject({ status: 401 })
    for (const account of ['sysadmin', 'auditor', 'authority'] as const)
      await expect(call(await platform.as(account), id, version)).rejects.toMatchObject({ status: 403 })
    const security = await platform.as('secadmin')
    await expect(call(security, NO_ID, 1)).rejects.toMatchObject({ status: 404 })
    await expect(call(security, id, version + 1)).rejects.toMatchObject({ status: 412 })
    expect(rolesOf(await personOf(platform, 'operator'))).toEqual(['operator'])
  })
})
