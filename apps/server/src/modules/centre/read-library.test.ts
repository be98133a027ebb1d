import { readLibrary } from '@huitong/contract/centre'
import { describe, expect, test } from 'vitest'
import { guards, refused } from '../../../../../tests/harness/guards.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'

describe('read a base library', () => {
  const platform = usePlatform()
  guards(platform, readLibrary, {
    input: () => ({ params: { library: 'firm' as const } }),
    denied: ['civil-officer', 'authority', 'operator', 'centre-officer'],
  })

  test('200: empty at first', async () => {
    const centre = await platform.as('centre')
    const reply = await centre.call(readLibrary, { params: { library: 'firm' } })
    expect(reply).toEqual({ library: 'firm', parts: [], candidates: [] })
  })

  test('400: there are two libraries only', async () => {
    const centre = await platform.as('centre')
    await refused(centre.call(readLibrary, { params: { library: 'cars' as 'firm' } }), 'request.invalid')
  })
})
