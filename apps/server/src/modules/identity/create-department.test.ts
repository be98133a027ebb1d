import { createDepartment } from '@huitong/contract/identity'
import { describe, expect, test } from 'vitest'
import { DIVISION, usePlatform } from '../../../../../tests/harness/platform.ts'
import { clientOf } from '../../../../../tests/harness/platform.ts'

const body = {
  name: { zh: '卫生健康委员会' },
  creditCode: '11330100MB00000114',
  division: DIVISION,
  kind: 'department',
  validFrom: '2024-01-01',
} as const

describe('create department', () => {
  const platform = usePlatform()

  test('201: the system administrator founds a department', async () => {
    const system = await platform.as('sysadmin')
    const department = await system.call(createDepartment, { body })
    expect(department).toMatchObject({ name: body.name, creditCode: body.creditCode, validTo: null, version: 1 })
  })

  test('400: every wrong place is named', async () => {
    const system = await platform.as('sysadmin')
    const bad = { ...body, creditCode: '1133', kind: 'ministry', extra: 1 } as never
    await expect(system.call(createDepartment, { body: bad })).rejects.toMatchObject({
      code: 'request.invalid',
      status: 400,
      places: expect.arrayContaining([
        expect.objectContaining({ path: '/creditCode' }),
        expect.objectContaining({ path: '/kind' }),
        expect.objectContaining({ path: '/extra' }),
      ]),
    })
    await expect(
      system.call(createDepartment, { body: { ...body, creditCode: 'I1330100MB00000114' } }),
    ).rejects.toMatchObject({
      code: 'request.invalid',
      places: [{ path: '/creditCode' }],
    })
    await expect(system.call(createDepartment, { body: { ...body, division: '999999' } })).rejects.toMatchObject({
      places: [{ path: '/division' }],
    })
  })

  test('401: without a session', async () => {
    await expect(clientOf(platform.server).call(createDepartment, { body })).rejects.toMatchObject({
      code: 'session.required',
      status: 401,
    })
  })

  test('403: nobody but the system administrator', async () => {
    for (const account of ['authority', 'secadmin', 'civil-officer'] as const) {
      const other = await platform.as(account)
      await expect(other.call(createDepartment, { body })).rejects.toMatchObject({
        code: 'permission.denied',
        status: 403,
      })
    }
  })

  test('404: a parent that does not exist', async () => {
    const system = await platform.as('sysadmin')
    const parentId = '00000000-0000-4000-8000-000000000000'
    await expect(
      system.call(createDepartment, { body: { ...body, creditCode: '11330100MB00000122', parentId } }),
    ).rejects.toMatchObject({ code: 'object.not_found', status: 404 })
  })

  test('409: a credit code that is registered already', async () => {
    const system = await platform.as('sysadmin')
    await expect(system.call(createDepartment, { body })).rejects.toMatchObject({ code: 'object.exists', status: 409 })
  })

  test('a repeated request with the same Idempotency-Key gets the first reply; another content is refused', async () => {
    const system = await platform.as('sysadmin')
    const other = { ...body, creditCode: '11330100MB00000130', name: { zh: '医疗保障局' } }
    const first = await system.call(createDepartment, { body: other }, { idempotencyKey: 'department-1' })
    expect(await system.call(createDepartment, { body: other }, { idempotencyKey: 'department-1' })).toEqual(first)
    await expect(
      system.call(createDepartment, { body: { ...other, name: { zh: '另一个' } } }, { idempotencyKey: 'department-1' }),
    ).rejects.toMatchObject({ code: 'request.idempotency_conflict' })
  })
})
