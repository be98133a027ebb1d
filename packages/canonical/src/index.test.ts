import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalJson, CanonicalJsonError, parseCanonical } from './index.ts'

test('RFC 8785 section 3.2.3: keys are sorted by UTF-16 code units', () => {
  const value = {
    '\u20ac': 'Euro Sign',
    '\r': 'Carriage Return',
    '\ufb33': 'Hebrew',
    '1': 'One',
    '\ud83d\ude00': 'Emoji',
    '\u0080': 'Control',
    '\u00f6': 'Latin',
  }
  expect(Object.keys(JSON.parse(canonicalJson(value)) as object)).toEqual([
    '1',
    '\r',
    '\u0080',
    '\u00f6',
    '\u20ac',
    '\ud83d\ude00',
    '\ufb33',
  ])
})

test('what is written is parsed back, and is a fixed point', () => {
  const values = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.string({ unit: 'grapheme' }).filter((text) => text.isWellFormed()),
      fc.maxSafeInteger().filter((n) => !Object.is(n, -0)),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(
        fc.string({ unit: 'grapheme' }).filter((key) => key.isWellFormed() && key !== '__proto__'),
        tie('value'),
        { maxKeys: 4, noNullPrototype: true },
      ),
    ),
  })).value
  fc.assert(
    fc.property(values, (value) => {
      const text = canonicalJson(value)
      expect(parseCanonical(text)).toEqual(value)
      expect(canonicalJson(JSON.parse(text))).toBe(text)
    }),
  )
})

test.each([
  ['{"b":1,"a":2}', 'key order'],
  ['{"a":1,"a":1}', 'duplicate key'],
  ['{"a": 1}', 'space'],
  ['"\\u0041"', 'long escape'],
  ['1.0', 'fraction'],
  ['1e3', 'exponent'],
  ['-0', 'minus zero'],
  ['', 'nothing'],
  ['9007199254740993', 'past 2^53'],
])('refuses %s (%s)', (text) => {
  expect(() => parseCanonical(text)).toThrow(CanonicalJsonError)
})

test('names the place of what has no canonical form', () => {
  expect(() => canonicalJson({ a: [1, { b: 0.5 }] })).toThrow('not a safe integer at $.a[1].b')
  expect(() => canonicalJson({ a: undefined })).toThrow('$.a')
  expect(() => canonicalJson({ a: new Date(0) })).toThrow('$.a')
  expect(() => canonicalJson('\ud800')).toThrow('lone surrogate')
  let deep: unknown = 0
  for (let i = 0; i < 100; i++) deep = [deep]
  expect(() => canonicalJson(deep)).toThrow('deeper')
})
