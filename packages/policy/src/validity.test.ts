import { describe, expect, test } from 'vitest'
import { latestOf, validityAt } from './index.ts'

const at = (text: string) => new Date(`${text}T00:00:00Z`)
const period = { from: at('2026-03-01'), until: at('2026-04-01') }
const [BEFORE, DURING, AFTER] = [at('2026-02-01'), at('2026-03-15'), at('2026-05-01')]

describe('validity', () => {
  test.each([
    [BEFORE, BEFORE, 'not_yet'],
    [DURING, DURING, 'active'],
    [AFTER, AFTER, 'expired'],
    // Legal time ahead ends what is in force, and opens nothing early.
    [DURING, AFTER, 'expired'],
    [BEFORE, DURING, 'not_yet'],
    [BEFORE, AFTER, 'not_yet'],
    // Legal time behind brings nothing back, and takes nothing away.
    [AFTER, DURING, 'expired'],
    [AFTER, BEFORE, 'expired'],
    [DURING, BEFORE, 'active'],
  ] as const)('really %s, legally %s: %s', (now, legalNow, state) => {
    expect(validityAt(period, { now, legalNow })).toBe(state)
  })

  test('begins at its first instant and is over at its last, for one who knows real time alone', () => {
    const before = (instant: Date) => new Date(instant.getTime() - 1)
    expect(validityAt(period, { now: before(period.from) })).toBe('not_yet')
    expect(validityAt(period, { now: period.from })).toBe('active')
    expect(validityAt(period, { now: before(period.until) })).toBe('active')
    expect(validityAt(period, { now: period.until })).toBe('expired')
    expect(validityAt(period, { now: new Date(Number.NaN) })).toBe('expired')
  })

  test('a period is over by the later of both times', () => {
    expect(latestOf({ now: DURING, legalNow: BEFORE })).toBe(DURING)
    expect(latestOf({ now: DURING, legalNow: AFTER })).toBe(AFTER)
  })
})
