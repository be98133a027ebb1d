import { groupValues, previewRecipe } from '@huitong/contract/recipes'
import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { guards, pathsOf, refused } from '../../../../../../tests/harness/guards.ts'
import { publish } from '../../../../../../tests/harness/catalogue.ts'
import { SYSTEM_ROWS } from '../../../kernel/db.ts'
import { useQuality } from '../testing/quality.ts'

const VILLAGES = [
  ['1', '王', '11010519491231002X', null, '', 'Ａ０１'],
  ['2', '李', null, null, '', 'a01 '],
  ['3', '张', null, null, '', 'A01'],
  ['4', '赵', null, null, '', 'b02'],
  ['5', '钱', null, null, '', null],
]
const FOLD = [
  { kind: 'fold_width', parameters: { column: 'village_code' } },
  { kind: 'letter_case', parameters: { column: 'village_code', to: 'upper' } },
  { kind: 'trim', parameters: { column: 'village_code', inside: 'none' } },
  { kind: 'deduplicate', parameters: { columns: ['village_code'], order: 'village_code', keep: 'first' } },
]

describe('preview of a recipe, and the values of a column', () => {
  const quality = useQuality()
  const { platform } = quality
  const at = () => ({ params: { id: quality.landed.dataset.id } })
  beforeAll(() => quality.send(VILLAGES), 60_000)
  guards(platform, previewRecipe, {
    input: () => ({ ...at(), body: { steps: FOLD } }),
    denied: ['civil-officer', 'authority'],
  })
  guards(platform, groupValues, {
    input: () => ({ ...at(), body: { column: 'village_code' } }),
    denied: ['civil-officer'],
  })

  test('rows before and after, and how many of those that stay each step changes, or how many it takes away', async () => {
    const centre = await platform.as('centre')
    const seen = await centre.call(previewRecipe, { ...at(), body: { steps: FOLD } })
    expect(seen).toMatchObject({ rows: 5, left: 3, changed: 2, sampleHidden: false })
    expect(seen.steps.map((one) => one.rows)).toEqual([1, 1, 0, 2])
    const place = seen.columns.findIndex((one) => one.column === 'village_code')
    const told = seen.sample.map(({ before, after, steps }) => [before[place], after?.[place] ?? null, steps])
    expect(told).toEqual([
      ['Ａ０１', 'A01', [0]],
      ['a01 ', null, []],
      ['A01', null, []],
      ['b02', 'B02', [1]],
      [null, null, []],
    ])
    // Names are masked for whoever is not of the department.
    const name = seen.columns.findIndex((one) => one.column === 'name')
    expect(seen.columns[name]).toMatchObject({ masked: true })
    expect(seen.sample[0]!.before[name]).not.toBe('王')
  })

  test('rows that a recipe of masked values changes are neither shown nor counted, whichever way the values come in', async () => {
    const centre = await platform.as('centre')
    const hidden = async (...steps: { kind: string; parameters: Record<string, unknown> }[]) => {
      const seen = await centre.call(previewRecipe, { ...at(), body: { steps } })
      expect(seen).toMatchObject({ rows: 5, left: null, changed: null, sample: [], sampleHidden: true })
      expect(seen.steps.map((one) => one.rows)).toEqual(steps.map(() => null))
    }
    const pairs = [{ from: '王', to: 'x' }]
    await hidden({ kind: 'map_values', parameters: { column: 'name', pairs, others: 'keep' } })
    await hidden({
      kind: 'join_text',
      parameters: { columns: ['village_code', 'id_number'], with: '', into: 'both' },
    })
    // From another table, which may be the dataset itself.
    const match = [{ own: 'village_code', other: 'village_code' }]
    const table = quality.landed.dataset.id
    await hidden({ kind: 'fill', parameters: { column: 'village_code', table, value: 'name', match } })
    const audited = await platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.many(sql`select 1 from audit where action = ${previewRecipe.id} and outcome = 'done'`),
    )
    expect(audited.length).toBeGreaterThanOrEqual(2)
  })

  test('values that are probably one are found; those of masked columns are not listed', async () => {
    const centre = await platform.as('centre')
    const held = await centre.call(groupValues, { ...at(), body: { column: 'village_code' } })
    expect(held).toMatchObject({ rows: 5, distinct: 4, hidden: false })
    expect(held.tooMany).toBe(false)
    expect(held.groups.map((one) => one.values.map(({ value }) => value).sort())).toEqual([['A01', 'a01 ', 'Ａ０１']])
    expect(await centre.call(groupValues, { ...at(), body: { column: 'name' } })).toMatchObject({
      rows: 5,
      distinct: 5,
      hidden: true,
      values: [],
      groups: [],
    })
  })

  test('400, 409, 422: what is wrong is named', async () => {
    const centre = await platform.as('centre')
    expect(
      await refused(centre.call(groupValues, { ...at(), body: { column: 'id' } }), 'request.invalid').then(pathsOf),
    ).toEqual(['/column'])
    const unsound = [{ kind: 'trim', parameters: { column: 'id', inside: 'keep' } }]
    expect(
      await refused(centre.call(previewRecipe, { ...at(), body: { steps: unsound } }), 'recipe.invalid').then(pathsOf),
    ).toEqual(['/steps/0/parameters/column'])
    const { id } = await publish(platform)
    await refused(centre.call(previewRecipe, { params: { id }, body: { steps: FOLD } }), 'quality.not_landed')
    await refused(centre.call(groupValues, { params: { id }, body: { column: 'name' } }), 'quality.not_landed')
  })
})
