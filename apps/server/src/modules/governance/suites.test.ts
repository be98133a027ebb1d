import { createSuite, listSuites, readSuite, updateSuite } from '@huitong/contract/governance'
import { listSuiteVersions } from '@huitong/contract/rule-design'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { guards, NOBODY, pathsOf, refused } from '../../../../../tests/harness/guards.ts'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { publish } from '../../../../../tests/harness/catalogue.ts'
import { RULES, useQuality } from './testing/quality.ts'

describe('rule suites', () => {
  const quality = useQuality()
  const { platform } = quality
  const bodyOf = (rules: object[] = RULES) => ({ rules: rules as typeof RULES, repairWorkingDays: 10 })
  guards(platform, createSuite, {
    input: () => ({ body: { datasetId: quality.landed.dataset.id, ...bodyOf() } }),
    denied: ['civil-officer', 'authority', 'operator'],
  })
  guards(platform, listSuites, { input: () => ({ query: {} }), denied: ['auditor', 'secadmin'] })
  guards(platform, readSuite, { input: async () => ({ params: { id: await quality.suite() } }), denied: ['auditor'] })
  guards(platform, listSuiteVersions, { input: () => ({ params: { id: NOBODY }, query: {} }), denied: ['auditor'] })
  guards(platform, updateSuite, {
    input: async () => ({ params: { id: await quality.suite() }, body: bodyOf() }),
    denied: ['civil-officer'],
    allowed: 'centre',
  })

  test('201: a landed dataset gets rules, once; the provider sees them, other departments do not', async () => {
    const id = await quality.suite()
    const read = await (await platform.as('civil-officer')).call(readSuite, { params: { id } })
    expect(read).toMatchObject({ ruleCount: 3, repairWorkingDays: 10, latest: null, departmentName: { zh: '民政局' } })
    expect(read.rules.map((one) => one.code)).toEqual(['id_check', 'name_missing', 'id_unique'])
    expect(read.rules.map((one) => one.asks)).toEqual([
      {
        zh: '「公民身份号码」的位数和校验码须正确（不核验其中的出生日期）',
        en: expect.stringContaining('id_number: form and check character'),
      },
      { zh: '「姓名」必须填写', en: 'name must be filled in' },
      { zh: '「公民身份号码」不得重复', en: 'id_number must not repeat' },
    ])
    const works = await platform.as('works-officer')
    await refused(works.call(readSuite, { params: { id } }), 'object.not_found')
    expect((await works.call(listSuites, { query: {} })).items).toEqual([])
    const { items } = await (await platform.as('authority')).call(listSuites, { query: { datasetId: read.datasetId } })
    expect(items.map((one) => one.id)).toEqual([id])
    const body = { datasetId: read.datasetId, ...bodyOf() }
    await refused((await platform.as('centre')).call(createSuite, { body }), 'object.exists')
  })

  test('200: another dataset is called by its name; one that nobody may see is not named, nor is its id shown', async () => {
    const id = await quality.suite()
    const { id: other } = await publish(platform)
    const to = (code: string, table: string) => ({
      code,
      kind: 'reference',
      name: { zh: code },
      parameters: { columns: ['village_code'], table, to: ['code'] },
    })
    const set = (rules: object[]) =>
      platform.server.services.db.write(SYSTEM_ROWS, (db) =>
        db.run(sql`update rule_suite set rules = ${JSON.stringify(rules)} where id = ${id}`),
      )
    await set([to('shown', other), to('hidden', NOBODY)])
    const { rules } = await (await platform.as('civil-officer')).call(readSuite, { params: { id } })
    expect(rules.map((one) => one.asks.zh)).toEqual([
      expect.stringMatching(/^「.+」须在《村.*》的「.+」中存在$/),
      expect.stringMatching(/^「.+」须在《另一项信息资源》的「code」中存在$/),
    ])
    expect(rules[1]!.asks.en).toBe('village_code must exist in code of “another dataset”')
    await set(RULES)
  })

  test('422: every fault of the rules is named with its place', async () => {
    const centre = await platform.as('centre')
    const rules = [
      { code: 'a', kind: 'required', name: { zh: '甲' }, parameters: { column: 'nowhere' } },
      { code: 'a', kind: 'astrology', name: { zh: '乙' }, parameters: {} },
      { code: 'c', kind: 'reference', name: { zh: '丙' }, parameters: { columns: ['id'], table: NOBODY, to: ['id'] } },
    ]
    const params = { id: await quality.suite() }
    const { version } = await centre.call(readSuite, { params })
    const error = await refused(
      centre.call(updateSuite, { params, body: bodyOf(rules) }, { match: version }),
      'quality.rule_invalid',
    )
    expect(pathsOf(error)).toEqual([
      '/rules/0/parameters/column',
      '/rules/1/code',
      '/rules/1/kind',
      '/rules/2/parameters/table',
    ])
  })

  test('200: a change takes the version on; 404 and 409: nothing there, nothing landed', async () => {
    const centre = await platform.as('centre')
    const params = { id: await quality.suite() }
    const before = await centre.call(readSuite, { params })
    const after = await centre.call(updateSuite, { params, body: bodyOf(RULES.slice(0, 2)) }, { match: before.version })
    expect(after).toMatchObject({ ruleCount: 2, version: before.version + 1 })
    await centre.call(updateSuite, { params, body: bodyOf() }, { match: after.version })
    const versions = await (
      await platform.as('civil-officer')
    ).call(listSuiteVersions, { params, query: { limit: '2' } })
    expect(
      versions.items.map(({ version, added, removed, changed, runs }) => [version, added, removed, changed, runs]),
    ).toEqual([
      [after.version + 1, ['id_unique'], [], [], 0],
      [after.version, [], ['id_unique'], [], 0],
    ])
    expect(versions.next).not.toBeNull()
    await refused(centre.call(createSuite, { body: { datasetId: NOBODY, ...bodyOf() } }), 'object.not_found')
    await refused(centre.call(readSuite, { params: { id: NOBODY } }), 'object.not_found')
  })
})
