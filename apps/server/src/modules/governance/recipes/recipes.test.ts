import {
  createRecipe,
  listRecipes,
  listRecipeVersions,
  listStepKinds,
  readRecipe,
  updateRecipe,
} from '@huitong/contract/recipes'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { publish } from '../../../../../../tests/harness/catalogue.ts'
import { guards, NOBODY, pathsOf, refused } from '../../../../../../tests/harness/guards.ts'
import { SYSTEM_ROWS } from '../../../kernel/db.ts'
import { useQuality } from '../testing/quality.ts'

const STEPS = [
  { kind: 'trim', parameters: { column: 'name', inside: 'none' } },
  { kind: 'id_to_18', parameters: { column: 'id_number' } },
]
const EXAMPLES = [
  { given: { name: ' 张 三', id_number: '110105491231002' }, made: { name: '张三', id_number: '11010519491231002X' } },
]

describe('cleaning recipes', () => {
  const quality = useQuality()
  const { platform } = quality
  const bodyOf = (steps: typeof STEPS | object[] = STEPS, examples: object[] = EXAMPLES) => ({
    steps: steps as typeof STEPS,
    examples: examples as typeof EXAMPLES,
  })
  let made = ''
  const recipe = async () => {
    if (made !== '') return made
    const body = { datasetId: quality.landed.dataset.id, ...bodyOf() }
    return (made = (await (await platform.as('centre')).call(createRecipe, { body })).id)
  }
  guards(platform, createRecipe, {
    input: () => ({ body: { datasetId: quality.landed.dataset.id, ...bodyOf() } }),
    denied: ['civil-officer', 'authority'],
  })
  guards(platform, listStepKinds, { input: () => ({}), denied: ['auditor'] })
  guards(platform, listRecipes, { input: () => ({ query: {} }), denied: ['auditor'] })
  guards(platform, readRecipe, { input: async () => ({ params: { id: await recipe() } }), denied: ['auditor'] })
  guards(platform, listRecipeVersions, { input: () => ({ params: { id: NOBODY }, query: {} }), denied: ['auditor'] })
  guards(platform, updateRecipe, {
    input: async () => ({ params: { id: await recipe() }, body: bodyOf() }),
    denied: ['civil-officer'],
    allowed: 'centre',
  })

  test('a landed dataset gets its recipe once; its department reads it in the words of the catalogue, others do not', async () => {
    const id = await recipe()
    const centre = await platform.as('centre')
    const read = await (await platform.as('civil-officer')).call(readRecipe, { params: { id } })
    expect(read).toMatchObject({ stepCount: 2, version: 1, departmentName: { zh: '民政局' }, ...bodyOf() })
    expect(read.says[0]!.zh).toBe('「姓名」去掉首尾空格，并去掉中间的空格')
    const works = await platform.as('works-officer')
    await refused(works.call(readRecipe, { params: { id } }), 'object.not_found')
    expect((await works.call(listRecipes, { query: {} })).items).toEqual([])
    const { items } = await centre.call(listRecipes, { query: { datasetId: read.datasetId } })
    expect(items.map((one) => one.id)).toEqual([id])
    await refused(centre.call(createRecipe, { body: { datasetId: read.datasetId, ...bodyOf() } }), 'object.exists')
    const { items: kinds } = await centre.call(listStepKinds, {})
    expect(kinds.map((one) => one.kind)).toContain('deduplicate')
  })

  test('what is wrong in steps and examples is named at its place, and nothing is kept', async () => {
    const centre = await platform.as('centre')
    const id = await recipe()
    const { version } = await centre.call(readRecipe, { params: { id } })
    const wrong = (steps: object[], examples: object[] = []) =>
      refused(
        centre.call(updateRecipe, { params: { id }, body: bodyOf(steps, examples) }, { match: version }),
        'recipe.invalid',
      ).then(pathsOf)
    expect(await wrong([{ kind: 'trim', parameters: { column: 'nowhere', inside: 'keep' } }])).toEqual([
      '/steps/0/parameters/column',
    ])
    expect(await wrong(STEPS, [{ given: { name: ' 李' }, made: { name: ' 李' } }])).toEqual(['/examples/0/made/name'])
    expect(await wrong(STEPS, [{ given: { name: '李' }, made: null }])).toEqual(['/examples/0/made'])
    expect(await wrong(STEPS, [{ given: { other: '李' }, made: null }])).toEqual(['/examples/0/given/other'])
    const grow = { kind: 'replace_text', parameters: { column: 'name', find: 'a', by: 'a'.repeat(200) } }
    const long = [{ given: { name: 'a'.repeat(20) }, made: { name: '' } }]
    expect(await wrong([grow, grow, grow, grow], long)).toEqual(['/steps/1'])
    expect(await wrong(STEPS, [{ given: { constructor: '1' }, made: null }])).toEqual(['/examples/0/given/constructor'])
    expect(await wrong(STEPS, [{ given: { name: 'x' }, made: { other: null } }])).toEqual(['/examples/0/made/other'])
    // Another department's data that is shared on conditions does not come in by a recipe.
    const { id: other } = await publish(platform)
    const fill = { column: 'name', table: other, value: 'name', match: [{ own: 'village_code', other: 'code' }] }
    expect(await wrong([{ kind: 'fill', parameters: fill }])).toEqual(['/steps/0/parameters/table'])
    const key = (to: string) =>
      platform.server.services.db.write(SYSTEM_ROWS, (db) =>
        db.run(sql`update channel set key = ${to}::text[] where id = ${quality.landed.channel.id}`),
      )
    await key('{}')
    expect(await wrong(STEPS)).toEqual(['/steps'])
    await key('{id}')
    const { id: bare } = await publish(platform)
    await refused(centre.call(createRecipe, { body: { datasetId: bare, ...bodyOf() } }), 'quality.not_landed')
    expect((await centre.call(readRecipe, { params: { id } })).version).toBe(version)
  })

  test('each change is a version that stays', async () => {
    const centre = await platform.as('centre')
    const id = await recipe()
    const { version } = await centre.call(readRecipe, { params: { id } })
    await centre.call(updateRecipe, { params: { id }, body: bodyOf(STEPS.slice(0, 1), []) }, { match: version })
    const { items } = await centre.call(listRecipeVersions, { params: { id }, query: {} })
    expect(items.map((one) => [one.version, one.steps.length, one.runs])).toEqual([
      [version + 1, 1, 0],
      [version, 2, 0],
    ])
    await refused(
      (await platform.as('works-officer')).call(listRecipeVersions, { params: { id }, query: {} }),
      'object.not_found',
    )
  })
})
