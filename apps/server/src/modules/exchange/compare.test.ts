import { assert, array, constantFrom, nat, property, tuple } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { differentBuckets, differentRows } from './compare.ts'

describe('compare two ends', () => {
  test('a bucket differs by its count, its sum, or because one end has nothing in it', () => {
    const bucket = (at: number, rows: string, sum: string) => ({ bucket: at, rows, sum })
    expect(differentBuckets([], [])).toEqual([])
    expect(
      differentBuckets(
        [bucket(10, '1', '5'), bucket(2, '1', '5'), bucket(3, '0', '0'), bucket(4, '1', '7')],
        [bucket(2, '2', '5'), bucket(10, '1', '6'), bucket(5, '1', '1'), bucket(4, '1', '7')],
      ),
    ).toEqual([2, 5, 10])
  })

  test('keys of several columns do not run into each other', () => {
    const row = (key: string[]) => ({ key, digest: '1' })
    expect(differentRows([row(['a', 'bc'])], [row(['ab', 'c'])])).toEqual([
      { key: ['a', 'bc'], kind: 'missing' },
      { key: ['ab', 'c'], kind: 'extra' },
    ])
    expect(differentRows([row(['a,"b'])], [row(['a', 'b'])])).toHaveLength(2)
  })

  test('property: named are exactly the keys that the two ends do not hold alike', () => {
    const side = array(tuple(nat(20), constantFrom('1', '2')), { maxLength: 20 })
    assert(
      property(side, side, (left, right) => {
        const rows = (given: [number, string][]) =>
          [...new Map(given)].map(([key, digest]) => ({ key: [String(key)], digest }))
        const [source, target] = [rows(left), rows(right)]
        const named = differentRows(source, target)
        const repaired = new Map(target.map((row) => [row.key[0], row.digest]))
        for (const { key, kind } of named) {
          if (kind === 'extra') expect(repaired.delete(key[0])).toBe(true)
          else repaired.set(key[0], source.find((row) => row.key[0] === key[0])!.digest)
        }
        expect(new Map([...repaired].sort())).toEqual(
          new Map(source.map((row): [string, string] => [row.key[0]!, row.digest]).sort()),
        )
        expect(new Set(named.map((one) => one.key[0])).size).toBe(named.length)
      }),
    )
  })
})
