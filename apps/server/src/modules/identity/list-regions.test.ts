import { divisions } from '@huitong/codes'
import { listRegions } from '@huitong/contract/identity'
import { describe, expect, test } from 'vitest'
import { clientOf, DIVISION, usePlatform } from '../../../../../tests/harness/platform.ts'

describe('list regions', () => {
  const platform = usePlatform()

  test('200: all divisions of the national table, once each, in the order of their codes', async () => {
    const officer = await platform.as('civil-officer')
    const codes: string[] = []
    let after: string | null = null
    do {
      const page: Awaited<ReturnType<typeof officer.call<typeof listRegions>>> = await officer.call(listRegions, {
        query: { limit: '200', ...(after ? { after } : {}) },
      })
      codes.push(...page.items.map((one) => one.code))
      after = page.next
    } while (after)
    expect(codes).toEqual(
      divisions()
        .map((one) => one.code)
        .sort(),
    )
  })

  test('200: the districts of a city stand below it', async () => {
    const officer = await platform.as('civil-officer')
    const { items } = await officer.call(listRegions, { query: { parent: DIVISION } })
    expect(items.length).toBeGreaterThan(5)
    for (const one of items) expect(one).toMatchObject({ parent: DIVISION, level: 'county', validTo: null })
    expect(items.map((one) => one.name.zh)).toContain('西湖区')
  })

  test('400 for what is no division code, 401 without a session', async () => {
    const officer = await platform.as('civil-officer')
    await expect(officer.call(listRegions, { query: { parent: '33' } })).rejects.toMatchObject({
      places: [{ path: '#/query/parent' }],
    })
    await expect(clientOf(platform.server).call(listRegions)).rejects.toMatchObject({ status: 401 })
  })
})
