import { createDataset, readDataset } from '@huitong/contract/catalogue'
import { mountDataset } from '@huitong/contract/curation'
import { beforeAll, describe, expect, test } from 'vitest'
import { clientOf, usePlatform } from '../../../../../tests/harness/platform.ts'
import { publishDataset, VILLAGES, villages } from '../catalogue/testing/content.ts'
import { NO_ID } from '../identity/testing/people.ts'
import { addSource, discover, enrolFront, VILLAGES_TABLE } from './testing/front.ts'

describe('mount a table to a dataset', () => {
  const platform = usePlatform()
  const ids = { dataset: '', table: '', receiving: '', foreign: '' }
  const mapping = [
    { item: 'code', field: 'Code' },
    { item: 'name', field: 'name' },
    { item: 'head_name', field: 'head_name' },
  ]
  beforeAll(async () => {
    ids.dataset = (await publishDataset(platform, VILLAGES)).id
    const { civil, works } = platform.departments
    const tableOf = async (departmentId: string, usage: 'provide' | 'receive') => {
      const node = await enrolFront(platform, departmentId)
      const source = await addSource(platform, node.id, usage)
      return (await discover(platform, node, source.id))[0]!.id
    }
    ids.table = await tableOf(civil, 'provide')
    ids.receiving = await tableOf(civil, 'receive')
    ids.foreign = await tableOf(works, 'provide')
  })
  const mount = (client: ReturnType<typeof clientOf>, change: object = {}, id = ids.dataset) =>
    client.call(mountDataset, { params: { id }, body: { tableId: ids.table, mapping, ...change } })

  test('200: items get their fields with the types of the source; mounting again replaces', async () => {
    const officer = await platform.as('civil-officer')
    const { distributions } = await mount(officer)
    expect(distributions).toEqual([
      expect.objectContaining({ kind: 'table', schema: 'public', table: VILLAGES_TABLE.name, key: ['Code'] }),
    ])
    expect(distributions[0]!.mapping[0]).toEqual({ item: 'code', field: 'Code', type: 'varchar(12)' })
    const again = await mount(officer, { mapping: mapping.slice(0, 1) })
    expect(again.distributions.map((one) => one.mapping.length)).toEqual([1])
  })

  test('the fields by which a table tells what changed: kept, hidden from others, and each fault with its place', async () => {
    const officer = await platform.as('civil-officer')
    const convention = { operation: null, updatedAt: 'updated_at', batch: null }
    const { distributions } = await mount(officer, { convention })
    expect(distributions[0]!.convention).toEqual(convention)
    const works = await platform.as('works-officer')
    const seen = await works.call(readDataset, { params: { id: ids.dataset }, query: {} })
    expect(seen.distributions[0]!.convention).toEqual({ operation: null, updatedAt: '', batch: null })
    const faults: [object, string[]][] = [
      [{ operation: 'households' }, ['/convention/operation']],
      [{ updatedAt: 'nothing' }, ['/convention/updatedAt']],
      [{ updatedAt: 'name' }, ['/convention/updatedAt']],
      [{ operation: 'name' }, ['/mapping/1/field']],
      [{ batch: 'nothing' }, ['/convention/batch']],
    ]
    for (const [change, places] of faults) {
      await expect(mount(officer, { convention: { ...convention, ...change } })).rejects.toMatchObject({
        code: 'request.invalid',
        places: places.map((path) => ({ path })),
      })
    }
    expect((await mount(officer)).distributions[0]!.convention).toBeNull()
  })

  test('the names of tables and fields stay with the department; others see that it is mounted', async () => {
    await mount(await platform.as('civil-officer'))
    const works = await platform.as('works-officer')
    const { distributions } = await works.call(readDataset, { params: { id: ids.dataset }, query: {} })
    expect(distributions).toMatchObject([{ kind: 'table', schema: '', table: '', key: [] }])
    expect(distributions[0]!.mapping.map((one) => one.field)).toEqual(['', '', ''])
  })

  test('400: unknown items and fields and repeated items, each with its place', async () => {
    await expect(
      mount(await platform.as('civil-officer'), {
        mapping: [...mapping, { item: 'street', field: 'name' }, { item: 'province', field: 'nothing' }, mapping[0]],
      }),
    ).rejects.toMatchObject({
      code: 'request.invalid',
      places: [{ path: '/mapping/3/item' }, { path: '/mapping/4/field' }, { path: '/mapping/5/item' }],
    })
    await expect(mount(await platform.as('civil-officer'), { mapping: [] })).rejects.toMatchObject({
      places: [{ path: '/mapping' }],
    })
  })

  test('401, 403, 404: own officers, own datasets, own tables', async () => {
    const officer = await platform.as('civil-officer')
    await expect(mount(clientOf(platform.server))).rejects.toMatchObject({ status: 401 })
    await expect(mount(await platform.as('civil-head'))).rejects.toMatchObject({ status: 403 })
    await expect(mount(await platform.as('works-officer'), { tableId: ids.foreign })).rejects.toMatchObject({
      code: 'permission.denied',
    })
    await expect(mount(officer, {}, NO_ID)).rejects.toMatchObject({ status: 404 })
    await expect(mount(officer, { tableId: ids.foreign })).rejects.toMatchObject({ status: 404 })
    const draft = await officer.call(createDataset, { body: villages('民政草稿') })
    await expect(mount(await platform.as('works-officer'), {}, draft.id)).rejects.toMatchObject({ status: 404 })
  })

  test('409: a table of a receiving database', async () => {
    await expect(mount(await platform.as('civil-officer'), { tableId: ids.receiving })).rejects.toMatchObject({
      code: 'object.state',
      places: [{ path: '/tableId' }],
    })
  })
})
