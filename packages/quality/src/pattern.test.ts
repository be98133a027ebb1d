import type { DuckDBConnection } from '@duckdb/node-api'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { parsePattern, PatternError, patternJs, patternRe2 } from './pattern.ts'
import { openDuckDb } from './testing/duckdb.ts'

describe('the subset', () => {
  test.each([
    ['(?=a)', 1],
    ['(?!a)', 1],
    ['(?<name>a)', 1],
    ['a\\1', 2],
    ['a*?', 2],
    ['a++', 2],
    ['a{2}{3}', 4],
    ['*a', 0],
    ['(a', 2],
    ['a)', 1],
    ['[a', 2],
    ['[]', 2],
    ['[z-a]', 4],
    ['a^b', 1],
    ['a$b', 1],
    ['\\bword', 1],
    ['\\p{L}', 2],
    ['\\u0041', 1],
    ['\\x41', 1],
    ['a{1001}', 1],
    ['a{3,2}', 1],
    ['a{,2}', 1],
    ['a{2', 1],
    ['[[:alpha:]]', 1],
    ['\\', 1],
    [`${'('.repeat(25)}a${')'.repeat(25)}`, 20],
    ['a'.repeat(501), 0],
  ])('%s is refused at character %i', (source, at) => {
    const error = (() => {
      try {
        parsePattern(source)
      } catch (caught) {
        return caught
      }
    })()
    expect(error).toBeInstanceOf(PatternError)
    expect((error as PatternError).at).toBe(at)
    expect((error as PatternError).words.zh).toMatch(/\p{Script=Han}/u)
  })

  test('anchors at the ends are allowed and change nothing', () => {
    expect(patternJs('^a|b$')).toEqual(patternJs('a|b'))
    expect(patternJs('^a|b$').test('ab')).toBe(false)
  })
})

describe('RE2 and JavaScript', () => {
  let db: DuckDBConnection
  beforeAll(async () => {
    db = await openDuckDb()
  })

  const atom = fc.constantFrom(
    'a',
    'b',
    '1',
    '一',
    '𠮷',
    '.',
    '\\d',
    '\\w',
    '\\s',
    '\\p{Han}',
    '[^a-c]',
    '[0-9X]',
    '[一-十]',
    '[\\]\\-^]',
    '\\.',
    '\\\\',
    '-',
    '[𠮷-𠮿]',
  )
  const times = fc.constantFrom('', '', '*', '+', '?', '{2}', '{0,2}', '{1,}')
  const sequence = fc
    .array(
      fc.tuple(atom, times).map((parts) => parts.join('')),
      { minLength: 1, maxLength: 4 },
    )
    .map((parts) => parts.join(''))
  const source = fc.oneof(
    sequence,
    fc.tuple(sequence, sequence).map(([left, right]) => `${left}|${right}`),
    fc.tuple(sequence, times, sequence).map(([inner, many, rest]) => `(${inner})${many}(?:${rest})?`),
  )
  const subject = fc.oneof(
    fc.string({
      unit: fc.constantFrom(
        'a',
        'b',
        'c',
        'X',
        '1',
        '９',
        '一',
        '𠮷',
        ' ',
        '　',
        '\n',
        '\r',
        '\u2028',
        '_',
        '-',
        '.',
        '\\',
        '^',
        ']',
      ),
      maxLength: 6,
    }),
    fc.string({ unit: 'binary', maxLength: 3 }).filter((one) => !one.includes('\0')),
  )

  test('agree on whether a whole text matches', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(source, fc.array(subject, { minLength: 5, maxLength: 20 }), async (pattern, subjects) => {
        const prepared = await db.prepare('SELECT regexp_full_match($1, $2)')
        for (const one of subjects) {
          prepared.bindVarchar(1, one)
          prepared.bindVarchar(2, patternRe2(pattern))
          const [[answer] = []] = (await prepared.runAndReadAll()).getRows()
          expect([pattern, one, answer]).toEqual([pattern, one, patternJs(pattern).test(one)])
        }
      }),
      { numRuns: 200 },
    )
  })
})
