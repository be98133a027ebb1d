import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { patternJs } from './pattern.ts'
import { areDisjoint, ASCII, patternShape, searchNeeds } from './pattern-shape.ts'

const characters = fc.constantFrom('a', 'b', '1', '9', ' ', '　', '张', '三', '０', '·', '𠮷')
const patterns = fc
  .array(
    fc.constantFrom('\\d{6}', '[a-c]', '\\p{Han}{2,4}', '[^a]', '(?:ab|1)', '\\s?', '.*', '[１-９０]', 'x{0,3}', '·+'),
    {
      minLength: 1,
      maxLength: 3,
    },
  )
  .map((parts) => parts.join(''))

describe('what follows from a pattern', () => {
  test('holds for every text that matches', () => {
    let matched = 0
    fc.assert(
      fc.property(
        patterns,
        fc.array(characters, { maxLength: 8 }).map((all) => all.join('')),
        (pattern, text) => {
          if (!patternJs(pattern).test(text)) return
          matched++
          const shape = patternShape(pattern)
          const points = [...text].map((one) => one.codePointAt(0)!)
          expect(points.length).toBeGreaterThanOrEqual(shape.min)
          expect(points.length).toBeLessThanOrEqual(shape.max ?? Infinity)
          for (const point of points) expect(areDisjoint([[point, point]], shape.characters)).toBe(false)
        },
      ),
      { numRuns: 20_000 },
    )
    expect(matched).toBeGreaterThan(500)
  })

  test('a text in which it is found holds one of the characters that it needs', () => {
    let found = 0
    fc.assert(
      fc.property(
        patterns,
        fc.array(characters, { maxLength: 8 }).map((all) => all.join('')),
        (pattern, text) => {
          const needs = searchNeeds(pattern)
          const isFound = new RegExp(patternJs(pattern).source.replace(/^\^|\$$/g, ''), 'u').test(text)
          if (needs === null || !isFound) return
          found++
          const points = [...text].map((one) => [one.codePointAt(0)!, one.codePointAt(0)!] as const)
          expect(points.every((one) => areDisjoint([one], needs))).toBe(false)
        },
      ),
      { numRuns: 20_000 },
    )
    expect(found).toBeGreaterThan(500)
  })

  test.each([
    ['[\\p{Han}·]{2,20}', 2, 20, true],
    ['\\d{6}', 6, 6, false],
    ['(?:ab|c)*', 0, null, false],
    ['a?', 0, 1, false],
  ] as const)('%s: %i to %s characters', (pattern, min, max, isBeyondAscii) => {
    const shape = patternShape(pattern)
    expect([shape.min, shape.max]).toEqual([min, max])
    expect(areDisjoint(shape.characters, ASCII)).toBe(isBeyondAscii)
  })
})
