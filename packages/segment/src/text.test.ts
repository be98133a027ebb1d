import { array, assert, nat, option, property, stringMatching } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson, parseCanonicalJson } from './canonical-json.ts'
import { canonicalNumber, canonicalText } from './canonical-text.ts'
import { parseColumnType, postgresType } from './column-type.ts'
import { countCsvRows, csvLine, CsvRowCounter, parseCsvRows } from './csv.ts'
import { BucketSums, differingBuckets } from './row-digest-rows.ts'

describe('canonical JSON', () => {
  it('sorts by UTF-16 code units as RFC 8785 section 3.2.3 shows', () => {
    const value = { '€': 1, '\r': 2, '\ufb33': 3, '1': 4, '😀': 5, '\u0080': 6, ö: 7 }
    expect(canonicalJson(value)).toBe('{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}')
    expect(parseCanonicalJson(canonicalJson(value))).toEqual(value)
  })
  it('refuses what two writers could write differently', () => {
    for (const bad of [1.5, -0, 2 ** 53, Number.NaN, '\ud800']) expect(() => canonicalJson(bad)).toThrow('canonical')
    for (const bad of ['{"b":1,"a":2}', '{"a":1,"a":1}', ' 1', '1.0', '"\\u0061"', '{']) {
      expect(() => parseCanonicalJson(bad)).toThrow('canonical')
    }
  })
})

describe('segment CSV', () => {
  const field = option(stringMatching(/^[^\0\ud800-\udfff]*$/u), { nil: null })
  it('counts rows of texts longer than its blocks, quotes anywhere', () => {
    const rows = Array.from({ length: 5000 }, (_one, n) => [
      String(n),
      n % 97 === 0 ? 'a\n"b",\n' : '普通'.repeat(n % 9),
    ])
    rows.push([`${'x\n'.repeat(40_000)}"`, '1'], ['y'.repeat(70_000), '2'])
    const csv = Buffer.from(rows.map(csvLine).join(''))
    const counter = new CsvRowCounter()
    for (let at = 0; at < csv.length; at += 4099) counter.push(csv.subarray(at, at + 4099))
    expect([countCsvRows(csv), counter.rows, counter.atRowEnd]).toEqual([rows.length, rows.length, true])
  })
  it('round-trips any text, NULL against empty, however it is cut', () => {
    assert(
      property(array(array(field, { minLength: 2, maxLength: 4 }), { maxLength: 5 }), nat(), (rows, cut) => {
        const csv = Buffer.from(rows.map(csvLine).join(''))
        expect([...parseCsvRows(csv)].map((row) => row.map((f) => f?.toString() ?? null))).toEqual(rows)
        const counter = new CsvRowCounter()
        const at = csv.length === 0 ? 0 : cut % csv.length
        counter.push(csv.subarray(0, at))
        counter.push(csv.subarray(at))
        expect(counter.rows).toBe(rows.length)
        expect(counter.atRowEnd).toBe(true)
      }),
    )
  })
  it('keeps the hostile values', () => {
    const row = ['', '\\.', '"', 'a\r\nb', '𠮷𪚥', '\ue000', ' x ', null]
    expect([...parseCsvRows(Buffer.from(csvLine(row)))][0]!.map((f) => f?.toString() ?? null)).toEqual(row)
    expect(csvLine(['\\.'])).toBe('"\\."\n')
    expect(() => csvLine(['a\0'])).toThrow('NUL')
    expect(() => csvLine(['\ud842'])).toThrow('NUL')
  })
  it('refuses stray quotes, bare CR and cut text', () => {
    for (const bad of ['a"b\n', '"a"b\n', 'a\rb\n', '"a', 'a', '"a"']) {
      expect(() => [...parseCsvRows(Buffer.from(bad))], bad).toThrow('CSV')
    }
    expect(() => countCsvRows(Buffer.from('1,"2\n'))).toThrow('CSV')
  })
})

const text = (value: string, type: string) => canonicalText(Buffer.from(value), type).toString()

describe('types and canonical text', () => {
  it('parses the known types and refuses the rest', () => {
    expect(parseColumnType('numeric(38,18)')).toEqual({ name: 'numeric', arguments: [38, 18] })
    expect(postgresType('timestamp(3)')).toBe('timestamp(3) without time zone')
    expect(postgresType('char')).toBe('text')
    for (const bad of ['int', 'text(3)', 'varchar(0)', 'numeric(1,2,3)', 'text; DROP TABLE x', '']) {
      expect(() => parseColumnType(bad), bad).toThrow('type')
    }
  })
  it('gives one text per number', () => {
    const cases: Record<string, string> = {
      '0': '0',
      '-0.00': '0',
      '00012': '12',
      '1.50': '1.5',
      '.5': '0.5',
      '5.': '5',
      '1e3': '1000',
      '1.25e1': '12.5',
      '12e-5': '0.00012',
      '-1.20E-1': '-0.12',
      NaN: 'NaN',
      '9223372036854775807': '9223372036854775807',
      '12345678901234567890.123456789012345678': '12345678901234567890.123456789012345678',
    }
    for (const [text, canonical] of Object.entries(cases)) expect(canonicalNumber(text), text).toBe(canonical)
    for (const bad of ['', '.', 'abc', '1,000', '0x1', '--1'])
      expect(() => canonicalNumber(bad), bad).toThrow('not a number')
  })
  it('gives one text per time, char and boolean', () => {
    expect(text('2020-01-02T03:04:05.120', 'timestamp')).toBe('2020-01-02 03:04:05.12')
    expect(text('2020-01-02 03:04:05.000+00', 'timestamptz')).toBe('2020-01-02 03:04:05+00')
    expect(text('0044-03-15 00:00:00 BC', 'timestamp')).toBe('0044-03-15 00:00:00 BC')
    expect(text('ab  ', 'char(4)')).toBe('ab')
    expect(text('ab  ', 'text')).toBe('ab  ')
    expect(text('TRUE', 'boolean')).toBe('t')
  })
})

describe('bucket sums', () => {
  const secret = Buffer.alloc(32, 7)
  const columns = [
    { name: 'id', type: 'integer' },
    { name: 'v', type: 'text' },
  ]
  const sums = (csv: string, key: string[], salt = secret) => {
    const all = new BucketSums({ columns, key, buckets: 16 }, salt)
    all.push(Buffer.from(csv))
    return all.result()
  }
  it('sees a row that is there twice more, which XOR would not', () => {
    const once = sums('1,a\n2,b\n', [])
    const thrice = sums('1,a\n1,a\n1,a\n2,b\n', [])
    expect(differingBuckets(once, thrice)).toHaveLength(1)
  })
  it('sees NULL against empty, moved text, and another secret; not the order', () => {
    expect(differingBuckets(sums('1,\n', ['id']), sums('1,""\n', ['id']))).toHaveLength(1)
    expect(differingBuckets(sums('1,"-"\n', ['id']), sums('1,\n', ['id']))).toHaveLength(1)
    expect(sums('1,a\n2,b\n', ['id'])).toEqual(sums('2,b\n1,a\n', ['id']))
    expect(sums('1,a\n', ['id'])).not.toEqual(sums('1,a\n', ['id'], Buffer.alloc(32, 8)))
  })
})
