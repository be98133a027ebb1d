import fc from 'fast-check'
import { expect, test } from 'vitest'
import { pairsText, readPairs } from './value-pairs.ts'

test('pairs are read as they were written, whatever signs are in them', () => {
  const text = fc.oneof(fc.constantFrom('男', 'A=B', 'a\\b', '=', ' x ', 'two\nlines', '\\n', '\\'), fc.string())
  const pair = fc.record({ from: text, to: fc.option(text.filter((one) => one !== '')) })
  fc.assert(fc.property(fc.array(pair), (pairs) => void expect(readPairs(pairsText(pairs))).toEqual(pairs)))
})

test('lines as people write them', () => {
  expect(readPairs('\n女=2\n\n不详\nx=y=z')).toEqual([
    { from: '女', to: '2' },
    { from: '不详', to: null },
    { from: 'x', to: 'y=z' },
  ])
})
