import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseCsvRows } from '@huitong/segment'
import fc from 'fast-check'
import iconv from 'iconv-lite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConnectorError } from '../errors.ts'
import { readAll } from '../testing/read.ts'
import { files } from './connector.ts'
import type { FilesSettings } from './settings.ts'

let root: string
let settings: FilesSettings
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'huitong-json-'))
  settings = { root, encoding: 'auto', delimiter: 'auto' }
})
afterAll(() => rmSync(root, { recursive: true }))

const put = (name: string, data: string | Buffer) => writeFileSync(join(root, name), data)
const types = async (name: string) => {
  const { columns, problem } = await files.describeTable(settings, name)
  if (problem !== null) throw problem
  return Object.fromEntries(columns.map((one) => [one.name, one.canonicalType + (one.nullable ? '?' : '')]))
}
const read = (name: string, fields: string[], onBadRecord?: (error: ConnectorError) => void) =>
  readAll(files, settings, {
    table: { schema: '', name },
    fields: fields.map((field) => ({ field, as: field })),
    ...(onBadRecord ? { onBadRecord } : {}),
  })
async function failure(work: Promise<unknown>): Promise<ConnectorError> {
  const error: unknown = await work.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (!(error instanceof ConnectorError)) throw new Error(`expected a ConnectorError, got ${String(error)}`)
  return error
}

describe('JSON lines', () => {
  it('give types from the whole file: numbers that are written as texts stay codes, and so do codes without quotes', async () => {
    const written = (year: string) =>
      '{"id": 1, "big": 9007199254740993, "n": 1.50, "day": "2024-02-29", "t": "2024-01-01T08:00:00", "card": "110101199003070038",' +
      ' "区划代码": 440305, "year": "2024", "ok": true, "mixed": 1, "sub": {"a": [1, 2.0]}, "both": {}, "never": null}\n' +
      '\r\n' +
      `{"n": 12345678901234567890.5, "id": 20, "day": null, "ok": false, "mixed": "x", "sub": [ ], "both": 1, "exp": 1e400, "年": ${year}}\n` +
      '{"id": 3, "big": 1, "sub": null, "exp": 1}\n'
    put('types.jsonl', written('007'))
    // A number does not begin with 0.
    const listed: unknown[] = []
    await read('types.jsonl', ['id'], ({ place }) => listed.push(place.line))
    expect(listed).toEqual([3])
    put('types.jsonl', written('7'))
    expect(await types('types.jsonl')).toEqual({
      id: 'integer',
      big: 'bigint?',
      n: 'numeric?',
      day: 'date?',
      t: 'timestamp?',
      card: 'text?',
      区划代码: 'text?',
      year: 'text?',
      ok: 'boolean?',
      mixed: 'text?',
      sub: 'json?',
      both: 'text?',
      never: 'text?',
      exp: 'text?',
      年: 'integer?',
    })
    expect((await read('types.jsonl', ['id', 'big', 'n', 't', 'sub', 'both', 'exp', 'mixed'])).text).toBe(
      '1,9007199254740993,1.50,2024-01-01 08:00:00,"{""a"": [1, 2.0]}",{},,1\n' +
        '20,,12345678901234567890.5,,[ ],1,1e400,x\n3,1,,,,,1,\n',
    )
  })

  it('are the same table whatever the order of the fields in a record', async () => {
    put('order.jsonl', '{"b":1,"a":"x"}\n{"a":"y","b":2}\n')
    expect(Object.keys(await types('order.jsonl'))).toEqual(['a', 'b'])
    expect((await read('order.jsonl', ['a', 'b'])).text).toBe('x,1\ny,2\n')
  })

  it('are read in every encoding, with and without a byte-order mark', async () => {
    const text = '{"姓名":"𠮷野","x":"\\u5f20\\ud842\\udfb7"}\r\n{"姓名":"","x":null}'
    const made: Record<string, Buffer> = {
      'u8.ndjson': Buffer.from(text),
      'u8bom.jsonl': Buffer.from(`\ufeff${text}`),
      'gb.jsonl': iconv.encode(text, 'gb18030'),
      'u16le.jsonl': iconv.encode(text, 'utf-16le', { addBOM: true }),
      'u16be.jsonl': iconv.encode(text, 'utf-16be', { addBOM: true }),
    }
    for (const [name, data] of Object.entries(made)) {
      put(name, data)
      expect((await read(name, ['姓名', 'x'])).text, name).toBe('𠮷野,张𠮷\n"",\n')
    }
  })

  it('bring any text, digits and nesting as they are written', async () => {
    const digits = fc.stringMatching(/^-?(0|[1-9]\d{0,25})(\.\d{1,25})?$/)
    const row = fc.record({
      t: fc.string({ unit: 'grapheme' }).filter((one) => !one.includes('\0')),
      n: digits,
      v: fc.jsonValue(),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 20 }), async (rows) => {
        const texts = rows.map(({ v }) => JSON.stringify({ v }))
        put('any.jsonl', rows.map(({ t, n }, i) => `{"t":${JSON.stringify(t)},"n":${n},"v":${texts[i]}}`).join('\n'))
        const { csv } = await read('any.jsonl', ['t', 'n', 'v'])
        const got = [...parseCsvRows(csv)].map((fields) => fields.map((field) => field?.toString()))
        // A day or time that a text happens to be is still the same text.
        expect(got).toEqual(rows.map(({ t, n }, i) => [t, n, texts[i]]))
      }),
      { numRuns: 60 },
    )
  })
})

