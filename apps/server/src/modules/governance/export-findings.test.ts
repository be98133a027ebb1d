import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { exportFindings } from '@huitong/contract/governance'
import ExcelJS from 'exceljs'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { guards, NOBODY, refused } from '../../../../../tests/harness/guards.ts'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { DIRTY, useQuality } from './testing/quality.ts'

describe('findings as a file', () => {
  const quality = useQuality()
  const { platform } = quality
  guards(platform, exportFindings, {
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
})
