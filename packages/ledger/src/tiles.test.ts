import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeBundle, encodeBundle, parseTilePath, tileOfTree, tilePath } from './tiles.ts'

test('paths of the specification', () => {
  expect(tilePath({ level: 0, index: 0, width: 256 })).toBe('tile/0/000')
  expect(tilePath({ level: 1, index: 1234067, width: 256 })).toBe('tile/1/x001/x234/067')
  expect(tilePath({ level: 'entries', index: 273, width: 112 })).toBe('tile/entries/273.p/112')
  expect(tilePath({ level: 0, index: 1000, width: 1 })).toBe('tile/0/x001/000.p/1')
})

test('the tree of 70,000 entries of the specification', () => {
  expect(tileOfTree(70_000, 0, 272)).toMatchObject({ width: 256 })
  expect(tileOfTree(70_000, 0, 273)).toMatchObject({ width: 112 })
  expect(tileOfTree(70_000, 1, 0)).toMatchObject({ width: 256 })
  expect(tileOfTree(70_000, 1, 1)).toMatchObject({ width: 17 })
  expect(tileOfTree(70_000, 2, 0)).toMatchObject({ width: 1 })
  expect(tileOfTree(70_000, 2, 1)).toBeUndefined()
  expect(tileOfTree(256, 0, 1)).toBeUndefined()
})

test('property: every path parses back; other spellings do not', () => {
  const level = fc.oneof(fc.constant('entries' as const), fc.integer({ min: 0, max: 63 }))
  fc.assert(
    fc.property(level, fc.maxSafeInteger().map(Math.abs), fc.integer({ min: 1, max: 256 }), (level, index, width) => {
      const coordinates = { level, index, width }
      expect(parseTilePath(tilePath(coordinates))).toEqual(coordinates)
    }),
  )
  const refused = [
    'tile/00/000',
    'tile/64/000',
    'tile/0/0',
    'tile/0/x000/001',
    'tile/0/001/002',
    'tile/0/000.p/0',
    'tile/0/000.p/256',
    'tile/0/000.p/01',
    'tile/0/000/',
    'tile/../000',
    '/tile/0/000',
    'tile/entries/x001',
    'tile/0/000\n',
  ]
  for (const path of refused) expect(parseTilePath(path), path).toBeUndefined()
})

test('property: bundles decode to their entries, and every truncation or extension is refused', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 20 }), (entries) => {
      const bundle = encodeBundle(entries)
      expect(decodeBundle(bundle, entries.length, 'p').map((entry) => [...entry])).toEqual(entries.map((e) => [...e]))
      expect(() => decodeBundle(Buffer.concat([bundle, Buffer.of(0)]), entries.length, 'p')).toThrow(/bad_tile at p/)
      if (bundle.byteLength > 0) {
        expect(() => decodeBundle(bundle.subarray(0, -1), entries.length, 'p')).toThrow(/bad_tile at p/)
      }
    }),
  )
  expect(encodeBundle([new Uint8Array(65_535)]).byteLength).toBe(65_537)
  expect(() => encodeBundle([new Uint8Array(0), new Uint8Array(65_536)])).toThrow(/bad_input at entry 1/)
})
