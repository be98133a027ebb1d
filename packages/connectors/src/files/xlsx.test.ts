import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import exceljs from 'exceljs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConnectorError } from '../errors.ts'
import { readAll } from '../testing/read.ts'
import { workbookParts, writeZip, type WriteEntry } from '../testing/zip.ts'
import { files } from './connector.ts'
import type { FilesSettings } from './settings.ts'
import { numberKind, numberText } from './xlsx-values.ts'

let root: string
let settings: FilesSettings
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'huitong-xlsx-'))
  settings = { root, encoding: 'auto', delimiter: 'auto' }
})
afterAll(() => rmSync(root, { recursive: true }))

const LIMITS = { tablesMax: 100, columnsMax: 1000 }
const read = (name: string, fields: string[], place = settings) =>
  readAll(files, place, { table: { schema: '', name }, fields: fields.map((field) => ({ field, as: field })) })

const types = (type: string) => `<Types><Override PartName="/xl/workbook.xml" ContentType="${type}"/></Types>`

describe('workbooks', () => {
  it('written by another program come out with their values', async () => {
    const book = new exceljs.Workbook()
    const sheet = book.addWorksheet('人员 名单')
    sheet.addRow(['身份证号', '姓名', '金额', '日期', '时间', '启用', '公式'])
    sheet.addRow([
      '011010119900307003',
      '张三 𠮷',
      12.5,
      new Date(Date.UTC(2024, 1, 29)),
      new Date(Date.UTC(2024, 0, 1, 8, 30, 15)),
      true,
      { formula: '1+1', result: 2 },
    ])
    sheet.addRow([
      '000001',
      { richText: [{ text: '李' }, { text: '四\n"' }] },
      -0.1,
      new Date(Date.UTC(1905, 0, 15)),
      null,
      false,
      { formula: 'A1', result: 'x' },
    ])
    sheet.addRow([])
    sheet.addRow(['000002', '', 1e21])
    for (const row of [2, 3]) sheet.getCell(`D${row}`).numFmt = 'yyyy"年"m"月"d"日"'
    sheet.getCell('E2').numFmt = 'yyyy-mm-dd hh:mm:ss'
    const hidden = book.addWorksheet('hidden')
    hidden.state = 'hidden'
    hidden.addRow(['a'])
    await book.xlsx.writeFile(join(root, 'people.xlsx'))
    const { tables } = await files.discover(settings, LIMITS)
    expect(tables.map((table) => table.name)).toEqual(['people.xlsx#人员 名单', './'])
    expect(tables[0]!.columns.map((c) => [c.name, c.canonicalType])).toEqual([
      ['身份证号', 'text'],
      ['姓名', 'text'],
      ['金额', 'numeric'],
      ['日期', 'date'],
      ['时间', 'timestamp'],
      ['启用', 'boolean'],
      ['公式', 'text'],
    ])
    const { text } = await read(
      'people.xlsx#人员 名单',
      tables[0]!.columns.map((c) => c.name),
    )
    expect(text).toBe(
      '011010119900307003,张三 𠮷,12.5,2024-02-29,2024-01-01 08:30:15,true,2\n' +
        '000001,"李四\n""",-0.1,1905-01-15,,false,x\n' +
        '000002,"",1000000000000000000000,,,,\n',
    )
  })

  it('keep the digits that the file has, in any number of rows', async () => {
    let rows = '<row r="1"><c r="A1" t="inlineStr"><is><t>n</t></is></c></row>'
    rows += '<row r="2"><c r="A2"><v>12345678901234567890.123456789</v></c></row>'
    for (let i = 3; i <= 60_000; i++) rows += `<row r="${i}"><c r="A${i}"><v>0.1000000000000000055</v></c></row>`
    writeFileSync(join(root, 'digits.xlsx'), writeZip(workbookParts(rows)))
    const { text, rows: count, columns } = await read('digits.xlsx#S', ['n'])
    expect(count).toBe(59_999n)
    expect(text.split('\n').slice(0, 2)).toEqual(['12345678901234567890.123456789', '0.1000000000000000055'])
    expect(columns[0]!.type).toBe('numeric')
  })

  it('with macros, links, document types, lies or too much in them are refused', async () => {
    const cell = '<row r="1"><c r="A1"><v>1</v></c></row>'
    const honest = workbookParts(cell)
    const lying = (lie: WriteEntry['lie']) =>
      honest.map((entry) => (entry.name.includes('sheet1') ? { ...entry, lie: lie! } : entry))
    const bomb = `<worksheet><sheetData>${' '.repeat(40 * 1024 * 1024)}</sheetData></worksheet>`
    const dtd =
      '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><worksheet><sheetData><row><c><v>&b;</v></c></row></sheetData></worksheet>'
    const cases: [string, Buffer, string][] = [
      [
        'macro type',
        writeZip(
          workbookParts(cell, { '[Content_Types].xml': types('application/vnd.ms-excel.sheet.macroEnabled.main+xml') }),
        ),
        'file_refused',
      ],
      ['not a workbook', writeZip(workbookParts(cell, { '[Content_Types].xml': types('text/plain') })), 'file_refused'],
      ['macro part', writeZip(workbookParts(cell, { 'xl/vbaProject.bin': 'x' })), 'file_refused'],
      [
        'external link part',
        writeZip(workbookParts(cell, { 'xl/externalLinks/externalLink1.xml': '<x/>' })),
        'file_refused',
      ],
      ['connections', writeZip(workbookParts(cell, { 'xl/connections.xml': '<x/>' })), 'file_refused'],
      [
        'external relation',
        writeZip(
          workbookParts(cell, {
            'xl/_rels/workbook.xml.rels':
              '<Relationships><Relationship Id="r1" TargetMode="External" Target="http://x/"/></Relationships>',
          }),
        ),
        'file_refused',
      ],
      ['document type', writeZip(workbookParts(cell, { 'xl/worksheets/sheet1.xml': dtd })), 'file_refused'],
      [
        'document type in workbook',
        writeZip(workbookParts(cell, { 'xl/workbook.xml': `<!DOCTYPE x><workbook/>` })),
        'file_refused',
      ],
      [
        'row 1048577',
        writeZip(workbookParts(`${cell}<row r="1048577"><c r="A1048577"><v>1</v></c></row>`)),
        'file_refused',
      ],
      ['column XFD', writeZip(workbookParts('<row r="1"><c r="XFD1"><v>1</v></c></row>')), 'file_refused'],
      ['ratio', writeZip(workbookParts(cell, { 'xl/worksheets/sheet1.xml': bomb })), 'file_refused'],
      ['more than declared', writeZip(lying({ bytes: 10 })), 'file_refused'],
      ['less than declared', writeZip(lying({ bytes: 10_000 })), 'bad_file'],
      ['wrong checksum', writeZip(lying({ crc: 1 })), 'bad_file'],
      ['two names', writeZip(lying({ localName: 'xl/worksheets/other1.xml' })), 'file_refused'],
      ['encrypted', writeZip(lying({ flags: 1 })), 'file_refused'],
      ['entry twice', writeZip([...honest, honest[0]!]), 'file_refused'],
      ['unsafe name', writeZip([...honest, { name: '../x', data: 'x' }]), 'file_refused'],
      [
        'too many entries',
        writeZip(Array.from({ length: 2001 }, (_x, i) => ({ name: `e${i}`, data: '' }))),
        'file_refused',
      ],
      ['not well-formed', writeZip(workbookParts('<row r="1"><c></row>')), 'bad_file'],
      ['rows out of order', writeZip(workbookParts('<row r="2"/><row r="1"/>')), 'bad_file'],
      ['not a ZIP', Buffer.from('PK not really'), 'bad_file'],
      ['unknown string', writeZip(workbookParts('<row r="1"><c r="A1" t="s"><v>5</v></c></row>')), 'bad_file'],
    ]
    mkdirSync(join(root, 'cases'))
    const place = { ...settings, root: join(root, 'cases') }
    for (const [name, data, code] of cases) {
      writeFileSync(join(place.root, 'case.xlsx'), data)
      const error: unknown = await read('case.xlsx#S', ['1'], place).catch((reason: unknown) => reason)
      expect(error, name).toBeInstanceOf(ConnectorError)
      expect((error as ConnectorError).code, name).toBe(code)
      const listed = (await files.discover(place, LIMITS)).tables[0]
      expect(listed?.problem?.code, name).toBe(code)
    }
    const good = writeZip(honest)
    for (let length = 0; length < good.length; length += 11) {
      writeFileSync(join(place.root, 'case.xlsx'), good.subarray(0, length))
      await expect(read('case.xlsx#S', ['1'], place), `cut at ${length}`).rejects.toBeInstanceOf(ConnectorError)
    }
  })
})

