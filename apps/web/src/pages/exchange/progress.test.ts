import { expect, test } from 'vitest'
import { percentOf, rateOf, remainingSeconds, totalOf, withSample, type Sample } from './progress.ts'

const run = (...points: readonly [number, bigint][]) =>
  points.reduce<readonly Sample[]>((all, [at, rows]) => withSample(all, { at, rows }), [])

test('the rate is that of the last twenty seconds', () => {
  expect(rateOf(run([0, 0n]))).toBeNull()
  expect(rateOf(run([0, 0n], [1_000, 500n]))).toBeNull()
  expect(rateOf(run([0, 0n], [2_000, 1_000n]))).toBe(500)
  expect(rateOf(run([0, 0n], [30_000, 30_000n], [40_000, 130_000n]))).toBe(10_000)
})

test('a copy that begins again is measured anew, never with a negative rate', () => {
  expect(rateOf(run([0, 900n], [2_000, 1_900n], [3_000, 0n], [6_000, 300n]))).toBe(100)
})

test('an estimate never claims to be done; the counted total does', () => {
  const estimate = totalOf('500', false, '1000')
  expect(estimate).toEqual({ rows: 1000n, exact: false })
  expect(percentOf('500', estimate)).toBe(50)
  expect(percentOf('1000', estimate)).toBe(99)
  expect(percentOf('1000', totalOf('1000', true, '900'))).toBe(100)
  expect(totalOf('1001', false, '1000')).toBeNull()
  expect(percentOf('5', null)).toBeNull()
})

test('an empty source is complete only when its reading has ended', () => {
  expect(percentOf('0', totalOf('0', true, null))).toBe(100)
  expect(percentOf('0', totalOf('0', false, '0'))).toBeNull()
})

test('remaining time needs a rate and a total', () => {
  expect(remainingSeconds('500', totalOf('0', false, '1000'), 100)).toBe(5)
  expect(remainingSeconds('500', null, 100)).toBeNull()
  expect(remainingSeconds('500', totalOf('0', false, '1000'), 0)).toBeNull()
  expect(remainingSeconds('1000', totalOf('1000', true, null), 10)).toBe(0)
})
