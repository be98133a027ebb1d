import { expect, test } from 'vitest'
import { dimensionScores, measureOf, ratioOf, totalScore } from './scores.ts'
import { suiteFaults } from './suite.ts'

test('A and B stay raw, and the direction of the indicator decides what A counts', () => {
  expect(measureOf('0302', 100n, 3n)).toEqual({ indicator: '0302', a: 97n, b: 100n })
  expect(measureOf('0305', 100n, 3n)).toEqual({ indicator: '0305', a: 3n, b: 100n })
  expect(ratioOf(measureOf('0302', 100n, 3n))).toBeCloseTo(0.97)
  expect(ratioOf(measureOf('0305', 100n, 3n))).toBeCloseTo(0.97)
  expect(ratioOf(measureOf('0305', 0n, 0n))).toBeNull()
})

test('a dimension is scored over all its elements; what nobody judged has no score and no weight', () => {
  const scores = dimensionScores([
    measureOf('0201', 900n, 0n),
    measureOf('0201', 100n, 100n),
    measureOf('0305', 10n, 1n),
  ])
  expect(scores.map((one) => [one.dimension, one.score])).toEqual([
    ['normative', null],
    ['complete', 90],
    ['accurate', 90],
    ['consistent', null],
    ['timely', null],
    ['accessible', null],
  ])
  expect(totalScore(scores)).toBeCloseTo(90)
  expect(totalScore(dimensionScores([]))).toBeNull()
})

test('counts beyond what a JavaScript number holds stay exact in A and B', () => {
  const many = 9_007_199_254_740_993n
  expect(measureOf('0201', many, 1n)).toEqual({ indicator: '0201', a: many - 1n, b: many })
})

test('a suite names every fault with its place', () => {
  const scope = { columns: { a: 'text' }, key: ['a'], tables: {}, sets: {}, asOf: '2026-03-02' } as const
  const faults = suiteFaults(
    [
      { code: 'one', kind: 'required', parameters: { column: 'b' } },
      { code: 'one', kind: 'pattern', parameters: { column: 'a', pattern: '(' } },
      { code: 'two', kind: 'nonsense', parameters: {} },
      { code: 'three', kind: 'length', parameters: { column: 'a', min: '1' } },
    ],
    scope,
  )
  expect(faults.map((one) => one.path)).toEqual([
    '/rules/0/parameters/column',
    '/rules/1/code',
    '/rules/1/parameters/pattern',
    '/rules/2/kind',
    '/rules/3/parameters/min',
  ])
})
