import { deleteSavedQuestion, listSavedQuestions, saveQuestion, updateSavedQuestion } from '@huitong/contract/workbench'
import { describe, expect, test } from 'vitest'
import { guards, NOBODY, refused } from '../../../../../../tests/harness/guards.ts'
import { usePlatform } from '../../../../../../tests/harness/platform.ts'

const body = { name: '各村人数', text: 'select 1', chart: { kind: 'bar' as const, x: 0, y: [1] }, shared: false }
const params = { id: NOBODY }

describe('saved questions', () => {
  const platform = usePlatform()
  const denied = ['authority', 'operator'] as const
  guards(platform, listSavedQuestions, { input: () => ({ query: {} }), denied })
  guards(platform, saveQuestion, { input: () => ({ body }), denied })
  guards(platform, deleteSavedQuestion, { input: () => ({ params }), denied })
  guards(platform, updateSavedQuestion, { input: () => ({ params, body }), denied })

  test('saved questions: own ones, and those that the department shares; a newer version is not overwritten', async () => {
    const centre = await platform.as('centre')
    const civil = await platform.as('civil-officer')
    const saved = await centre.call(saveQuestion, { body })
    expect(saved).toMatchObject({ ...body, own: true, version: 1 })
    expect((await civil.call(listSavedQuestions, { query: {} })).items).toEqual([])
    const params = { id: saved.id }
    const changed = await centre.call(updateSavedQuestion, { params, body: { ...body, shared: true } }, { match: 1 })
    expect(changed.version).toBe(2)
    await refused(centre.call(updateSavedQuestion, { params, body }, { match: 1 }), 'object.changed')
    // Shared means the own department, not everybody's.
    expect((await civil.call(listSavedQuestions, { query: {} })).items).toEqual([])
    await refused(civil.call(deleteSavedQuestion, { params }), 'object.not_found')
    await centre.call(deleteSavedQuestion, { params })
    expect((await centre.call(listSavedQuestions, { query: {} })).items).toEqual([])
  })
})
