import { abolishDepartment, createDepartment, listDepartments } from '@huitong/contract/identity'
import { describe, expect, test } from 'vitest'
import { clientOf, DIVISION, usePlatform } from '../../../../../tests/harness/platform.ts'

describe('list departments', () => {
  const platform = usePlatform()

  test('200: pages hold every department once, those in force first', async () => {
    const system = await platform.as('sysadmin')
    const founded = { division: DIVISION, kind: 'department', validFrom: '2020-01-01' } as const
    const old = await system.call(createDepartment, {
      body: { ...founded, name: { zh: '旧局' }, creditCode: '11330100MB00000114' },
    })
    await system.call(
      abolishDepartment,
      { params: { id: old.id }, body: { successorId: platform.departments.civil, validTo: '2025-01-01' } },
      { match: old.version },
    )
    const officer = await platform.as('civil-officer')
    const all: { id: string; creditCode: string; validTo: string | null }[] = []
    let after: string | null = null
    do {
      const page: { items: typeof all; next: string | null } = await officer.call(listDepartments, {
        query: { limit: '2', ...(after ? { after } : {}) },
      })
      expect(page.items.length).toBeLessThanOrEqual(2)
      all.push(...page.items)
      after = page.next
    } while (after)
    expect(new Set(all.map((one) => one.id)).size).toBe(6)
    expect(all).toHaveLength(6)
    expect(all.at(-1)!.id).toBe(old.id)
    const codes = all.slice(0, 5).map((one) => one.creditCode)
    expect(codes).toEqual([...codes].sort())
  })

  test('200: a search finds parts of names; wildcards are ordinary characters', async () => {
    const officer = await platform.as('civil-officer')
    const names = async (q: string) =>
      (await officer.call(listDepartments, { query: { q } })).items.map((one) => one.name.zh)
    expect(await names('民政')).toEqual(['民政局'])
    expect(await names('%')).toEqual([])
    expect(await names('\\')).toEqual([])
  })

  test('400 for a made-up page position or size, 401 without a session', async () => {
    const officer = await platform.as('civil-officer')
    await expect(officer.call(listDepartments, { query: { after: 'zzz' } })).rejects.toMatchObject({
      code: 'request.invalid',
      places: [{ path: '#/query/after' }],
    })
    await expect(officer.call(listDepartments, { query: { limit: '201' } })).rejects.toMatchObject({
      places: [{ path: '#/query/limit' }],
    })
    await expect(clientOf(platform.server).call(listDepartments)).rejects.toMatchObject({ status: 401 })
  })
})
