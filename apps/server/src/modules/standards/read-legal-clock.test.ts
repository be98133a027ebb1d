import { readLegalClock } from '@huitong/contract/standards'
import { describe, expect, test } from 'vitest'
import { clientOf, usePlatform } from '../../../../../tests/harness/platform.ts'

describe('legal time', () => {
  const platform = usePlatform({ demo: false, clock: { now: () => new Date('2026-09-29T02:00:00Z') } })

  test('200: it is the real time until a demonstration moves it', async () => {
    const officer = await platform.as('civil-officer')
    expect(await officer.call(readLegalClock)).toEqual({
      now: '2026-09-29T02:00:00.000Z',
      offsetSeconds: 0,
      shiftable: false,
    })
  })

  test('401 without a session', async () => {
    await expect(clientOf(platform.server).call(readLegalClock)).rejects.toMatchObject({ status: 401 })
  })
})
