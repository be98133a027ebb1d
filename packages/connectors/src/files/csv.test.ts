import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import iconv from 'iconv-lite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FieldRead } from '../connector.ts'
import { ConnectorError } from '../errors.ts'
import { readAll } from '../testing/read.ts'
import { files } from './connector.ts'
import { TypeInference } from './infer-type.ts'
import type { FilesSettings } from './settings.ts'

let root: string
let settings: FilesSettings
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'huitong-files-'))
  settings = { root, encoding: 'auto', delimiter: 'auto' }
})
afterAll(() => rmSync(root, { recursive: true }))

const put = (name: string, data: string | Buffer) => writeFileSync(join(root, name), data)
const read = (name: string, fields: string[], over: Partial<FieldRead> = {}) =>
  readAll(files, settings, {
    table: { schema: '', name },
    fields: fields.map((field) => ({ field, as: field })),
    ...over,
  })
async function failure(work: Promise<unknown>): Promise<ConnectorError> {
  const error: unknown = await work.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (!(error instanceof ConnectorError)) throw new Error(`expected a ConnectorError, got ${String(error)}`)
  return error
}

describe('encodings', () => {
  it('are found from all bytes, with and without a byte-order mark', async () => {
    const text = '姓名,town\r\n张三,南山\r\n"李""四",\r\n𠮷野,""\r\n'
    const made: Record<string, Buffer> = {
      'u8.csv': Buffer.from(text),
      'u8bom.csv': Buffer.from(`\ufeff${text}`),
      'gb.csv': iconv.encode(text, 'gb18030'),
      'u16le.csv': iconv.encode(text, 'utf-16le', { addBOM: true }),
      'u16be.csv': iconv.encode(text, 'utf-16be', { addBOM: true }),
    }
    for (const [name, data] of Object.entries(made)) {
      put(name, data)
      expect((await read(name, ['姓名', 'town'])).text, name).toBe('张三,南山\n"李""四",\n𠮷野,""\n')
    }
  })

  it('also when the first byte that is not ASCII comes late', async () => {
    put('late.csv', Buffer.concat([Buffer.from('a,b\n' + '1,2\n'.repeat(200_000)), iconv.encode('鹏,城\n', 'gb18030')]))
    expect((await read('late.csv', ['a', 'b'])).text.endsWith('鹏,城\n')).toBe(true)
  })

  it('that fit nothing are an error, and so is a wrong setting', async () => {
    put('broken.csv', Buffer.from([0x61, 0x0a, 0xff, 0xff, 0x0a]))
    expect((await failure(read('broken.csv', ['a']))).code).toBe('encoding_unknown')
    const forced = { ...settings, encoding: 'utf-8' as const }
    const request = { table: { schema: '', name: 'gb.csv' }, fields: [{ field: 'town', as: 'town' }] }
    expect((await failure(readAll(files, forced, request))).code).toBe('encoding_unknown')
  })
})

const body = (word: string) => 'a,b\n' + `${word},1\n`.repeat(100_000)

