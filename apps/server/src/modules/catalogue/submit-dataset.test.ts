import { createDataset, submitDataset, type DatasetContent, type ItemContent } from '@huitong/contract/catalogue'
import { describe, expect, test } from 'vitest'
import { clientOf, usePlatform } from '../../../../../tests/harness/platform.ts'
import { NO_ID } from '../identity/testing/people.ts'
import { VILLAGES, villages } from './testing/content.ts'

let serial = 0
const without = <T extends object>(whole: T, field: keyof T): T => {
  const { [field]: _left, ...rest } = whole
  return rest as T
}
const name = { zh: '目录' }

describe('submit dataset', () => {
  const platform = usePlatform()

  async function submit(content: DatasetContent) {
    const officer = await platform.as('civil-officer')
    const body = { ...content, name: { zh: `${content.name.zh}${++serial}` } }
    const draft = await officer.call(createDataset, { body })
    return officer.call(submitDataset, { params: { id: draft.id } }, { match: draft.version })
  }
  const lacks = async (content: DatasetContent, ...paths: string[]) =>
    expect(await submit(content).catch((refusal: unknown) => refusal)).toMatchObject({
      code: 'dataset.incomplete',
      status: 422,
      places: paths.map((path) => ({ path })),
    })

  test('200: a complete entry waits for the head', async () => {
    const submitted = await submit(VILLAGES)
    expect(submitted).toMatchObject({ state: 'draft', pending: { number: 1, state: 'submitted' }, version: 2 })
  })

  const mandatory = [
    'summary',
    'classification',
    'format',
    'updateCycle',
    'shareMethods',
    'useConditions',
    'shareScope',
    'shareUse',
    'open',
    'level',
    'secrecyAssessment',
    'privacyAssessment',
    'items',
  ] as const
  test.each(mandatory)('422: without %s, which is named with the rule that asks for it', async (field) => {
    await lacks(without(VILLAGES, field), `/${field}`)
  })

  test('422: an entry with nothing but a name names every mandatory field at once, in both languages', async () => {
    const error = (await submit({ name }).catch((refusal: unknown) => refusal)) as {
      places: { path: string; problem: { zh: string; en: string } }[]
    }
    expect(error.places.map((one) => one.path)).toEqual(
      ['summary', 'classification', 'format', 'updateCycle', 'shareAttribute', 'useConditions', 'level', 'open']
        .concat('secrecyAssessment', 'privacyAssessment', 'items')
        .map((field) => `/${field}`),
    )
    expect(error.places.find((one) => one.path === '/secrecyAssessment')!.problem).toEqual({
      zh: '缺少保密风险评估（政务数据共享条例 第13条）',
      en: 'missing: Secrecy risk assessment',
    })
  })

  test('422: spaces fill nothing in', async () => {
    await lacks(
      { ...VILLAGES, useConditions: ' ', summary: { zh: '　' }, items: [] },
      '/summary',
      '/useConditions',
      '/items',
    )
    const privacyAssessment = { ...VILLAGES.privacyAssessment!, conclusion: ' ' }
    await lacks({ ...VILLAGES, privacyAssessment }, '/privacyAssessment')
  })

  test('422: type, share attribute and level of each item', async () => {
    const [first, second, ...rest] = VILLAGES.items!
    const items = [without(first as ItemContent, 'type'), { code: 'name', name: second!.name }, ...rest]
    await lacks({ ...VILLAGES, items }, '/items/0/type', '/items/1/type', '/items/1/shareAttribute', '/items/1/level')
  })

  test('422: not sharing needs a reason and a legal basis (条例 15), but no way of sharing', async () => {
    const items = VILLAGES.items!.map((item) => ({ ...item, shareAttribute: 'refused' as const }))
    const plain = without(without(without(VILLAGES, 'shareMethods'), 'shareScope'), 'shareUse')
    const refused: DatasetContent = { ...plain, shareAttribute: 'refused', items }
    await lacks(refused, '/refusalReason', '/refusalBasis')
    const refusalReason = '涉及国家秘密'
    await lacks({ ...refused, refusalReason }, '/refusalBasis')
    for (const kind of ['law', 'administrative_regulation', 'state_council_decision'] as const) {
      const refusalBasis = { kind, title: '保守国家秘密法', article: '第十三条' }
      await submit({ ...refused, refusalReason, refusalBasis })
    }
  })

  test('unconditional sharing needs neither scope nor use; conditional opening needs its conditions', async () => {
    const free = without(without(VILLAGES, 'shareScope'), 'shareUse')
    await submit({ ...free, shareAttribute: 'unconditional' })
    await lacks({ ...VILLAGES, open: 'conditional' }, '/openConditions')
    await submit({ ...VILLAGES, open: 'conditional', openConditions: '实名申请' })
  })

  test('401, 403, 404, 409, 412', async () => {
    const officer = await platform.as('civil-officer')
    const draft = await officer.call(createDataset, { body: villages('状态') })
    const call = (client: ReturnType<typeof clientOf>, id: string, match: number) =>
      client.call(submitDataset, { params: { id } }, { match })
    await expect(call(clientOf(platform.server), draft.id, 1)).rejects.toMatchObject({ status: 401 })
    await expect(call(await platform.as('civil-head'), draft.id, 1)).rejects.toMatchObject({ status: 403 })
    await expect(call(await platform.as('works-officer'), draft.id, 1)).rejects.toMatchObject({ status: 404 })
    await expect(call(officer, NO_ID, 1)).rejects.toMatchObject({ status: 404 })
    await expect(call(officer, draft.id, 9)).rejects.toMatchObject({ status: 412 })
    await call(officer, draft.id, 1)
    await expect(call(officer, draft.id, 2)).rejects.toMatchObject({ code: 'object.state', status: 409 })
  })
})
