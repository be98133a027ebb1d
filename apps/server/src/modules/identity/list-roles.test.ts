import { INITIAL_ROLES } from '@huitong/contract'
import { listRoles } from '@huitong/contract/identity'
import { describe, expect, test } from 'vitest'
import { clientOf, usePlatform } from '../../../../../tests/harness/platform.ts'

describe('list roles', () => {
  const platform = usePlatform()

  test('200: the initial roles with their words, scope and permissions', async () => {
    const { items } = await (await platform.as('secadmin')).call(listRoles)
    expect(Object.fromEntries(items.map(({ name, ...role }) => [name, role]))).toEqual(INITIAL_ROLES)
  })

  test('401 without a session', async () => {
    await expect(clientOf(platform.server).call(listRoles)).rejects.toMatchObject({ status: 401 })
  })
})
