import { tryRules } from '@huitong/contract/rule-design'
import { beforeAll, describe, expect, test } from 'vitest'
import { guards, pathsOf, refused } from '../../../../../tests/harness/guards.ts'
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
    expect(trial.rows.map((row) => row.broken.map((one) => one.code))).toEqual([
      ['id_unique'],
      ['name_missing', 'id_unique'],
      ['id_check'],
    ])
    expect(trial.rows[2]!.broken[0]!.why.zh).toContain('「公民身份号码」')
    const collected = await centre.call(tryRules, { ...at(), body: { rules: RULES, rows: null } })
    expect(collected.rows).toHaveLength(4)
    expect(collected.rows.map((row) => row.broken.map((one) => one.code))).toEqual([
      [],
      ['id_unique'],
      ['id_check', 'name_missing'],
      ['id_unique'],
    ])
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