describe('numbers of cells', () => {
  it('are shown as their formats show them', () => {
    const kinds: [number, string | undefined, string][] = [
      [0, undefined, 'number'],
      [14, undefined, 'date'],
      [31, undefined, 'date'],
      [46, undefined, 'time'],
      [4, undefined, 'number'],
      [164, 'yyyy"年"m"月"d"日"', 'date'],
      [164, '[$-804]aaaa', 'number'],
      [164, '#,##0.00_);[Red](#,##0.00)', 'number'],
      [164, 'h:mm:ss', 'time'],
      [164, '[h]:mm', 'time'],
      [164, '"day" 0', 'number'],
      [164, 'General', 'number'],
      [164, 'mmm-yy', 'date'],
      [164, '0.00E+00', 'number'],
    ]
    for (const [id, code, kind] of kinds) expect(numberKind(id, code), `${id} ${code}`).toBe(kind)
  })
  it('become dates by whole-number arithmetic', () => {
    const cases: [string, 'date' | 'time' | 'number', boolean, string][] = [
      ['1', 'date', false, '1900-01-01'],
      ['59', 'date', false, '1900-02-28'],
      ['60', 'date', false, '60'],
      ['61', 'date', false, '1900-03-01'],
      ['45351', 'date', false, '2024-02-29'],
      ['0', 'date', true, '1904-01-01'],
      ['45351.5', 'date', false, '2024-02-29 12:00:00'],
      ['45351.999999999', 'date', false, '2024-03-01'],
      ['0.25', 'time', false, '06:00:00'],
      ['45292.354340277778', 'date', false, '2024-01-01 08:30:15'],
      ['-1', 'date', false, '-1'],
      ['1E-3', 'number', false, '0.001'],
      ['2958465', 'date', false, '9999-12-31'],
      ['2958466', 'date', false, '2958466'],
    ]
    for (const [raw, kind, from1904, text] of cases) expect(numberText(raw, kind, from1904), raw).toBe(text)
  })
})
