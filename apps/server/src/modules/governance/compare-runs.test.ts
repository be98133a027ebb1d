import { readSuite, startRun, updateSuite } from '@huitong/contract/governance'
import { compareRuns } from '@huitong/contract/run-comparison'
import { describe, expect, test } from 'vitest'
import { guards, NOBODY, pathsOf, refused } from '../../../../../tests/harness/guards.ts'
import { DIRTY, RULES, useQuality } from './testing/quality.ts'

/** 2 has a number of its own; 3 has a name; 4 is gone; 5 is new and has neither name nor a right number. */
const MENDED = [
  DIRTY[0]!,
  ['2', '李梅', '11010519491231002X', null, null, null],
  ['3', '张三', '340524198001010010', null, null, null],
  ['5', null, '340524198001010010', null, null, null],
]

describe('compare two checks', () => {
  const quality = useQuality()
  const { platform } = quality
  guards(platform, compareRuns, {
    input: () => ({ params: { id: NOBODY }, query: {} }),
    denied: ['auditor'],
  })
  const compare = async (id: string, other?: string) =>
    (await platform.as('civil-officer')).call(compareRuns, { params: { id }, query: other ? { with: other } : {} })
  const changed = (reply: Awaited<ReturnType<typeof compare>>) =>
    reply.rules.map((one) => [one.code, one.change, one.appeared, one.gone, one.remaining])
  const runs: string[] = []

  test('200: a first check has nothing before it', async () => {
    await quality.send(DIRTY)
    runs.push((await quality.checked(await quality.suite())).id)
    expect(await compare(runs[0]!)).toMatchObject({
      run: { id: runs[0] },
      before: null,
      rows: null,
      rules: [],
      scores: [],
    })
  })

  test('200: rows that appeared, that are gone and that remain, by rule and together; scores beside each other', async () => {
    await quality.send(MENDED)
    runs.push((await quality.checked(await quality.suite())).id)
    const reply = await compare(runs[1]!)
    expect(reply.before!.id).toBe(runs[0])
    expect(changed(reply)).toEqual([
      ['id_check', 'same', '1', '0', '1'],
      ['name_missing', 'same', '1', '1', '0'],
      // Rows 1 and 2 share a number now, 3 and 5 as well; 2 and 4 shared one before.
      ['id_unique', 'same', '3', '1', '1'],
    ])
    expect(reply.rows).toEqual({ appeared: '2', gone: '1', remaining: '2' })
    expect(reply.rules[2]).toMatchObject({ before: { judged: '4', broken: '2' }, after: { judged: '4', broken: '4' } })
    const accurate = reply.scores.find((one) => one.dimension === 'accurate')!
    expect([accurate.before, accurate.after]).toEqual(['62.500', '25.000'])
    expect(reply.scores.find((one) => one.dimension === 'timely')).toMatchObject({ before: null, after: null })
  })

  test('200: a check with itself in between: the one that is named, not the newest', async () => {
    runs.push((await quality.checked(await quality.suite())).id)
    expect(changed(await compare(runs[2]!)).map((one) => one.slice(2, 4))).toEqual([
      ['0', '0'],
      ['0', '0'],
      ['0', '0'],
    ])
    const named = await compare(runs[2]!, runs[0])
    expect(named.before!.id).toBe(runs[0])
    expect(named.rows).toEqual({ appeared: '2', gone: '1', remaining: '2' })
  })

  test('200: a rule with other parameters is not compared row by row; added and removed ones are named', async () => {
    const centre = await platform.as('centre')
    const id = await quality.suite()
    const { version } = await centre.call(readSuite, { params: { id } })
    const rules = [
      { ...RULES[0]!, parameters: { column: 'id_number', ignoreDate: false } },
      { code: 'phone_missing', kind: 'required', name: { zh: '电话必填' }, parameters: { column: 'phone' } },
      RULES[1]!,
    ]
    await centre.call(updateSuite, { params: { id }, body: { rules, repairWorkingDays: 10 } }, { match: version })
    runs.push((await quality.checked(id)).id)
    const reply = await compare(runs[3]!)
    expect(changed(reply)).toEqual([
      ['id_check', 'changed', null, null, null],
      ['phone_missing', 'added', null, null, null],
      // Its place in the suite is another now.
      ['name_missing', 'same', '0', '0', '1'],
      ['id_unique', 'removed', null, null, null],
    ])
    expect(reply.rules.map((one) => [one.before?.broken ?? null, one.after?.broken ?? null])).toEqual([
      ['2', expect.stringMatching(/^\d$/)],
      [null, '3'],
      ['1', '1'],
      ['4', null],
    ])
    expect(reply.rows).toEqual({ appeared: '0', gone: '0', remaining: '1' })
  })

  test('409: a check that is not done, a later one, one of itself; 404: another department, no such check', async () => {
    const [first, second] = runs as [string, string]
    expect(pathsOf(await refused(compare(first, second), 'object.state'))).toEqual(['#/query/with'])
    expect(pathsOf(await refused(compare(first, first), 'object.state'))).toEqual(['#/query/with'])
    await refused(compare(first, NOBODY), 'object.not_found')
    const works = await platform.as('works-officer')
    await refused(works.call(compareRuns, { params: { id: first }, query: {} }), 'object.not_found')
    const waiting = await (await platform.as('centre')).call(startRun, { params: { id: await quality.suite() } })
    await refused(compare(first, waiting.id), 'object.state')
  })
})
