import { abolishDepartment, createDepartment, createPerson, login } from '@huitong/contract/identity'
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
