import { tryRules } from '@huitong/contract/rule-design'
import { beforeAll, describe, expect, test } from 'vitest'
import { guards, pathsOf, refused } from '../../../../../tests/harness/guards.ts'
import { sql } from 'kysely'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { DIRTY, RULES, useQuality } from './testing/quality.ts'

describe('trial of rules', () => {
  const quality = useQuality()
  const { platform } = quality
  const id = () => quality.landed.dataset.id
  const at = () => ({ params: { id: id() } })
  beforeAll(() => quality.send(DIRTY), 60_000)

  guards(platform, tryRules, {
    input: () => ({ ...at(), body: { rules: RULES, rows: null } }),
    denied: ['civil-officer', 'authority'],
  })

  test('rules are tried on typed rows and on collected ones, masked for whoever is not of the department', async () => {
    const centre = await platform.as('centre')
    const typed = [
      { id: '1', name: '王', id_number: '11010519491231002X' },
      { id: '2', name: null, id_number: '11010519491231002X' },
      { id: '3', name: '李', id_number: '110' },
    ]
    const trial = await centre.call(tryRules, { ...at(), body: { rules: RULES, rows: typed } })
    expect(trial.rows.map((row) => row.broken?.map((one) => one.code))).toEqual([
      ['id_unique'],
      ['name_missing', 'id_unique'],
      ['id_check'],
    ])
    expect(trial.rows[2]!.broken![0]!.why.zh).toContain('「公民身份号码」')
    const collected = await centre.call(tryRules, { ...at(), body: { rules: RULES, rows: null } })
    expect(collected.rows).toHaveLength(4)
    // Which of these rows breaks what would undo the masks.
    expect(collected.rows.map((row) => row.broken)).toEqual([null, null, null, null])
    expect(collected.counts.map((one) => [one.code, one.broken])).toEqual([
      ['id_check', 1],
      ['name_missing', 1],
      ['id_unique', 2],
    ])
    const audits = await platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.many<{ content: string }>(
        sql`select content from audit where action = ${tryRules.id} and outcome = 'done' order by id desc limit 1`,
      ),
    )
    expect(audits[0]!.content).toContain('"values":false')
    const values = (row: (typeof collected.rows)[number]) =>
      row.values[collected.columns.findIndex((one) => one.column === 'id_number')]
    expect(values(collected.rows[0]!)).toBe('110105********002X')
  })

  test('400 and 422: what is wrong is named at its place', async () => {
    const centre = await platform.as('centre')
    const typed = (rows: Record<string, string>[]) =>
      refused(centre.call(tryRules, { ...at(), body: { rules: RULES, rows } }), 'request.invalid').then(pathsOf)
    expect(await typed([{ id: '1' }, { id: 'x' }])).toEqual(['/rows/1/id'])
    expect(await typed([{ nothing: '1' }])).toEqual(['/rows/0/nothing'])
    const unsound = [{ ...RULES[1]!, parameters: { column: 'nowhere' } }]
    await refused(centre.call(tryRules, { ...at(), body: { rules: unsound, rows: null } }), 'quality.rule_invalid')
  })
})
