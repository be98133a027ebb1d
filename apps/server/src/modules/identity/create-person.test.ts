import { verifyAudit } from '@huitong/contract/evidence'
import {
  abolishDepartment,
  assignRoles,
  changePassword,
  createDepartment,
  createPerson,
  currentSession,
  listPeople,
  login,
  logout,
} from '@huitong/contract/identity'
import { readHome } from '@huitong/contract/portal'
import { readLegalClock } from '@huitong/contract/standards'
import { describe, expect, test } from 'vitest'
import { clientOf, DIVISION, PASSWORD, usePlatform } from '../../../../../tests/harness/platform.ts'
import { NO_ID } from './testing/people.ts'

describe('create person', () => {
  const platform = usePlatform()
  const bodyOf = (account: string, change: object = {}) => ({
    account,
    name: '张三',
    departmentId: platform.departments.civil,
    password: PASSWORD,
    ...change,
  })

  test('201: the account can sign in and has no role yet', async () => {
    const system = await platform.as('sysadmin')
    const person = await system.call(createPerson, { body: bodyOf('zhangsan') })
    expect(person).toMatchObject({ account: 'zhangsan', roles: [], disabled: false, departmentName: { zh: '民政局' } })
    const session = await clientOf(platform.server).call(login, { body: { account: 'zhangsan', password: PASSWORD } })
    expect(session.permissions).toEqual([])
  })

  test('403: whoever knows the first password can do nothing with it but change it', async () => {
    const system = await platform.as('sysadmin')
    const { id, version } = await system.call(createPerson, { body: bodyOf('newcomer') })
    const security = await platform.as('secadmin')
    await security.call(assignRoles, { params: { id }, body: { roles: ['audit_admin'] } }, { match: version })
    const client = clientOf(platform.server)
    const session = await client.call(login, { body: { account: 'newcomer', password: PASSWORD } })
    expect(session).toMatchObject({ mustChangePassword: true, permissions: [] })
    for (const call of [
      () => client.call(verifyAudit),
      () => client.call(listPeople),
      () => client.call(readHome),
      () => client.call(readLegalClock),
    ])
      await expect(call()).rejects.toMatchObject({ code: 'password.must_change', status: 403 })
    expect((await client.call(currentSession)).mustChangePassword).toBe(true)
    // The rules of an administrator: ten characters, and not the one that somebody else knows.
    for (const next of ['Nine-Chr9', PASSWORD])
      await expect(client.call(changePassword, { body: { current: PASSWORD, next } })).rejects.toMatchObject({
        code: 'password.weak',
      })
    await client.call(changePassword, { body: { current: PASSWORD, next: 'Nobody-Knows-8' } })
    expect(await client.call(currentSession)).toMatchObject({ mustChangePassword: false })
    expect((await client.call(currentSession)).permissions).toContain('audit.verify')
    await client.call(verifyAudit)
    await client.call(logout)
  })

  test('400: every weakness of the password and every wrong place is named', async () => {
    const system = await platform.as('sysadmin')
    await expect(system.call(createPerson, { body: bodyOf('lisi', { password: 'lisi' }) })).rejects.toMatchObject({
      code: 'password.weak',
      places: [{ path: '/password' }, { path: '/password' }, { path: '/password' }],
    })
    await expect(
      system.call(createPerson, { body: bodyOf('ab', { name: '', roles: ['authority'] }) }),
    ).rejects.toMatchObject({
      code: 'request.invalid',
      places: expect.arrayContaining(['/account', '/name', '/roles'].map((path) => expect.objectContaining({ path }))),
    })
  })

  test('401, 403, 404: the system administrator alone, into a department that exists', async () => {
    await expect(clientOf(platform.server).call(createPerson, { body: bodyOf('wangwu') })).rejects.toMatchObject({
      status: 401,
    })
    for (const account of ['secadmin', 'authority', 'civil-head'] as const)
      await expect((await platform.as(account)).call(createPerson, { body: bodyOf('wangwu') })).rejects.toMatchObject({
        status: 403,
      })
    const system = await platform.as('sysadmin')
    await expect(system.call(createPerson, { body: bodyOf('wangwu', { departmentId: NO_ID }) })).rejects.toMatchObject({
      status: 404,
    })
  })

  test('409: an account is given once, and never in an abolished department', async () => {
    const system = await platform.as('sysadmin')
    await expect(system.call(createPerson, { body: bodyOf('civil-officer') })).rejects.toMatchObject({
      code: 'object.exists',
      places: [{ path: '/account' }],
    })
    const both = await Promise.allSettled([1, 2].map(() => system.call(createPerson, { body: bodyOf('race') })))
    expect(both.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected'])
    const old = await system.call(createDepartment, {
      body: {
        name: { zh: '已撤部门' },
        creditCode: '11330100MB00000149',
        division: DIVISION,
        kind: 'department',
        validFrom: '2020-01-01',
      },
    })
    await system.call(
      abolishDepartment,
      { params: { id: old.id }, body: { successorId: platform.departments.civil, validTo: '2025-01-01' } },
      { match: old.version },
    )
    await expect(system.call(createPerson, { body: bodyOf('late', { departmentId: old.id }) })).rejects.toMatchObject({
      code: 'department.abolished',
      status: 409,
    })
  })
})
