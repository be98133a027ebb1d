import { describe, expect, test } from 'vitest'
import { Refusal } from './errors.ts'
import { parseJson } from './validate.ts'

const codeOf = (raw: string | Buffer) => {
  try {
    parseJson(Buffer.from(raw as string))
    return 'passes'
  } catch (error) {
    return error instanceof Refusal ? error.code : String(error)
  }
}

describe('strict JSON', () => {
  test('an empty body is an empty object', () => {
    expect(parseJson(Buffer.alloc(0))).toEqual({})
  })

  test('characters beyond the BMP, combining marks and rare Han pass unchanged', () => {
    const value = { name: '𠮷野家 㐀𪚥 👩‍👩‍👧', key: 'e\u0301' }
    expect(parseJson(Buffer.from(JSON.stringify(value)))).toEqual(value)
  })

  test('bytes that are not UTF-8 are refused, whole or cut in the middle of a character', () => {
    expect(codeOf(Buffer.from([0x22, 0xc3, 0x28, 0x22]))).toBe('request.encoding')
    expect(codeOf(Buffer.from([0x22, 0xe4, 0xbd, 0x22]))).toBe('request.encoding')
    // GB18030 of 中文
    expect(codeOf(Buffer.from([0x22, 0xd6, 0xd0, 0xce, 0xc4, 0x22]))).toBe('request.encoding')
    // UTF-8 encoded surrogate (CESU-8)
    expect(codeOf(Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]))).toBe('request.encoding')
  })

  test('lone surrogates and NUL are refused in values and in keys', () => {
    for (const text of ['"\\ud800"', '{"a":"x\\udc00"}', '{"\\ud800":1}', '["\\u0000"]', '{"\\u0000":1}'])
      expect([text, codeOf(text)]).toEqual([text, 'request.encoding'])
    expect(codeOf('"\\ud842\\udfb7"')).toBe('passes')
  })

  test('deep nesting is refused, also far beyond any stack', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
    expect(codeOf(nested(32))).toBe('passes')
    expect(codeOf(nested(40))).toBe('request.malformed')
    expect(codeOf(nested(500_000))).toBe('request.malformed')
    expect(codeOf('{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000))).toBe('request.malformed')
  })

  test('__proto__ is refused at any depth; constructor is only a name', () => {
    expect(codeOf('{"__proto__":{"admin":true}}')).toBe('request.malformed')
    expect(codeOf('{"a":[{"\\u005f_proto__":1}]}')).toBe('request.malformed')
    expect(codeOf('{"constructor":1}')).toBe('passes')
  })

  test('a key that stands twice is refused, however it is written', () => {
    expect(codeOf('{"a":1,"a":2}')).toBe('request.malformed')
    expect(codeOf('{"a":1,"\\u0061":2}')).toBe('request.malformed')
    expect(codeOf('[{"x":{"b":[{}],"c":0,"b":1}}]')).toBe('request.malformed')
    expect(codeOf('{"a":"a","b":["a","a"],"c":{"a":{"a":"\\"a\\":"}}}')).toBe('passes')
    expect(codeOf('[{"a":1},{"a":1}]')).toBe('passes')
  })

  test('numbers beyond range, and what is no JSON, are refused', () => {
    for (const text of ['1e400', '[-1e999]', '{', 'NaN', "{'a':1}", '[1,]', '\u00a0{}', 'undefined', '01', '"a\nb"'])
      expect([text, codeOf(text)]).toEqual([text, 'request.malformed'])
  })

  test('a byte order mark is read over, as RFC 8259 allows', () => {
    expect(codeOf('\ufeff{}')).toBe('passes')
  })
})
