import { expect, test } from 'vitest'
import { pairsText, readPairs } from './value-pairs.ts'

test('pairs are read as they were written, one to a line', () => {
  const pairs = [
    { from: '男', to: '1' },
    { from: '无', to: null },
    { from: ' a ', to: 'x=y' },
    { from: '', to: '0' },
  ]
  expect(readPairs(pairsText(pairs))).toEqual(pairs)
  expect(readPairs('\n女=2\n\n不详')).toEqual([
    { from: '女', to: '2' },
    { from: '不详', to: null },
  ])
})
