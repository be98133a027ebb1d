import { listHolidays } from '@huitong/contract/standards'
import { describe, expect, test } from 'vitest'
import { clientOf, usePlatform } from '../../../../../tests/harness/platform.ts'

describe('working-day calendar', () => {
  const platform = usePlatform()
  const read = async (year: string) => (await platform.as('civil-officer')).call(listHolidays, { params: { year } })

  test('200: the days off and make-up days of 2026, with the notice of the State Council', async () => {
    const calendar = await read('2026')
    expect(calendar.source).toContain('国办发明电〔2025〕7号')
    expect(calendar.holidays.filter((one) => one.name === '国庆节').map((one) => one.day)).toEqual(
      [1, 2, 3, 4, 5, 6, 7].map((day) => `2026-10-0${day}`),
    )
    expect(calendar.makeUpDays.map((one) => one.day)).toEqual([
      '2026-01-04',
      '2026-02-14',
      '2026-02-28',
      '2026-05-09',
      '2026-09-20',
      '2026-10-10',
    ])
  })

  test('422 for a year without a notice, 400 for what is no year, 401 without a session', async () => {
    await expect(read('2031')).rejects.toMatchObject({ code: 'calendar.year_missing', status: 422 })
    await expect(read('26')).rejects.toMatchObject({ places: [{ path: '#/params/year' }] })
    const anyone = clientOf(platform.server)
    await expect(anyone.call(listHolidays, { params: { year: '2026' } })).rejects.toMatchObject({ status: 401 })
  })
})
