import { currentSession } from '@huitong/contract/identity'
import { readLegalClock, shiftLegalClock } from '@huitong/contract/standards'
import { describe, expect, test } from 'vitest'
import { clientOf, usePlatform } from '../../../../../tests/harness/platform.ts'

const clock = { now: () => new Date('2026-09-29T02:00:00Z') }
const DAY = 86_400

describe('shift legal time', () => {
  const platform = usePlatform({ clock })
  const shift = (client: ReturnType<typeof clientOf>, offsetSeconds: number) =>
    client.call(shiftLegalClock, { body: { offsetSeconds } })

  test('200: legal time moves for everybody; sessions keep real time', async () => {
    const centre = await platform.as('centre')
    const officer = await platform.as('civil-officer')
    const { expiresAt } = await officer.call(currentSession)
    const moved = await shift(centre, 30 * DAY)
    expect(moved).toEqual({ now: '2026-10-29T02:00:00.000Z', offsetSeconds: 30 * DAY, shiftable: true })
    expect(await officer.call(readLegalClock)).toEqual(moved)
    expect(await officer.call(currentSession)).toMatchObject({ expiresAt, legalTime: moved.now })
    await shift(centre, 0)
  })

  test('400: never before real time, 422: never beyond the calendar', async () => {
    const centre = await platform.as('centre')
    await expect(shift(centre, -1)).rejects.toMatchObject({ places: [{ path: '/offsetSeconds' }] })
    await expect(shift(centre, 5 * 365 * DAY)).rejects.toMatchObject({ code: 'calendar.year_missing', status: 422 })
    expect((await centre.call(readLegalClock)).offsetSeconds).toBe(0)
  })

  test('401 without a session, 403 for everybody but the data centre', async () => {
    await expect(shift(clientOf(platform.server), 1)).rejects.toMatchObject({ status: 401 })
    for (const account of ['authority', 'sysadmin', 'civil-head'] as const)
      await expect(shift(await platform.as(account), 1)).rejects.toMatchObject({ status: 403 })
  })
})

describe('shift legal time outside a demonstration', () => {
  const platform = usePlatform({ clock, demo: false })

  test('403: for nobody', async () => {
    const centre = await platform.as('centre')
    await expect(centre.call(shiftLegalClock, { body: { offsetSeconds: 1 } })).rejects.toMatchObject({
      code: 'clock.demo_only',
      status: 403,
    })
  })
})
