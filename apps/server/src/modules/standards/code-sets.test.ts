import { addCodeSetVersion, createCodeSet, listCodeSets, readCodeSet } from '@huitong/contract/data-standards'
import { describe, expect, test } from 'vitest'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { guards, NOBODY, pathsOf, refused } from '../../../../../tests/harness/guards.ts'
import { DIVISION, usePlatform } from '../../../../../tests/harness/platform.ts'
import { codeLists } from './code-lists.ts'

describe('code sets', () => {
  const platform = usePlatform({ jobs: false })
  const codes = [
    { code: '1', name: '一级' },
    { code: '2', name: '二级' },
  ]
  const body = { code: 'DB-001', name: { zh: '养老机构星级' }, source: '市民政局 2025', label: '2025', codes }
  const made = async () => {
    const { items } = await (await platform.as('centre')).call(listCodeSets, { query: { q: 'DB-001' } })
    return items[0] ?? (await platform.as('centre')).call(createCodeSet, { body })
  }
  guards(platform, listCodeSets, { input: () => ({ query: {} }) })
  guards(platform, readCodeSet, { input: async () => ({ params: { id: (await made()).id }, query: {} }) })
  guards(platform, createCodeSet, { input: () => ({ body }), denied: ['civil-officer', 'authority', 'operator'] })
  guards(platform, addCodeSetVersion, {
    input: async () => ({ params: { id: (await made()).id }, body: { label: '9', codes } }),
    denied: ['civil-officer'],
    allowed: 'centre',
  })

  test('200: national tables are there with their source, found by part of code or name, page by page', async () => {
    const client = await platform.as('civil-officer')
    const { items } = await client.call(listCodeSets, { query: { q: '民族' } })
    expect(items).toMatchObject([{ code: 'GB/T 3304', national: true, label: '1991', count: 56 }])
    expect(items[0]!.source).toContain('GB/T 3304-1991')
    const detail = await client.call(readCodeSet, { params: { id: items[0]!.id }, query: {} })
    expect(detail.codes[0]).toEqual({ code: '01', name: '汉族' })
    const first = await client.call(listCodeSets, { query: { q: 'GB/T', limit: '2' } })
    const next = await client.call(listCodeSets, { query: { q: 'GB/T', limit: '2', after: first.next! } })
    expect([...first.items, ...next.items].map((one) => one.code)).toEqual([
      'GB/T 2260',
      'GB/T 2261.1',
      'GB/T 2261.2',
      'GB/T 3304',
    ])
  })

  test('201 and 200: a set of one’s own grows by versions; rules read the one that they name', async () => {
    const centre = await platform.as('centre')
    const set = await made()
    const grown = await centre.call(
      addCodeSetVersion,
      {
        params: { id: set.id },
        body: { label: '2026', validFrom: '2026-01-01', codes: [...codes, { code: '3', name: '三级' }] },
      },
      { match: set.version },
    )
    expect(grown.versions.map((one) => [one.label, one.count, one.validFrom])).toEqual([
      ['2026', 3, '2026-01-01'],
      ['2025', 2, null],
    ])
    const old = await centre.call(readCodeSet, { params: { id: set.id }, query: { label: '2025' } })
    expect([old.shown, old.codes.length]).toEqual(['2025', 2])
    const lists = await platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      codeLists(db, DIVISION, ['DB-001', 'DB-001@2025', 'DB-001@1999', 'nothing', 'GB/T 2261.1@2003']),
    )
    expect(lists).toEqual({
      'DB-001': ['1', '2', '3'],
      'DB-001@2025': ['1', '2'],
      'GB/T 2261.1@2003': ['0', '1', '2', '9'],
    })
  })

  test('400, 404, 409: codes that repeat are named; what exists, what is national and what is not there', async () => {
    const centre = await platform.as('centre')
    const twice = { ...body, code: 'DB-002', codes: [...codes, codes[0]!] }
    expect(pathsOf(await refused(centre.call(createCodeSet, { body: twice }), 'request.invalid'))).toEqual([
      '/codes/2/code',
    ])
    const set = await made()
    await refused(centre.call(createCodeSet, { body }), 'object.exists')
    const again = { params: { id: set.id }, body: { label: '2025', codes } }
    await refused(centre.call(addCodeSetVersion, again, { match: set.version }), 'object.exists')
    const { items } = await centre.call(listCodeSets, { query: { q: 'GB/T 3304' } })
    const national = { params: { id: items[0]!.id }, body: { label: '2030', codes } }
    await refused(centre.call(addCodeSetVersion, national, { match: items[0]!.version }), 'object.state')
    await refused(centre.call(readCodeSet, { params: { id: NOBODY }, query: {} }), 'object.not_found')
    await refused(centre.call(readCodeSet, { params: { id: set.id }, query: { label: '1900' } }), 'object.not_found')
  })
})
