import { createDataset } from '@huitong/contract/catalogue'
import { draftFromTable } from '@huitong/contract/curation'
import { beforeAll, describe, expect, test } from 'vitest'
import { clientOf, usePlatform } from '../../../../../tests/harness/platform.ts'
import { NO_ID } from '../identity/testing/people.ts'
import { formatOf, itemCodes } from './suggest-draft.ts'
import { addSource, discover, enrolFront, VILLAGES_TABLE } from './testing/front.ts'

describe('suggest a draft from a discovered table', () => {
  const platform = usePlatform()
  let tableId = ''
  let goneId = ''
  beforeAll(async () => {
    const node = await enrolFront(platform, platform.departments.civil)
    const source = await addSource(platform, node.id, 'provide')
    const old = { ...VILLAGES_TABLE, name: 'old_villages' }
    goneId = (await discover(platform, node, source.id, [old]))[0]!.id
    tableId = (await discover(platform, node, source.id, [{ ...VILLAGES_TABLE, schemaHash: 'b'.repeat(64) }]))[0]!.id
  })
  const suggest = (client: ReturnType<typeof clientOf>, id = tableId) =>
    client.call(draftFromTable, { body: { tableId: id } })

  test('200: names, types, keys and the mapping of every field', async () => {
    const { content, mapping } = await suggest(await platform.as('civil-officer'))
    expect(content.name).toEqual({ zh: '行政村和社区' })
    expect(content.items!.map((one) => [one.code, one.name.zh, one.type, one.key])).toEqual([
      ['code', '统计用区划代码', 'text', true],
      ['name', '名称', 'text', false],
      ['province', 'province', 'text', false],
      ['head_name', '负责人姓名', 'text', false],
      ['item_5', '负责人身份证号', 'text', false],
      ['updated_at', 'updated_at', 'datetime', false],
      ['tenure', 'tenure', 'text', false],
      ['households', 'households', 'integer', false],
      ['area', 'area', 'decimal', false],
    ])
    expect(mapping[0]).toEqual({ item: 'code', field: 'Code' })
    expect(mapping[4]).toEqual({ item: 'item_5', field: '负责人身份证号' })
  })

  test('a front database’s technical fields are suggested as such, and are no items', async () => {
    const node = await enrolFront(platform, platform.departments.civil)
    const source = await addSource(platform, node.id, 'provide')
    const more = [
      ['op', 'char(1)'],
      ['batch_no', 'bigint'],
      ['exchanged_at', 'timestamptz(6)'],
    ] as const
    const fields = more.map(([name, type], at) => ({
      ...VILLAGES_TABLE.fields[0]!,
      name,
      type,
      canonicalType: type,
      position: 10 + at,
    }))
    const table = { ...VILLAGES_TABLE, name: 'pushed', fields: [...VILLAGES_TABLE.fields, ...fields] }
    const [found] = await discover(platform, node, source.id, [table])
    const { content, mapping, convention } = await suggest(await platform.as('civil-officer'), found!.id)
    expect(convention).toEqual({ operation: 'op', updatedAt: 'updated_at', batch: 'batch_no', mark: 'exchanged_at' })
    const codes = content.items!.map((one) => one.code)
    expect(codes).not.toContain('op')
    expect(codes).not.toContain('updated_at')
    expect(mapping.map((one) => one.item)).toEqual(codes)
    expect((await suggest(await platform.as('civil-officer'))).convention).toBeNull()
  })

  test('the suggestion can be saved as it is', async () => {
    const officer = await platform.as('civil-officer')
    const { content } = await suggest(officer)
    const draft = await officer.call(createDataset, { body: content })
    expect(draft.content).toEqual(content)
    expect(draft.missing.map((one) => one.path)).not.toContain('/format')
  })

  test('the format is that of the source', async () => {
    const { content } = await suggest(await platform.as('civil-officer'))
    expect(content.format).toEqual({ class: 'database', type: 'postgresql' })
    expect(formatOf('mysql', 'people')).toEqual({ class: 'database', type: 'mysql' })
    expect(formatOf('files', '低保/people.XLSX#2026')).toEqual({ class: 'spreadsheet', type: 'xlsx' })
    expect(formatOf('files', 'people')).toEqual({ class: 'spreadsheet', type: 'csv' })
  })

  test('codes are unique identifiers, whatever the fields are called', () => {
    const names = ['Name', 'NAME', 'name_2', '姓名', 'item_4', '1st', '___', 'a'.repeat(80), 'a'.repeat(90), 'x y-z']
    const codes = itemCodes(names.map((name) => ({ name })))
    expect(new Set(codes).size).toBe(names.length)
    for (const code of codes) expect(code).toMatch(/^[a-z][a-z0-9_]{0,62}$/)
  })

  test('400, 401, 403, 404: own tables only, and none that is gone', async () => {
    await expect(suggest(await platform.as('civil-officer'), 'x')).rejects.toMatchObject({
      places: [{ path: '/tableId' }],
    })
    await expect(suggest(clientOf(platform.server))).rejects.toMatchObject({ status: 401 })
    await expect(suggest(await platform.as('civil-head'))).rejects.toMatchObject({ status: 403 })
    await expect(suggest(await platform.as('works-officer'))).rejects.toMatchObject({ status: 404 })
    await expect(suggest(await platform.as('civil-officer'), NO_ID)).rejects.toMatchObject({ status: 404 })
    await expect(suggest(await platform.as('civil-officer'), goneId)).rejects.toMatchObject({ status: 404 })
  })
})
