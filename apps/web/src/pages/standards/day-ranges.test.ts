import { expect, test } from 'vitest'
import { dayRanges } from './day-ranges.ts'

test('days in a row with one name are one range, over the end of a month too', () => {
  const day = (value: string, name: string) => ({ day: value, name })
  expect(
    dayRanges([
      day('2026-05-01', '劳动节'),
      day('2026-04-30', '劳动节'),
      day('2026-05-03', '劳动节'),
      day('2026-05-04', '青年节'),
    ]),
  ).toEqual([
    { from: '2026-04-30', until: '2026-05-01', name: '劳动节' },
    { from: '2026-05-03', until: '2026-05-03', name: '劳动节' },
    { from: '2026-05-04', until: '2026-05-04', name: '青年节' },
  ])
})
