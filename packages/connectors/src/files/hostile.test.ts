import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import iconv from 'iconv-lite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConnectorError } from '../errors.ts'
import { readAll } from '../testing/read.ts'
import { workbookParts, writeZip } from '../testing/zip.ts'
import { files } from './connector.ts'
import type { FilesSettings } from './settings.ts'

let root: string
let settings: FilesSettings
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'huitong-hostile-'))
  settings = { root, encoding: 'auto', delimiter: 'auto' }
})
afterAll(() => rmSync(root, { recursive: true }))

const put = (name: string, data: string | Buffer) => writeFileSync(join(root, name), data)
const read = (name: string, fields: string[]) =>
  readAll(files, settings, { table: { schema: '', name }, fields: fields.map((field) => ({ field, as: field })) })
async function failure(work: Promise<unknown>): Promise<Pick<ConnectorError, 'code' | 'place' | 'detail'>> {
  const error: unknown = await work.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (!(error instanceof ConnectorError)) throw new Error(`expected a ConnectorError, got ${String(error)}`)
  const { code, place, detail } = error
  return { code, place, detail }
}
/** The one table of a workbook with this sheet, read whole; other parts of the workbook by name. */
const book = (name: string, sheet: string, over: Record<string, string> = {}) =>
  put(name, writeZip(workbookParts(sheet, over)))
const table = async (name: string) => {
  const { tables } = await files.discover(settings, { tablesMax: 100, columnsMax: 20_000 })
  return tables.find((one) => one.name === name)!
}
const MIB = 1024 * 1024
/** Text that packs badly: the archive's own limit must not be what refuses it. */
const noise = (kib: number) => Array.from({ length: kib }, (_one, at) => `${at}`.padEnd(1024, `${at * 7919}`)).join('')
const cell = (text: string) => `<c t="inlineStr"><is><t>${text}</t></is></c>`

describe('hostile CSV', () => {
  it('formulas are text, as they stand', async () => {
    put('formula.csv', 'a,b\n"=cmd|\' /C calc\'!A0",+1\n@SUM(A1:A9),-1\n"=HYPERLINK(""http://x"")",1\n')
    expect((await table('formula.csv')).columns.map((one) => one.canonicalType)).toEqual(['text', 'text'])
    expect((await read('formula.csv', ['a', 'b'])).text).toBe(
      '=cmd|\' /C calc\'!A0,+1\n@SUM(A1:A9),-1\n"=HYPERLINK(""http://x"")",1\n',
    )
  })

  it('codes with leading zeros, and codes longer than any number, stay text', async () => {
    put('codes.csv', '编号,邮编,id\n007,010010,1\n042,610000,2\n110101199003070070,100000,3\n')
    const { columns } = await table('codes.csv')
    expect(columns.map((one) => one.canonicalType)).toEqual(['text', 'text', 'integer'])
    expect((await read('codes.csv', ['编号', '邮编'])).text).toBe('007,010010\n042,610000\n110101199003070070,100000\n')
  })

  it('a byte-order mark is no part of the first name, also before a quote; a second one is', async () => {
    put('bom.csv', '\ufeff"姓名",b\n张三,1\n')
    expect((await table('bom.csv')).columns.map((one) => one.name)).toEqual(['姓名', 'b'])
    put('bom2.csv', '\ufeff\ufeffa,b\n1,2\n')
    expect((await table('bom2.csv')).columns[1]!.name).toBe('b')
  })

  it('text of another encoding is refused and never guessed wrong in part', async () => {
    put(
      'mixed.csv',
      Buffer.concat([Buffer.from('姓名,b\n张三,1\n'), iconv.encode('李四', 'gb18030'), Buffer.from([0xff])]),
    )
    expect((await table('mixed.csv')).problem?.code).toBe('encoding_unknown')
    // UTF-16 without its mark is valid UTF-8 full of NUL.
    put('utf16.csv', iconv.encode('a,b\n1,2\n', 'utf-16le', { addBOM: false }))
    expect((await failure(read('utf16.csv', ['a']))).code).toMatch(/^(?:bad_file|schema_changed)$/)
    put('cut.csv', iconv.encode('姓名\n张三', 'gb18030').subarray(0, -1))
    expect((await table('cut.csv')).problem?.code).toBe('encoding_unknown')
  })

  it('a record of millions of delimiters is refused before its fields are made', async () => {
    put('commas.csv', Buffer.concat([Buffer.from('a,b\n'), Buffer.alloc(24 * MIB, ',')]))
    const before = process.memoryUsage().heapUsed
    expect(await failure(read('commas.csv', ['a']))).toMatchObject({
      code: 'bad_file',
      place: { table: 'commas.csv', line: 2 },
    })
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(256 * MIB)
    put('header.csv', `${'x,'.repeat(1700)}x\n1\n`)
    expect((await table('header.csv')).problem?.code).toBe('bad_file')
  })

  it('a cell that never ends, quoted or not, is refused at the limit of a record', async () => {
    for (const [name, head] of [
      ['huge.csv', 'a,b\n1,'],
      ['open.csv', 'a,b\n1,"'],
    ] as const) {
      put(name, Buffer.concat([Buffer.from(head), Buffer.alloc(40 * MIB, 'x')]))
      expect((await failure(read(name, ['a', 'b']))).code, name).toBe('bad_file')
    }
    rmSync(join(root, 'huge.csv'))
    rmSync(join(root, 'open.csv'))
  })

  it('line ends of three kinds in one file, and separators of Unicode within fields, cut no record', async () => {
    put('ends.csv', 'a,b\r\n1,x\u2028y\n2,"p\r\nq"\r3,z\u0085w\n')
    expect((await read('ends.csv', ['a', 'b'])).text).toBe('1,x\u2028y\n2,"p\r\nq"\n3,z\u0085w\n')
  })
})