describe('CSV files', () => {
  it('have their delimiter found', async () => {
    const cases: Record<string, string> = { 'semi.csv': ';', 'tab.tsv': '\t', 'pipe.txt': '|', 'comma.csv': ',' }
    for (const [name, d] of Object.entries(cases)) {
      put(name, `a${d}b${d}c\n"x${d};,|y"${d}1,5${d}z\n"${d}"${d}2${d}\n`.replaceAll('1,5', d === ',' ? '1' : '1,5'))
      expect((await read(name, ['b'])).rows, name).toBe(2n)
    }
  })

  it('keep codes as text and give types only when every value fits', async () => {
    put(
      'types.csv',
      'id,区划,lead,证件号码,n,big,d,t,mixed,late,b,blank,联系电话\n' +
        '1,440305,007,110101199003070038,1.50,9007199254740993,2024-02-29,2024-01-01 08:00:00,1,1,true,,123\n' +
        '20,440306,8,11010119900307004X,-0.25,1,2023-12-31,2024-01-01T08:00,x,2,false,,4567\n' +
        '3,440307,9,110101199003070038,12345678901234567890.5,,1999-01-01,,2,2024-02-30,TRUE,,89\n',
    )
    const { tables } = await files.discover(settings, { tablesMax: 100, columnsMax: 1000 })
    const types = tables.find((table) => table.name === 'types.csv')!
    expect(Object.fromEntries(types.columns.map((c) => [c.name, c.canonicalType]))).toEqual({
      id: 'integer',
      区划: 'text',
      lead: 'text',
      证件号码: 'text',
      n: 'numeric',
      big: 'bigint',
      d: 'date',
      t: 'timestamp',
      mixed: 'text',
      late: 'text',
      b: 'boolean',
      blank: 'text',
      联系电话: 'text',
    })
    expect(types.rowEstimate).toBe('3')
    expect((await read('types.csv', ['big', 't', 'n'])).text).toBe(
      '9007199254740993,2024-01-01 08:00:00,1.50\n1,2024-01-01 08:00,-0.25\n,,12345678901234567890.5\n',
    )
  })

  it('have errors with line numbers, or lists of bad records', async () => {
    put('ragged.csv', 'a,b\n1,2\n"x\ny",4\n5\n\n6,7,8\n9,10\n')
    expect(await failure(read('ragged.csv', ['a']))).toMatchObject({
      code: 'bad_file',
      place: { line: 5, table: 'ragged.csv' },
    })
    const bad: unknown[] = []
    const onBadRecord = (error: ConnectorError, raw: string) => bad.push([error.place.line, raw])
    const { text } = await read('ragged.csv', ['a', 'b'], { onBadRecord })
    expect([text, bad]).toEqual([
      '1,2\n"x\ny",4\n9,10\n',
      [
        [5, '5'],
        [7, '6,7,8'],
      ],
    ])
    put('quote.csv', 'a,b\n1,2\n3,"x\n4,5\n')
    const quote = await failure(read('quote.csv', ['a']))
    expect(quote.code).toBe('bad_file')
    expect(quote.place.line).toBeGreaterThanOrEqual(3)
    put('nul.csv', 'a,b\n1,2\n3,x\0y\n')
    expect(await failure(read('nul.csv', ['a', 'b']))).toMatchObject({ code: 'bad_file', place: { line: 3 } })
    put('wrong.csv', 'n\n1\nx\n')
    const typed = { table: { schema: '', name: 'wrong.csv' }, fields: [{ field: 'n', as: 'n', type: 'integer' }] }
    expect(await failure(readAll(files, settings, typed))).toMatchObject({
      code: 'bad_value',
      place: { line: 3, column: 'n' },
    })
  })

  it('have odd headers told apart, one column, or nothing at all', async () => {
    put('head.csv', ' a ,,a,a\n1,2,3,4\n')
    expect((await read('head.csv', ['a', 'column_2', 'a_2', 'a_3'])).text).toBe('1,2,3,4\n')
    put('one.csv', 'a\nx\n\n""\ny\n')
    expect((await read('one.csv', ['a'])).text).toBe('x\n\n""\ny\n')
    put('zero.csv', '')
    expect(
      (await files.discover(settings, { tablesMax: 100, columnsMax: 1000 })).tables.find((t) => t.name === 'zero.csv')
        ?.columns,
    ).toEqual([])
  })

  it('pass masks and filters before anything leaves', async () => {
    put('people.csv', 'name,town,id\n张三丰,南山,1\n李四,福田,2\n王五,南山,\n')
    const { text, columns } = await readAll(files, settings, {
      table: { schema: '', name: 'people.csv' },
      fields: [
        { field: 'name', as: '姓名', mask: (value) => (value === null ? null : `${[...value][0]}**`) },
        { field: 'id', as: 'id' },
      ],
      filter: (field) => field('town') === '南山',
    })
    expect(text).toBe('张**,1\n王**,\n')
    expect(columns).toEqual([
      { name: '姓名', type: 'text' },
      { name: 'id', type: 'integer' },
    ])
    await expect(
      files.readRows(settings, { table: { schema: '', name: 'people.csv' }, select: [], where: null }),
    ).rejects.toMatchObject({ code: 'not_supported' })
  })

  it('that change while they are read are an error, also with the same size and time', async () => {
    put('moving.csv', body('x'))
    const at = new Date('2026-01-01T00:00:00Z')
    utimesSync(join(root, 'moving.csv'), at, at)
    const stream = await files.readRows(
      settings,
      { table: { schema: '', name: 'moving.csv' }, fields: [{ field: 'a', as: 'a' }] },
      { chunkBytes: 1024 },
    )
    const all = async () => {
      let first = true
      for await (const _chunk of stream) {
        if (!first) continue
        first = false
        put('moving.csv', body('y'))
        utimesSync(join(root, 'moving.csv'), at, at)
      }
    }
    expect((await failure(all())).code).toBe('source_changed')
  })

  it('outside the folder, unfinished, or of other kinds are out of reach', async () => {
    const outside = mkdtempSync(join(tmpdir(), 'huitong-outside-'))
    writeFileSync(join(outside, 'secret.csv'), 'a\n1\n')
    symlinkSync(join(outside, 'secret.csv'), join(root, 'link.csv'))
    mkdirSync(join(root, 'sub'))
    put('sub/in.csv', 'a\n1\n')
    put('half.csv.part', 'a\n1\n')
    put('.hidden.csv', 'a\n1\n')
    put('~$lock.xlsx', 'a\n1\n')
    const { tables } = await files.discover(settings, { tablesMax: 100, columnsMax: 1000 })
    const names = tables.map((table) => table.name)
    expect(names).toContain('sub/in.csv')
    for (const name of ['link.csv', 'half.csv.part', '.hidden.csv', '~$lock.xlsx']) expect(names).not.toContain(name)
    for (const name of [
      `../${outside.split('/').at(-1)}/secret.csv`,
      join(outside, 'secret.csv'),
      'link.csv',
      'sub/../u8.csv',
      'half.csv.part',
      '.hidden.csv',
      'a\0.csv',
    ]) {
      expect((await failure(read(name, ['a']))).code, name).toBe('file_refused')
    }
    rmSync(outside, { recursive: true })
  })
})

const infer = (name: string, values: (string | null)[]) => {
  const inference = new TypeInference(name)
  for (const value of values) inference.push(value)
  return inference.result()
}

it('infers nothing that would change a value', () => {
  expect(infer('x', ['1', '-2147483647'])).toBe('integer')
  expect(infer('x', ['1', '-2147483648'])).toBe('bigint')
  expect(infer('x', ['1', '2.0'])).toBe('numeric')
  expect(infer('x', ['+1'])).toBe('text')
  expect(infer('x', ['1e5'])).toBe('text')
  expect(infer('x', ['1,000'])).toBe('text')
  expect(infer('x', ['-0'])).toBe('integer')
  expect(infer('x', ['123456', '654321'])).toBe('text')
  expect(infer('x', [null, null])).toBe('text')
  expect(infer('x', ['2023-02-29'])).toBe('text')
  expect(infer('x', [' 1'])).toBe('text')
})
