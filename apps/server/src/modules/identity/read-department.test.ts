import { readDepartment } from '@huitong/contract/identity'
import { describe, expect, test } from 'vitest'
import { clientOf, usePlatform } from '../../../../../tests/harness/platform.ts'
import { NO_ID } from './testing/people.ts'

describe('read department', () => {
  const platform = usePlatform()

  test('200: anybody of the city reads a department of the city', async () => {
    const officer = await platform.as('works-officer')
    expect(await officer.call(readDepartment, { params: { id: platform.departments.civil } })).toEqual({
      id: platform.departments.civil,
      name: { zh: '民政局' },
      creditCode: '11330100MB00000025',
      division: '330100',
      parentId: null,
      kind: 'department',
      validFrom: '2020-01-01',
      validTo: null,
      successorId: null,
      version: 1,
    })
  })

  test('400, 401, 404', async () => {
    const officer = await platform.as('works-officer')
    await expect(officer.call(readDepartment, { params: { id: 'civil' } })).rejects.toMatchObject({
      places: [{ path: '#/params/id' }],
    })
    await expect(officer.call(readDepartment, { params: { id: NO_ID } })).rejects.toMatchObject({ status: 404 })
    await expect(clientOf(platform.server).call(readDepartment, { params: { id: NO_ID } })).rejects.toMatchObject({
      status: 401,
    })
  })
})
