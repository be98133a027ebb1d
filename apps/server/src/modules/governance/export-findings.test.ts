import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { exportFindings, exportWorkbook, WORKBOOK_ROWS_MAX } from '@huitong/contract/governance'
import ExcelJS from 'exceljs'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { guards, NOBODY, pathsOf, refused } from '../../../../../tests/harness/guards.ts'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { DIRTY, useQuality } from './testing/quality.ts'

/** The rows of the first sheet as Python's own readers of ZIP and XML see them. */
function rowsOf(workbook: Buffer): (string | null)[][] {
  const folder = mkdtempSync(join(tmpdir(), 'huitong-xlsx-'))
  const script = `
import json, sys, zipfile
import xml.etree.ElementTree as tree
book = zipfile.ZipFile(sys.argv[1])
assert book.testzip() is None
n = '{http://schemas.openxmlformats.org/spreadsheetml/2006/main}'
column = lambda cell: sum((ord(c) - 64) * 26 ** i for i, c in enumerate(reversed(''.join(c for c in cell.get('r') if c.isalpha()))))
rows = []
for row in tree.fromstring(book.read('xl/worksheets/sheet1.xml')).iter(n + 'row'):
    cells = {column(cell): ''.join(t.text or '' for t in cell if t.tag in (n + 'v', n + 'is')) for cell in row.iter(n + 'c')}
    rows.append([cells.get(at) for at in range(1, max(cells) + 1)])
print(json.dumps(rows))`
  try {
    writeFileSync(join(folder, 'book.xlsx'), workbook)
    return JSON.parse(execFileSync('python3', ['-c', script, join(folder, 'book.xlsx')], { encoding: 'utf8' }))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

describe('findings as a file', () => {
  const quality = useQuality()
  const { platform } = quality
  guards(platform, exportFindings, {
    input: () => ({ params: { id: NOBODY }, query: {} }),
    denied: ['authority', 'auditor'],
  })
  guards(platform, exportWorkbook, {
    input: () => ({ params: { id: NOBODY }, query: {} }),
    denied: ['authority', 'auditor'],
  })

  test('keys, what is wrong in words, and values for the provider only; another reader of CSV reads it; no file is left', async () => {
    await quality.send([...DIRTY.slice(0, 3), ['4', '-1+cmd|x', '34052419800101001X', null, '"某,路"', null]])
    const { id } = await quality.checked(await quality.suite())
    const textOf = async (account: 'civil-officer' | 'centre', search = '') => {
      const { cookie } = await platform.as(account)
      const url = `/api/v1/quality/runs/${id}/findings.csv${search}`
      const reply = await platform.server.http.inject({ method: 'GET', url, headers: { cookie } })
      expect([reply.statusCode, reply.headers['content-type']]).toEqual([200, 'text/csv; charset=utf-8'])
      return reply.rawPayload
    }
    const own = await textOf('civil-officer')
    expect([...own.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf])
    const asText = { map: (value: unknown) => value }
    const sheet = await new ExcelJS.Workbook().csv.read(Readable.from([own.subarray(3)]), asText)
    const rows = sheet
      .getSheetValues()
      .slice(1)
      .map((row) => (row as unknown[]).slice(1))
    expect(rows[0]).toEqual(['记录号 (id)', '问题', '公民身份号码 (id_number)', '姓名 (name)'])
    expect(rows.slice(1).map((row) => [row[0], row[2], row[3]])).toEqual([
      ['2', '34052419800101001X', '李梅'],
      ['3', '340524198001010010', ''],
      ['4', '34052419800101001X', "'-1+cmd|x"],
    ])
    expect(rows[2]![1]).toMatch(/公民身份号码.*; .*姓名/)
    const others = (await textOf('centre', '?rule=name_missing&language=en')).toString()
    expect(others.split('\n').slice(0, -1)).toEqual(['\ufeff记录号 (id),What is wrong', expect.stringMatching(/^3,/)])
    expect(readdirSync(join(platform.dataDir, 'engine'))).toEqual([])
    const audits = await platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.many(sql`select 1 from audit where action = 'governance.finding.export' and outcome = 'done'`),
    )
    expect(audits).toHaveLength(2)
    const unknown = { params: { id }, query: { rule: 'nothing' } }
    await refused((await platform.as('centre')).call(exportFindings, unknown), 'object.not_found')
  })

  test('a workbook holds the same as texts, whatever a spreadsheet would make of them; other readers read it', async () => {
    await quality.send([
      ['2', null, '34052419800101001X', null, null, null],
      ['3', `=1+1\u0001<&"${'长'.repeat(40_000)}`, '340524198001010010', null, null, null],
    ])
    const { id } = await quality.checked(await quality.suite())
    const bookOf = async (account: 'civil-officer' | 'centre', search = '') => {
      const { cookie } = await platform.as(account)
      const url = `/api/v1/quality/runs/${id}/findings.xlsx${search}`
      const reply = await platform.server.http.inject({ method: 'GET', url, headers: { cookie } })
      expect(reply.headers['content-type']).toContain('spreadsheetml.sheet')
      expect(reply.headers['content-disposition']).toContain('.xlsx')
      return rowsOf(reply.rawPayload)
    }
    const [head, ...rows] = await bookOf('civil-officer')
    expect(head).toEqual(['记录号 (id)', '问题', '公民身份号码 (id_number)', '姓名 (name)'])
    expect(rows.map((row) => [row[0], row[2]])).toEqual([
      ['2', '34052419800101001X'],
      ['3', '340524198001010010'],
    ])
    expect(rows[1]![1]).toContain('公民身份号码')
    expect(rows[1]![3]).toMatch(/^=1\+1<&"长+$/)
    const others = await bookOf('centre', '?rule=id_check&language=en')
    expect(others).toEqual([
      ['记录号 (id)', 'What is wrong'],
      ['3', expect.any(String)],
    ])
    expect(readdirSync(join(platform.dataDir, 'engine'))).toEqual([])
    const { db } = platform.server.services
    await db.write(SYSTEM_ROWS, (tx) =>
      tx.run(sql`update check_run set findings = ${WORKBOOK_ROWS_MAX + 1} where id = ${id}`),
    )
    const civil = await platform.as('civil-officer')
    expect(pathsOf(await refused(civil.call(exportWorkbook, { params: { id }, query: {} }), 'object.state'))).toEqual([
      '#/query/rule',
    ])
    expect(await bookOf('civil-officer', '?rule=id_check')).toHaveLength(2)
  })
})
