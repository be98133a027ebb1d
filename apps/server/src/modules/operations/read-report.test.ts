import { createDepartment } from '@huitong/contract/identity'
import { readReport } from '@huitong/contract/operations'
import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { runWhole, useChannel } from '../../../../../tests/harness/exchange.ts'
import { guards, pathsOf, refused } from '../../../../../tests/harness/guards.ts'
import { settle, type Account } from '../../../../../tests/harness/platform.ts'
import { INDICATORS } from './indicators/index.ts'
import { plantIncident } from './testing/incidents.ts'

describe('the statistics report', () => {
  const prepared = useChannel()
  const { platform } = prepared
  guards(platform, readReport, { input: () => ({ query: {} }), denied: ['auditor', 'sysadmin', 'works-developer'] })
  const ROWS = [
    ['1', '甲', '33', null],
    ['2', '乙', '33', null],
    ['3', '丙', '34', null],
  ]
  beforeAll(async () => {
    await runWhole(prepared, prepared.channel, ROWS)
    await plantIncident(platform, { departmentId: platform.departments.works })
    await settle(platform.server)
  })
  const report = async (account: Account = 'authority', query: object = {}) =>
    (await platform.as(account)).call(readReport, { query })
  const figuresOf = async (department: keyof typeof platform.departments, query: object = {}) => {
    const { departments } = await report('authority', query)
    return departments.find((one) => one.id === platform.departments[department])!.figures
  }

  test('200: every indicator has a definition and a unit in both languages, and its place in the order', async () => {
    const { indicators } = await report()
    expect(indicators.map((one) => one.name)).toEqual(INDICATORS.map((one) => one.name))
    for (const { definition, unit } of indicators) {
      expect(definition.zh).toMatch(/\p{Script=Han}/u)
      expect(definition.en).not.toMatch(/\p{Script=Han}/u)
      expect(unit.zh).not.toBe('')
    }
  })

  test('200: figures are those of the facts, by the department whose they are', async () => {
    const civil = await figuresOf('civil')
    expect(civil).toMatchObject({
      datasets: { value: '1' },
      items: { value: String(prepared.dataset.content.items!.length) },
      requests_made: { value: '0' },
      rows_shared: { value: '3' },
      incidents: { value: '0' },
    })
    const works = await figuresOf('works')
    expect(works).toMatchObject({
      requests_made: { value: '1' },
      rows_shared: { value: '0' },
      incidents: { value: '1' },
    })
    expect(Number(works['evidence_entries']!.value)).toBeGreaterThan(0)
    const audited = await platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.one<{ all: string }>(
        sql`select count(*) as all from audit where department_id = ${platform.departments.works}`,
      ),
    )
    expect(BigInt(works['evidence_entries']!.value!)).toBeLessThanOrEqual(BigInt(audited.all))
  })

  test('200: what was late is not on time, and a ratio without a whole is no figure', async () => {
    const before = (await figuresOf('civil'))['requests_on_time']!
    expect(before.value).toBe('100.00')
    expect((await figuresOf('police'))['requests_on_time']).toEqual({ value: null, part: '0', whole: '0' })
    await platform.server.services.db.write(SYSTEM_ROWS, (db) =>
      db.run(sql`update obligation set overdue_at = due_at, fulfilled_at = due_at where id = (select id from obligation
        where department_id = ${platform.departments.civil} and subject_kind = 'request' and fulfilled_at is not null limit 1)`),
    )
    const after = (await figuresOf('civil'))['requests_on_time']!
    expect([after.part, after.whole]).toEqual([String(Number(before.part) - 1), before.whole])
  })

  test('200: the total is the sum of the departments that are shown', async () => {
    const { departments, total } = await report()
    const sum = (name: string) => departments.reduce((all, one) => all + Number(one.figures[name]!.value), 0)
    for (const name of ['datasets', 'items', 'rows_shared', 'evidence_entries', 'incidents'])
      expect(Number(total[name]!.value), name).toBe(sum(name))
  })

  test('200: a department reads its own line only', async () => {
    const { departments, total } = await report('works-officer')
    expect(departments.map((one) => one.id)).toEqual([platform.departments.works])
    expect(total).toEqual(departments[0]!.figures)
    expect(total).toMatchObject({ datasets: { value: '0' }, incidents: { value: '1' } })
  })

  test('200: only what happened in the period, up to the cut-off', async () => {
    expect((await figuresOf('civil', { from: '2020-01-01', until: '2020-12-31' }))['rows_shared']).toEqual({
      value: '0',
    })
    const past = await report('authority', { from: '2020-01-01', until: '2020-12-31' })
    expect(past.cutOff).toBe('2020-12-31T16:00:00.000Z')
    const present = await report()
    expect(Math.abs(Date.parse(present.cutOff) - Date.now())).toBeLessThan(60_000)
  })

  test('200: what an abolished department did counts for its successor', async () => {
    const system = await platform.as('sysadmin')
    const body = {
      name: { zh: '民政和社会事务局' },
      creditCode: '11330100MB00000068',
      division: '330100',
      kind: 'department' as const,
      validFrom: '2026-01-01',
    }
    const heir = await system.call(createDepartment, { body })
    await platform.server.services.db.write(SYSTEM_ROWS, (db) =>
      db.run(
        sql`update department set valid_to = '2026-06-30', successor_id = ${heir.id} where id = ${platform.departments.civil}`,
      ),
    )
    const { departments } = await report()
    expect(departments.some((one) => one.id === platform.departments.civil)).toBe(false)
    expect(departments.find((one) => one.id === heir.id)!.figures['rows_shared']).toEqual({ value: '3' })
  })

  test('400: a period that ends before it begins, or has not begun', async () => {
    const backwards = await refused(report('authority', { from: '2026-02-01', until: '2026-01-01' }), 'request.invalid')
    expect(pathsOf(backwards)).toEqual(['#/query/from'])
    await refused(report('authority', { from: '2999-01-01', until: '2999-02-01' }), 'request.invalid')
    await refused(report('authority', { from: '2026-02-30' }), 'request.invalid')
  })
})
