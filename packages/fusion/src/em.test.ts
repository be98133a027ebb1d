import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Clusters } from './clusters.ts'
import { bitsOf, estimate, probabilityOf, weightOf, type PatternCount } from './em.ts'

test('from pairs that follow known parameters these parameters are found again, without any label', () => {
  const m = [0.9, 0.8, 0.95]
  const u = [0.01, 0.05, 0.002]
  const matches = 5_000
  const patterns = (count: number, share: readonly number[]): PatternCount[] =>
    [0, 1, 2, 3, 4, 5, 6, 7].map((bits) => {
      const levels = share.map((_one, at) => ((bits >> at) & 1) + 1)
      return { mask: 1, levels, count: share.reduce((all, one, at) => all * (levels[at] === 2 ? one : 1 - one), count) }
    })
  const others = 200_000
  const model = estimate({
    sizes: [3, 3, 3],
    candidates: [...patterns(matches, m), ...patterns(others, u)],
    random: patterns(1_000_000, u),
    decided: [[]],
    pairs: 50_000_000,
  })
  m.forEach((one, at) => expect(model.m[at]![2]).toBeCloseTo(one, 2))
  u.forEach((one, at) => expect(model.u[at]![2]).toBeCloseTo(one, 2))
  // Pairs that agree in two of three are left to the others: of two records drawn by chance that is the likelier reading.
  expect(Math.abs(model.prior * 50_000_000 - matches) / matches).toBeLessThan(0.3)
  const all = weightOf([2, 2, 2], model, [false, false, false])
  const none = weightOf([1, 1, 1], model, [false, false, false])
  expect(probabilityOf(all)).toBeGreaterThan(0.9)
  expect(probabilityOf(none)).toBeLessThan(1e-6)
  expect(probabilityOf(bitsOf(0.37))).toBeCloseTo(0.37, 12)
})

test('property: no cluster ever holds two identifiers or two entities that were told apart, and what was joined stays joined', () => {
  const entity = fc.integer({ min: 0, max: 24 })
  const pair = fc.tuple(entity, entity)
  fc.assert(
    fc.property(
      fc.array(fc.option(fc.integer({ min: 0, max: 3 })), { minLength: 25, maxLength: 25 }),
      fc.array(pair, { maxLength: 10 }),
      fc.array(pair, { maxLength: 120 }),
      (identifiers, apart, joins) => {
        const clusters = new Clusters()
        identifiers.forEach((one, at) => clusters.identify(at, one))
        const told = apart.filter(([a, b]) => a !== b)
        for (const [a, b] of told) clusters.keepApart(a, b)
        const joined = joins.filter(([a, b]) => clusters.join(a, b))
        for (const [a, b] of joined) expect(clusters.find(a)).toBe(clusters.find(b))
        for (const [a, b] of told) expect(clusters.find(a)).not.toBe(clusters.find(b))
        const held = new Map<number, number>()
        identifiers.forEach((one, at) => {
          if (one === null) return
          const root = clusters.find(at)
          expect(held.get(root) ?? one).toBe(one)
          held.set(root, one)
        })
        // A refusal needs a reason: the two clusters at the end still could not be one.
        for (const [a, b] of joins) if (clusters.find(a) !== clusters.find(b)) expect(clusters.join(a, b)).toBe(false)
      },
    ),
    { numRuns: 500 },
  )
})