describe('hostile XLSX', () => {
  it('a number that its format shows as a code keeps its leading zeros', async () => {
    const styles = `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="000000"/></numFmts>
      <cellXfs><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs></styleSheet>`
    book('zeros.xlsx', `<row>${cell('编号')}${cell('n')}</row><row><c s="1"><v>1234</v></c><c><v>7</v></c></row>`, {
      'xl/styles.xml': styles,
    })
    expect((await table('zeros.xlsx#S')).columns.map((one) => one.canonicalType)).toEqual(['text', 'integer'])
    expect((await read('zeros.xlsx#S', ['编号', 'n'])).text).toBe('001234,7\n')
  })

  it('formulas are never computed: their last value counts, without one there is none', async () => {
    const row = `<row><c><f>1+1</f><v>2</v></c><c><f>WEBSERVICE("http://x/")</f></c>${cell('=1+1')}</row>`
    book('formula.xlsx', `<row>${cell('a')}${cell('b')}${cell('c')}</row>${row}`)
    expect((await read('formula.xlsx#S', ['a', 'b', 'c'])).text).toBe('2,,=1+1\n')
  })

  it('NUL and half characters in escapes are refused with their row', async () => {
    for (const [name, text] of [
      ['nul.xlsx', 'x_x0000_y'],
      ['half.xlsx', 'x_xD800_y'],
    ] as const) {
      book(name, `<row>${cell('a')}</row><row>${cell(text)}</row>`)
      const place = { table: `${name}#S`, line: 2 }
      expect(await failure(read(`${name}#S`, ['a'])), name).toMatchObject({ code: 'bad_file', place })
    }
  })

  it('a long shared string in every cell of a row counts each time', async () => {
    const strings = `<sst><si><t>a</t></si><si><t>${noise(1024)}</t></si></sst>`
    const many = Array.from({ length: 1500 }, () => '<c t="s"><v>1</v></c>').join('')
    book('shared.xlsx', `<row><c t="s"><v>0</v></c></row><row>${many}</row>`, { 'xl/sharedStrings.xml': strings })
    expect(await failure(read('shared.xlsx#S', ['a']))).toMatchObject({ code: 'file_refused', place: { line: 2 } })
  })

  it('a text, a tag or an attribute that does not end is refused while it grows', async () => {
    const endless = noise(40 * 1024)
    for (const [name, sheet] of [
      ['text.xlsx', `<row>${cell(endless)}</row>`],
      ['attribute.xlsx', `<row><c x="${endless}"/></row>`],
      ['between.xlsx', `<row>${cell('a')}</row>${endless}<row/>`],
    ] as const) {
      book(name, sheet)
      expect((await failure(read(`${name}#S`, ['a']))).code, name).toBe('file_refused')
      rmSync(join(root, name))
    }
  })

  it('cells that come twice or backwards do not overwrite each other', async () => {
    for (const refs of [
      ['A2', 'A2'],
      ['B2', 'A2'],
    ]) {
      const [one, two] = refs.map((ref) => `<c r="${ref}"><v>1</v></c>`)
      book('order.xlsx', `<row r="1">${cell('a')}${cell('b')}</row><row r="2">${one}${two}</row>`)
      expect(await failure(read('order.xlsx#S', ['a']))).toMatchObject({ code: 'bad_file', place: { line: 2 } })
    }
  })

  it('a dimension that lies is not believed, and rows may be ragged at their end only', async () => {
    const sheet = '<worksheet><dimension ref="A1:XFD1048576"/><sheetData>'
    const rows = `<row>${cell('a')}${cell('b')}</row><row>${cell('1')}</row><row>${cell('2')}${cell('3')}${cell('4')}</row>`
    book('ragged.xlsx', '', { 'xl/worksheets/sheet1.xml': `${sheet}${rows}</sheetData></worksheet>` })
    expect(await failure(read('ragged.xlsx#S', ['a', 'b']))).toMatchObject({ code: 'bad_file', place: { line: 3 } })
  })
})
