import { listColumns, proposeRules } from '@huitong/contract/rule-design'
import { describe, expect, test } from 'vitest'
import { publish } from '../../../../../tests/harness/catalogue.ts'
import { guards, NOBODY, refused } from '../../../../../tests/harness/guards.ts'
import { sql } from 'kysely'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { RULES, useQuality } from './testing/quality.ts'

describe('what a design of rules begins with', () => {
  const quality = useQuality()
  const { platform } = quality
  const id = () => quality.landed.dataset.id
  const at = () => ({ params: { id: id() } })
  guards(platform, listColumns, { input: at, denied: ['civil-officer', 'operator'] })
  guards(platform, proposeRules, {
    input: () => ({ ...at(), body: { profile: false, rules: [] } }),
    denied: ['civil-officer'],
  })

  test('200: the columns with their names and classes, and the key', async () => {
    const reply = await (await platform.as('centre')).call(listColumns, at())
    expect(reply).toMatchObject({ suiteId: null, key: ['id'], departmentName: { zh: '民政局' }, others: [] })
    expect(reply.columns.slice(0, 2)).toEqual([
      { column: 'id', name: { zh: '记录号' }, holds: 'integer' },
      { column: 'name', name: { zh: '姓名' }, holds: 'text' },
    ])
  })

  test('what is counted in the collected data is proposed with its evidence', async () => {
    const centre = await platform.as('centre')
    const rows = Array.from({ length: 200 }, (_, n) => [
      String(n + 1),
      `王${n}`,
      '11010519491231002X',
      null,
      null,
      '330106',
    ])
    await quality.send(rows)
    const reply = await centre.call(proposeRules, { ...at(), body: { profile: true, rules: [] } })
    expect([reply.rows, reply.whole]).toEqual([200, true])
    const counted = reply.items.filter((one) => one.origin === 'profile')
    expect(counted.map(({ rule }) => rule.code)).toEqual(
      expect.arrayContaining(['required_name', 'length_village_code']),
    )
    expect(counted.find((one) => one.rule.code === 'required_name')!.why.zh).toBe('200 行数据中，没有一行为空')
    // One value in 200 rows would be a code: values of another department's data are not handed out as codes.
    expect(counted.filter((one) => one.rule.kind === 'code_set')).toEqual([])
    expect(JSON.stringify(reply)).not.toContain('330106')
    const audits = () =>
      platform.server.services.db.read(SYSTEM_ROWS, (db) =>
        db.many<{ content: string }>(
          sql`select content from audit where action = ${proposeRules.id} and outcome = 'done' order by id`,
        ),
      )
    const before = await audits()
    expect(before.at(-1)?.content).toContain('"rows":200')
    await centre.call(proposeRules, { ...at(), body: { profile: false, rules: [] } })
    expect(await audits()).toEqual(before)
  })

  test('200: what a suite has is not proposed again', async () => {
    const centre = await platform.as('centre')
    const codes = async (rules: typeof RULES) =>
      (await centre.call(proposeRules, { ...at(), body: { profile: true, rules } })).items.map((one) => one.rule.code)
    expect(await codes([])).toContain('required_name')
    expect(await codes(RULES)).not.toContain('required_name')
  })

  test('404 and 409: nothing there, nothing landed', async () => {
    const centre = await platform.as('centre')
    const body = { profile: false, rules: [] }
    await refused(centre.call(proposeRules, { params: { id: NOBODY }, body }), 'object.not_found')
    const other = await publish(platform)
    await refused(centre.call(listColumns, { params: { id: other.id } }), 'quality.not_landed')
    await refused(centre.call(proposeRules, { params: { id: other.id }, body }), 'quality.not_landed')
  })
})
