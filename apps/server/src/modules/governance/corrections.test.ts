import { listObligations } from '@huitong/contract/catalogue'
import { answerCorrection, createCorrection, listCorrections } from '@huitong/contract/governance'
import { beforeAll, describe, expect, test } from 'vitest'
import { publish } from '../../../../../tests/harness/catalogue.ts'
import { guards, NOBODY, pathsOf, refused } from '../../../../../tests/harness/guards.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'
import { apply, RECORD } from './testing/late.ts'

describe('correction applications', () => {
  // Tuesday before the National Day holidays, whose make-up days count.
  const NOW = new Date('2026-09-29T02:00:00Z')
  const platform = usePlatform({ clock: { now: () => NOW }, jobs: false })
  let datasetId = ''
  beforeAll(async () => {
    datasetId = (await publish(platform)).id
  })
  const ANSWER = { outcome: 'corrected', answer: '已按牌匾更正' } as const
  guards(platform, createCorrection, {
    input: () => ({ body: { datasetId, ...RECORD } }),
    denied: ['centre', 'authority', 'works-head'],
  })
  guards(platform, listCorrections, { input: () => ({ query: {} }), denied: ['auditor'] })
  guards(platform, answerCorrection, {
    input: async () => ({ params: { id: (await apply(platform, datasetId)).id }, body: ANSWER }),
    denied: ['centre', 'civil-head'],
    allowed: 'civil-officer',
  })

  test('201: ten working days by legal time for the provider, as a legal deadline; which record only the two see', async () => {
    const made = await apply(platform, datasetId)
    expect(made).toMatchObject({
      state: 'submitted',
      dueAt: '2026-10-19T16:00:00.000Z',
      overdue: false,
      providerDepartmentName: { zh: '民政局' },
      record: RECORD.record,
      mine: false,
    })
    const officer = await platform.as('civil-officer')
    const { items: obligations } = await officer.call(listObligations, { query: { state: 'open', limit: '200' } })
    expect(obligations.find((one) => one.subjectId === made.id)).toMatchObject({
      rule: 'D6',
      subjectKind: 'correction',
      subjectName: made.number,
    })
    const seenBy = async (account: 'civil-officer' | 'authority' | 'police-officer') =>
      (await (await platform.as(account)).call(listCorrections, { query: { datasetId, limit: '200' } })).items.find(
        (one) => one.id === made.id,
      )
    expect(await seenBy('civil-officer')).toMatchObject({ record: RECORD.record, mine: true })
    expect(await seenBy('authority')).toMatchObject({ record: null, mine: false })
    expect(await seenBy('police-officer')).toBeUndefined()
  })

  test('200: the provider’s answer stops the clock, once; the applicant may not answer itself', async () => {
    const made = await apply(platform, datasetId)
    const officer = await platform.as('civil-officer')
    const input = { params: { id: made.id }, body: ANSWER }
    await refused((await platform.as('works-officer')).call(answerCorrection, input, { match: 1 }), 'permission.denied')
    const answered = await officer.call(answerCorrection, input, { match: made.version })
    expect(answered).toMatchObject({ state: 'corrected', answer: ANSWER.answer, overdue: false, mine: false })
    const { items } = await officer.call(listObligations, { query: { state: 'fulfilled', limit: '200' } })
    expect(items.some((one) => one.subjectId === made.id)).toBe(true)
    await refused(officer.call(answerCorrection, input, { match: answered.version }), 'object.state')
    const { items: open } = await officer.call(listCorrections, { query: { state: 'answered' } })
    expect(open.map((one) => one.id)).toContain(made.id)
  })

  test('400: an item that is none; 404: no such dataset', async () => {
    const works = await platform.as('works-officer')
    const error = await refused(
      works.call(createCorrection, { body: { datasetId, ...RECORD, item: 'fate' } }),
      'request.invalid',
    )
    expect(pathsOf(error)).toEqual(['/item'])
    await refused(works.call(createCorrection, { body: { datasetId: NOBODY, ...RECORD } }), 'object.not_found')
  })
})
