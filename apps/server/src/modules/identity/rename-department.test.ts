import { abolishDepartment, createDepartment, readDepartment, renameDepartment } from '@huitong/contract/identity'
import { describe, expect, test } from 'vitest'
import { clientOf, DIVISION, usePlatform } from '../../../../../tests/harness/platform.ts'
import { NO_ID } from './testing/people.ts'

describe('rename department', () => {
  const platform = usePlatform()
  const body = { name: { zh: '住房和城乡建设委员会', en: 'Housing and Construction' } }

  test('200: the name changes, the identity stays', async () => {
    const system = await platform.as('sysadmin')
    const params = { id: platform.departments.works }
    const before = await system.call(readDepartment, { params })
    const after = await system.call(renameDepartment, { params, body }, { match: before.version })
    expect(after).toEqual({ ...before, ...body, version: before.version + 1 })
  })

  test('400, 401, 403, 404', async () => {
    const system = await platform.as('sysadmin')
    const call = (client: ReturnType<typeof clientOf>, id: string, given: object = body) =>
      client.call(renameDepartment, { params: { id }, body: given as never }, { match: 1 })
    const { civil } = platform.departments
    await expect(call(system, civil, { name: { zh: '' } })).rejects.toMatchObject({ places: [{ path: '/name/zh' }] })
    await expect(call(clientOf(platform.server), civil)).rejects.toMatchObject({ status: 401 })
    await expect(call(await platform.as('secadmin'), civil)).rejects.toMatchObject({ status: 403 })
    await expect(call(system, NO_ID)).rejects.toMatchObject({ status: 404 })
  })

  test('409 for an abolished department, 412 for another version, 428 without one', async () => {
    const system = await platform.as('sysadmin')
    const old = await system.call(createDepartment, {
      body: {
        name: { zh: '旧局' },
        creditCode: '11330100MB00000114',
        division: DIVISION,
        kind: 'department',
        validFrom: '2020-01-01',
      },
    })
    const params = { id: old.id }
    await expect(system.call(renameDepartment, { params, body }, { match: 2 })).rejects.toMatchObject({ status: 412 })
    await expect(system.call(renameDepartment, { params, body })).rejects.toMatchObject({ status: 428 })
    const end = { successorId: platform.departments.civil, validTo: '2025-01-01' }
    await system.call(abolishDepartment, { params, body: end }, { match: 1 })
    await expect(system.call(renameDepartment, { params, body }, { match: 2 })).rejects.toMatchObject({
      code: 'department.abolished',
      status: 409,
    })
  })
})
