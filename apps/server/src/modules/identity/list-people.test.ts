import { listPeople } from '@huitong/contract/identity'
import { describe, expect, test } from 'vitest'
import { clientOf, PEOPLE, usePlatform } from '../../../../../tests/harness/platform.ts'
import { enter, hire } from './testing/people.ts'

describe('list people', () => {
  const platform = usePlatform()

  test('200: everybody once over the pages, by account, and nothing of a credential', async () => {
    const security = await platform.as('secadmin')
    const seen: string[] = []
    let after: string | null = null
    do {
      const page: Awaited<ReturnType<typeof security.call<typeof listPeople>>> = await security.call(listPeople, {
        query: { limit: '5', ...(after ? { after } : {}) },
      })
      seen.push(...page.items.map((one) => one.account))
      expect(JSON.stringify(page)).not.toMatch(/argon2|password/)
      after = page.next
    } while (after)
    expect(seen).toEqual(Object.keys(PEOPLE).sort())
  })

  test('200: of one department, with their roles in words', async () => {
    const officer = await platform.as('civil-officer')
    const { items } = await officer.call(listPeople, { query: { departmentId: platform.departments.civil } })
    expect(items.map((one) => one.account)).toEqual(['civil-head', 'civil-officer'])
    expect(items[0]!.roles).toEqual([
      {
        name: 'department_head',
        words: { zh: '部门负责人', en: 'Department head' },
        scope: 'department',
      },
    ])
  })

  test('400 for what is no id, 401 without a session, 403 without any role', async () => {
    const officer = await platform.as('civil-officer')
    await expect(officer.call(listPeople, { query: { departmentId: 'civil' } })).rejects.toMatchObject({ status: 400 })
    await expect(clientOf(platform.server).call(listPeople)).rejects.toMatchObject({ status: 401 })
    await hire(platform, 'newcomer', platform.departments.civil, [])
    await expect((await enter(platform, 'newcomer')).call(listPeople)).rejects.toMatchObject({ status: 403 })
  })
})
