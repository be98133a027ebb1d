import { askQuestion, listQuestions, readQuestion, stopQuestion } from '@huitong/contract/workbench'
import { describe, expect, test } from 'vitest'
import { useEngine } from '../../../../../../tests/harness/engine.ts'
import { eventually, guards, NOBODY, refused } from '../../../../../../tests/harness/guards.ts'
import { usePlatform } from '../../../../../../tests/harness/platform.ts'
import { answered } from '../testing/workbench.ts'
import { names } from './questions.ts'

describe('questions', () => {
  const platform = usePlatform({ centre: true })
  useEngine(platform)
  const denied = ['authority', 'operator'] as const
  guards(platform, askQuestion, { input: () => ({ body: { text: 'select 1' } }), denied })
  guards(platform, listQuestions, { input: () => ({ query: {} }), denied })
  guards(platform, readQuestion, { input: () => ({ params: { id: NOBODY } }), denied })
  guards(platform, stopQuestion, { input: () => ({ params: { id: NOBODY } }), denied })

  test('one at a time for a person; one that runs is stopped', async () => {
    const centre = await platform.as('centre')
    const endless = 'select count(*) from range(1000000) a, range(1000000) b where a.range + b.range = 7'
    const { id } = await centre.call(askQuestion, { body: { text: endless } })
    await refused(centre.call(askQuestion, { body: { text: 'select 1' } }), 'object.state')
    const read = () => centre.call(readQuestion, { params: { id } })
    await eventually(read, ({ question }) => question.state === 'running')
    await centre.call(stopQuestion, { params: { id } })
    expect((await eventually(read, ({ question }) => question.state === 'stopped')).answer).toBeNull()

    await answered(platform, 'centre', 'select 42')
    const all = await centre.call(listQuestions, { query: { limit: '1' } })
    expect(all.items).toHaveLength(1)
    expect(all.next).not.toBeNull()
  })
})

test('a text means a table by its name as a whole word, in whatever letters', () => {
  const means = (text: string) => names(text, 'people')
  expect(['select * from People', 'from governed.people p', '"people"', 'people', 'a,people;'].every(means)).toBe(true)
  expect(['from my_people', 'peoples', 'people_1', '人people', 'peopl e', 'peoplé', 'people$'].some(means)).toBe(false)
  expect(names('from 低保对象名单', '低保对象')).toBe(false)
  expect(names('from 低保对象 where', '低保对象')).toBe(true)
})
