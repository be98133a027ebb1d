import { createSuite } from '@huitong/contract/governance'
import { bindItems, listCoverage, proposeRules, readBindings } from '@huitong/contract/rule-design'
import { listCodeSets, listDataElements, type ElementContent } from '@huitong/contract/data-standards'
import { beforeAll, describe, expect, test } from 'vitest'
import { guards, NOBODY, pathsOf, refused } from '../../../../../tests/harness/guards.ts'
import type { ElementRow } from '../standards/index.ts'
import { deviationsOf } from './bindings.ts'
import { DIRTY, useQuality } from './testing/quality.ts'

describe('items bound to standards', () => {
  const quality = useQuality()
  const { platform } = quality
  const id = () => quality.landed.dataset.id
  const at = () => ({ params: { id: id() } })
  const binding = { item: 'id_number', elementId: null as string | null, codeSet: null }
  beforeAll(() => quality.send(DIRTY), 60_000)

  guards(platform, readBindings, { input: at, denied: ['auditor', 'works-developer'] })
  guards(platform, bindItems, {
    input: () => ({ ...at(), body: { bindings: [binding] } }),
    denied: ['civil-officer', 'authority'],
  })
  guards(platform, listCoverage, { input: () => ({ query: { by: 'dataset' as const } }), denied: ['auditor'] })

  const element = async (q: string) =>
    (await (await platform.as('centre')).call(listDataElements, { query: { q } })).items[0]!

  test('items find their elements by name, are bound, yield rules, and their data is measured', async () => {
    const centre = await platform.as('centre')
    const before = await centre.call(readBindings, at())
    expect(before.items.find((one) => one.item === 'id_number')).toMatchObject({
      element: null,
      suggested: { identifier: 'HT0001', name: { zh: '公民身份号码' } },
    })
    const [idNumber, name] = [await element('HT0001'), await element('HT0002')]
    const [sexes] = (await centre.call(listCodeSets, { query: { q: 'GB/T 2261.1' } })).items
    const bindings = [
      { ...binding, elementId: idNumber.id },
      { item: 'name', elementId: name.id, codeSet: null },
      { item: 'phone', elementId: null, codeSet: { id: sexes!.id, label: '2003' } },
    ]
    const bound = await centre.call(bindItems, { ...at(), body: { bindings } })
    expect(bound.items.filter((one) => one.element !== null || one.codeSet !== null).map((one) => one.item)).toEqual([
      'name',
      'id_number',
      'phone',
    ])
    const proposed = await centre.call(proposeRules, { ...at(), body: { profile: false, rules: [] } })
    const ofStandard = proposed.items.filter((one) => one.origin === 'standard')
    expect(ofStandard.map(({ rule }) => [rule.kind, rule.parameters])).toEqual([
      ['length', { column: 'name', min: 1, max: 50 }],
      ['id_number', { column: 'id_number' }],
      ['code_set', { column: 'phone', set: 'GB/T 2261.1@2003' }],
    ])
    expect(ofStandard[1]!.asks.zh).toContain('「公民身份号码」')
    const rules = ofStandard.map((one) => one.rule)
    const suite = await centre.call(createSuite, { body: { datasetId: id(), rules, repairWorkingDays: 5 } })
    const run = await quality.checked(suite.id)
    expect([run.state, run.suiteVersion]).toEqual(['done', 1])
    const after = await centre.call(readBindings, at())
    const figures = after.items.map((one) => [one.item, one.judged, one.broken])
    expect(figures).toContainEqual(['id_number', '4', '1'])
    expect(figures).toContainEqual(['phone', '1', '1'])
    expect(figures).toContainEqual(['name', '3', '0'])
    const mine = { items: 6, bound: 3, deviating: 2, judged: '8', broken: '2' }
    const { items: rows } = await centre.call(listCoverage, { query: { by: 'dataset' } })
    expect(rows.find((one) => one.id === id())).toMatchObject(mine)
    const { items: departments } = await (
      await platform.as('civil-officer')
    ).call(listCoverage, { query: { by: 'department' } })
    expect(departments).toMatchObject([{ name: { zh: '民政局' }, datasets: 1, ...mine }])
    // An item that is bound no more counts no more, whatever the latest check judged.
    await centre.call(bindItems, { ...at(), body: { bindings: [{ item: 'phone', elementId: null, codeSet: null }] } })
    const { items: less } = await centre.call(listCoverage, { query: { by: 'dataset' } })
    expect(less.find((one) => one.id === id())).toMatchObject({ bound: 2, deviating: 1, judged: '7', broken: '1' })
    expect((await (await platform.as('works-officer')).call(listCoverage, { query: { by: 'dataset' } })).items).toEqual(
      [],
    )
  })

  test('types that differ are named in the words of people', () => {
    const item = { code: 'paid', name: { zh: '金额' }, type: 'money' } as const
    const of = (type: ElementContent['type']) =>
      deviationsOf(item, { content: { name: { zh: '金额' }, definition: '金额', source: '市', type } } as ElementRow)
    expect(of('decimal')).toEqual([])
    expect(of('date')).toEqual([
      { zh: '目录类型为货币型，标准为日期', en: 'the catalogue says money, the standard date' },
    ])
  })

  test('400 and 404: what is wrong is named at its place', async () => {
    const centre = await platform.as('centre')
    const wrong = [
      { item: 'nowhere', elementId: NOBODY, codeSet: null },
      { item: 'name', elementId: null, codeSet: { id: NOBODY, label: '1' } },
    ]
    expect(
      pathsOf(await refused(centre.call(bindItems, { ...at(), body: { bindings: wrong } }), 'request.invalid')),
    ).toEqual(['/bindings/0/item', '/bindings/0/elementId', '/bindings/1/codeSet'])
    await refused(centre.call(readBindings, { params: { id: NOBODY } }), 'object.not_found')
    await refused((await platform.as('works-officer')).call(readBindings, at()), 'object.not_found')
  })
})
