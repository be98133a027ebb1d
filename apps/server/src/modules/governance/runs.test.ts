import { listRuns, readRun, startRun } from '@huitong/contract/governance'
import { describe, expect, test } from 'vitest'
import { guards, NOBODY, refused } from '../../../../../tests/harness/guards.ts'
import { DIRTY, useQuality } from './testing/quality.ts'

describe('checks', () => {
  const quality = useQuality()
  const { platform } = quality
  const input = async () => ({ params: { id: await quality.suite() } })
  guards(platform, startRun, { input, denied: ['civil-officer', 'authority', 'operator'] })
  guards(platform, listRuns, { input: () => ({ query: {} }), denied: ['auditor'] })
  guards(platform, readRun, { input: () => ({ params: { id: NOBODY } }), denied: ['auditor'] })

  test('409: nothing has landed; 404: no such suite', async () => {
    const centre = await platform.as('centre')
    await refused(centre.call(startRun, await input()), 'quality.not_landed')
    await refused(centre.call(startRun, { params: { id: NOBODY } }), 'object.not_found')
    await refused(centre.call(readRun, { params: { id: NOBODY } }), 'object.not_found')
  })

  test('201: a check counts per rule, scores by dimension, and keeps the rules it was made with', async () => {
    await quality.send(DIRTY)
    const run = await quality.checked(await quality.suite())
    expect(run).toMatchObject({
      state: 'done',
      kind: 'full',
      rows: '4',
      findings: '3',
      scans: 1,
      changes: 0,
      key: ['id'],
    })
    expect(run.results.map(({ code, judged, broken }) => [code, judged, broken])).toEqual([
      ['id_check', '4', '1'],
      ['name_missing', '4', '1'],
      ['id_unique', '4', '2'],
    ])
    const scores = Object.fromEntries(run.scores.map((one) => [one.dimension, one.score]))
    // accurate: 8 judged, 3 wrong; complete: 4 judged, 1 wrong; the total weighs 0.15 to 0.2.
    expect(scores).toEqual({
      normative: null,
      complete: '75.000',
      accurate: '62.500',
      consistent: null,
      timely: null,
      accessible: null,
    })
    expect(run.score).toBe(((75 * 0.2 + 62.5 * 0.15) / 0.35).toFixed(3))
    const { items } = await (await platform.as('civil-head')).call(listRuns, { query: { kind: 'full' } })
    expect(items.map((one) => one.id)).toEqual([run.id])
    expect((await (await platform.as('works-head')).call(listRuns, { query: {} })).items).toEqual([])
  })
})
