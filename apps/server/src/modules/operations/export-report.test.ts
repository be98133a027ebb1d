import { renameDepartment, listDepartments } from '@huitong/contract/identity'
import { exportReport, readReport } from '@huitong/contract/operations'
import { describe, expect, test } from 'vitest'
import { guards } from '../../../../../tests/harness/guards.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'

describe('export the report', () => {
  const platform = usePlatform({ jobs: false })
  guards(platform, exportReport, { input: () => ({ query: {} }), denied: ['auditor', 'works-developer'] })
  const csv = async (query = '') => {
    const client = await platform.as('authority')
    const url = `/api/v1/report.csv${query}`
    const reply = await platform.server.http.inject({ method: 'GET', url, headers: { cookie: client.cookie } })
    return { status: reply.statusCode, type: reply.headers['content-type'], text: reply.rawPayload.toString('utf8') }
  }

  test('200: one figure a line with definition, unit and cut-off, the same as the page shows', async () => {
    const { status, type, text } = await csv('?from=2020-01-01&until=2020-12-31')
    expect([status, type]).toEqual([200, 'text/csv; charset=utf-8'])
    expect(text.startsWith('\ufeff部门,指标,数值,单位,')).toBe(true)
    const query = { from: '2020-01-01', until: '2020-12-31' }
    const report = await (await platform.as('authority')).call(readReport, { query })
    const lines = text.trimEnd().split('\r\n').slice(1)
    expect(lines).toHaveLength((report.departments.length + 1) * report.indicators.length)
    expect(lines.every((line) => line.endsWith('2020-01-01,2020-12-31,2020-12-31T16:00:00.000Z'))).toBe(true)
    expect(lines.at(-1)!.startsWith('合计,')).toBe(true)
    expect((await csv('?language=en')).text).toContain(',Restored in time,')
  })

  test('200: a name that a spreadsheet would compute stays text', async () => {
    const system = await platform.as('sysadmin')
    const { items } = await system.call(listDepartments, { query: {} })
    const police = items.find((one) => one.id === platform.departments.police)!
    const body = { name: { zh: '=HYPERLINK("http://x","公安局")' } }
    await system.call(renameDepartment, { params: { id: police.id }, body }, { match: police.version })
    expect((await csv()).text).toContain(`"'=HYPERLINK(""http://x"",""公安局"")"`)
  })

  test('400: a day that does not exist', async () => {
    expect((await csv('?from=2026-02-30')).status).toBe(400)
  })
})
