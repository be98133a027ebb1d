import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { foldText, gramsOf, hitsIn, holdsAll, wordsOf } from './index.ts'

const sign = fc.oneof(
  fc.constantFrom(...'低保社区信息ＡａB１1％%_\'"\\（(）㈱ﬁÉéﾊﾞバİß', '𠮷', '𫍲', '\u200b', '\u0301', '\u00ad'),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }).filter((one) => !/\s/u.test(one)),
)
const text = fc.array(fc.oneof({ weight: 6, arbitrary: sign }, fc.constantFrom(' ', '\n', '\u3000')), { maxLength: 30 })

describe('folding', () => {
  test.each([
    ['ＡＢＣ１２３', 'abc123'],
    ['（低保）', '(低保)'],
    ['É', 'e\u0301'],
    ['低\u200b保', '低保'],
    ['统一\u3000代码\n\t表', '统一 代码 表'],
    ['𠮷野家', '𠮷野家'],
    ['豈', '豈'],
  ])('%s → %s', (given, folded) => {
    expect(foldText(given)).toBe(folded)
  })

  test('a part of a text without spaces folds to a part of the folded text', () => {
    fc.assert(
      fc.property(text, fc.nat(), fc.nat(6), (signs, start, length) => {
        const from = start % (signs.length + 1)
        const part = signs.slice(from, from + length).join('')
        const [word] = wordsOf(part)
        if (word !== undefined) expect(foldText(signs.join(''))).toContain(word)
      }),
      { numRuns: 500 },
    )
  })
})

describe('words and pairs', () => {
  test('spaces of any kind part words; each stands once', () => {
    expect(wordsOf(' 低保\u3000社区 低保\n')).toEqual(['低保', '社区'])
    expect(wordsOf('\u3000 ')).toEqual([])
    expect(wordsOf('\u200b')).toEqual([])
  })

  test('pairs of neighbouring signs; a single sign stands for itself; signs beyond the BMP are one sign', () => {
    expect(gramsOf(['低保户', '区', '𠮷野'])).toEqual(['低保', '保户', '区', '𠮷野'])
  })

  test('all words, each anywhere', () => {
    expect(holdsAll(['低保', '社区'], ['低保发放信息', '所在社区'])).toBe(true)
    expect(holdsAll(['低保', '社区'], ['低保发放信息', '社会区域'])).toBe(false)
  })
})

describe('hits', () => {
  test.each([
    [
      '低保发放信息（社区）',
      '低保 社区',
      [
        [0, 2],
        [7, 9],
      ],
    ],
    [
      'Ｉｄ Number',
      'id nu',
      [
        [0, 2],
        [3, 5],
      ],
    ],
    ['𠮷野𠮷野', '野𠮷', [[2, 5]]],
    ['㈱汇通', '株', [[0, 1]]],
    ['社区社区服务', '社区', [[0, 4]]],
    ['无', '低保', []],
  ])('%s ? %s', (given, query, ranges) => {
    expect(hitsIn(given, wordsOf(query))).toEqual(ranges)
  })

  test('a text that holds a word has hits, and each hit folds to what holds a word', () => {
    fc.assert(
      fc.property(text, fc.array(sign, { minLength: 1, maxLength: 3 }), (signs, query) => {
        const given = signs.join('')
        const words = wordsOf(query.join(''))
        const hits = hitsIn(given, words)
        expect(hits.length > 0).toBe(words.some((word) => foldText(given).includes(word)))
        for (const [from, to] of hits)
          expect(words.some((word) => foldText(given.slice(from, to)).includes(word))).toBe(true)
      }),
      { numRuns: 500 },
    )
  })
})
