import {
  createDataElement,
  listCodeSets,
  listDataElements,
  readDataElement,
  updateDataElement,
  type ElementContent,
} from '@huitong/contract/data-standards'
import { describe, expect, test } from 'vitest'
import { guards, NOBODY, pathsOf, refused } from '../../../../../tests/harness/guards.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'

describe('data elements', () => {
  const platform = usePlatform({ jobs: false })
  const content: ElementContent = {
    name: { zh: '低保金额', en: 'Benefit' },
    definition: '每月发放的最低生活保障金额',
    type: 'decimal',
    digits: 10,
    scale: 2,
    unit: '元',
    source: '市民政局',
  }
  const body = { identifier: 'MZ0001', content }
  const made = async () => {
    const centre = await platform.as('centre')
    const { items } = await centre.call(listDataElements, { query: { q: 'MZ0001' } })
    const id = items[0]?.id ?? (await centre.call(createDataElement, { body })).id
    return centre.call(readDataElement, { params: { id } })
  }
  guards(platform, listDataElements, { input: () => ({ query: {} }) })
  guards(platform, readDataElement, { input: async () => ({ params: { id: (await made()).id } }) })
  guards(platform, createDataElement, { input: () => ({ body }), denied: ['civil-officer', 'authority'] })
  guards(platform, updateDataElement, {
    input: async () => ({ params: { id: (await made()).id }, body: { content, state: 'in_force' as const } }),
    denied: ['civil-officer'],
    allowed: 'centre',
  })

  test('200: national elements with format and code set, found by their synonyms', async () => {
    const client = await platform.as('works-officer')
    const { items } = await client.call(listDataElements, { query: { q: '身份证号' } })
    expect(items).toMatchObject([{ identifier: 'HT0001', format: 'c18', codeSet: null, national: true }])
    const [nation] = (await client.call(listDataElements, { query: { q: 'HT0004' } })).items
    expect(nation).toMatchObject({ format: 'c2', codeSet: { code: 'GB/T 3304', label: '1991' } })
  })

  test('201 and 200: a revision keeps what stood before; retiring alone is no revision', async () => {
    const centre = await platform.as('centre')
    const before = await made()
    expect([before.format, before.versions.length]).toEqual(['n..10,2', 1])
    const params = { id: before.id }
    const revised = await centre.call(
      updateDataElement,
      { params, body: { content: { ...content, digits: 12 }, state: 'in_force' } },
      { match: before.version },
    )
    expect(revised.versions.map((one) => [one.number, one.format])).toEqual([
      [2, 'n..12,2'],
      [1, 'n..10,2'],
    ])
    const retired = await centre.call(
      updateDataElement,
      { params, body: { content: revised.content, state: 'retired' } },
      { match: revised.version },
    )
    expect([retired.state, retired.versions.length]).toEqual(['retired', 2])
  })

  test('409: of two revisions of the same version one is kept, and the other is told', async () => {
    const centre = await platform.as('centre')
    const before = await made()
    const revise = (digits: number) =>
      centre.call(
        updateDataElement,
        { params: { id: before.id }, body: { content: { ...content, digits }, state: 'in_force' } },
        { match: before.version },
      )
    const both = await Promise.allSettled([revise(14), revise(16)])
    const lost = both.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []))
    expect(lost).toMatchObject([{ code: 'object.changed' }])
    expect((await made()).versions).toHaveLength(before.versions.length + 1)
  })

  test('400, 404, 409: every contradiction is named at its place', async () => {
    const centre = await platform.as('centre')
    const wrong = (more: Partial<ElementContent>) =>
      refused(
        centre.call(createDataElement, { body: { identifier: 'X1', content: { ...content, ...more } } }),
        'request.invalid',
      ).then(pathsOf)
    expect(await wrong({ minLength: 1, scale: 10 })).toEqual(['/content/minLength', '/content/scale'])
    expect(await wrong({ check: 'id_number' })).toEqual(['/content/check'])
    const [set] = (await centre.call(listCodeSets, { query: { q: 'GB/T 3304' } })).items
    expect(await wrong({ codeSet: { id: set!.id, label: '1991' } })).toEqual(['/content/codeSet'])
    expect(
      await refused(
        centre.call(createDataElement, {
          body: {
            identifier: 'X1',
            content: {
              name: content.name,
              definition: 'x',
              source: 'x',
              type: 'text',
              minLength: 3,
              maxLength: 2,
              codeSet: { id: set!.id, label: '1890' },
            },
          },
        }),
        'request.invalid',
      ).then(pathsOf),
    ).toEqual(['/content/maxLength', '/content/codeSet'])
    await made()
    await refused(centre.call(createDataElement, { body }), 'object.exists')
    await refused(centre.call(readDataElement, { params: { id: NOBODY } }), 'object.not_found')
    const [national] = (await centre.call(listDataElements, { query: { q: 'HT0001' } })).items
    const change = { params: { id: national!.id }, body: { content, state: 'in_force' as const } }
    await refused(centre.call(updateDataElement, change, { match: national!.version }), 'object.state')
  })
})
