import { createRecipe, listRecipeRuns, startRecipeRun, undoRecipeRun } from '@huitong/contract/recipes'
import { beforeAll, describe, expect, test } from 'vitest'
import { eventually, guards, NOBODY, refused } from '../../../../../../tests/harness/guards.ts'
import { DIRTY, useQuality } from '../testing/quality.ts'

describe('runs of a recipe', () => {
  const quality = useQuality()
  const { platform } = quality
  let id = ''
  beforeAll(async () => {
    const steps = [{ kind: 'trim', parameters: { column: 'village_code', inside: 'none' } }]
    const body = { datasetId: quality.landed.dataset.id, steps, examples: [] }
    id = (await (await platform.as('centre')).call(createRecipe, { body })).id
  })
  guards(platform, startRecipeRun, { input: () => ({ params: { id } }), denied: ['civil-officer', 'authority'] })
  guards(platform, listRecipeRuns, { input: () => ({ params: { id }, query: {} }), denied: ['auditor'] })
  guards(platform, undoRecipeRun, { input: () => ({ params: { id: NOBODY } }), denied: ['civil-officer'] })

  const newest = async () => {
    const centre = await platform.as('centre')
    const { items } = await eventually(
      () => centre.call(listRecipeRuns, { params: { id }, query: {} }),
      ({ items: [first] }) => first !== undefined && first.state !== 'queued' && first.state !== 'running',
      30_000,
    )
    return items
  }

  test('before data has landed there is nothing to clean', async () => {
    await refused((await platform.as('centre')).call(startRecipeRun, { params: { id } }), 'quality.not_landed')
  })

  test('one run at a time; the newest holds; undone, the one before it holds again', async () => {
    await quality.send(DIRTY)
    const centre = await platform.as('centre')
    const first = await centre.call(startRecipeRun, { params: { id } })
    expect(first).toMatchObject({ state: 'queued', current: false, recipeVersion: 1 })
    await newest()
    const second = await centre.call(startRecipeRun, { params: { id } })
    const both = await newest()
    expect(both.map((one) => [one.id, one.state, one.current, one.rows, one.left, one.changed])).toEqual([
      [second.id, 'done', true, '4', '4', '0'],
      [first.id, 'done', false, '4', '4', '0'],
    ])
    await refused(centre.call(undoRecipeRun, { params: { id: first.id } }), 'object.state')
    expect(await centre.call(undoRecipeRun, { params: { id: second.id } })).toMatchObject({
      state: 'undone',
      current: false,
    })
    expect((await newest()).map((one) => one.current)).toEqual([false, true])
    const works = await platform.as('works-officer')
    await refused(works.call(listRecipeRuns, { params: { id }, query: {} }), 'object.not_found')
  })
})