describe('hostile JSON lines', () => {
  it('are listed by their lines, or end the reading at the first, and no datum is in the error', async () => {
    const bad = [
      '[1]',
      '"text"',
      '{"a":1',
      '{"a":1}}',
      '{"a":1,}',
      '{"a":1,"a":2}',
      '{"a":secret}',
      '{"a":"secret}',
      "{'a':1}",
      '{"a":01}',
      '{"a":+1}',
      '{"a":NaN}',
      '{"a":"\\x"}',
      '{"a":"\u0001"}',
      '{"a":"\\u0000"}',
      '{"a":"\\ud800"}',
      '{"a":[1,}',
      `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
      `{"a":${'['.repeat(65)}${']'.repeat(65)}}`,
    ]
    put('bad.jsonl', `{"a":"good"}\n${bad.join('\n')}\n{"a":"good"}\n`)
    const listed: ConnectorError[] = []
    expect((await read('bad.jsonl', ['a'], (error) => listed.push(error))).text).toBe('good\ngood\n')
    expect(listed.map(({ place }) => place.line)).toEqual(bad.map((_one, i) => i + 2))
    expect(listed.map(({ message }) => message).join()).not.toContain('secret')
    expect(await failure(read('bad.jsonl', ['a']))).toMatchObject({
      code: 'bad_file',
      place: { line: 2, table: 'bad.jsonl' },
    })
  })

  it('with 64 levels, or `__proto__` as a name, are only data', async () => {
    put('deep.jsonl', `{"a":${'['.repeat(64)}${']'.repeat(64)},"__proto__":{"x":1},"constructor":"c"}\n`)
    expect(await types('deep.jsonl')).toEqual(
      Object.fromEntries([
        ['__proto__', 'json'],
        ['a', 'json'],
        ['constructor', 'text'],
      ]),
    )
  })

  it('with a line that does not end, or too many names, are refused in bounded memory', async () => {
    put('long.jsonl', `{"a":"${'x'.repeat(40 * 1024 * 1024)}`)
    expect(await failure(types('long.jsonl'))).toMatchObject({ code: 'bad_file', place: { line: 1 } })
    put('names.jsonl', Array.from({ length: 2000 }, (_one, i) => `{"n${i}":1}`).join('\n'))
    expect(await failure(types('names.jsonl'))).toMatchObject({ code: 'bad_file', place: { line: 1601 } })
  })

  it('without a record have no table to read', async () => {
    put('none.jsonl', '\n\n')
    expect(await types('none.jsonl')).toEqual({})
    expect(await failure(read('none.jsonl', ['a']))).toMatchObject({ code: 'schema_changed', place: { column: 'a' } })
  })
})
