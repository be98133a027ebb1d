import { randomUUID } from 'node:crypto'
import { createChannel, readColumns } from '@huitong/contract/exchange'
import { beforeAll, describe, expect, test } from 'vitest'
import { grantTo, prepareGround, publishMounted, type Ground } from '../../../../../tests/harness/exchange.ts'
import { guards, pathsOf, refused } from '../../../../../tests/harness/guards.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'

describe('what a mapping can choose from', () => {
  const platform = usePlatform()
  let ground: Ground
  let grantId = ''
  beforeAll(async () => {
    ground = await prepareGround(platform)
    const dataset = await publishMounted(platform, ground.table)
    grantId = (await grantTo(platform, dataset, {}, { masks: [{ item: 'name', mask: 'name' }] })).grantId!
  })
  guards(platform, readColumns, {
    input: () => ({ params: { id: grantId } }),
    denied: ['civil-officer', 'authority', 'operator', 'works-head'],
  })

  test('200: the granted items with their masks, the key and what chooses rows, and no row', async () => {
    const { columns } = await (await platform.as('centre')).call(readColumns, { params: { id: grantId } })
    const one = { type: 'text', masked: false, key: false, filters: false }
    expect(columns.map(({ name: _name, ...rest }) => rest)).toEqual([
      { ...one, item: 'code', key: true },
      { ...one, item: 'name', masked: true },
      { ...one, item: 'province_code' },
    ])
  })

  test('a channel is made by it; what would travel beyond the grant, or lose the key, is refused by its place', async () => {
    const centre = await platform.as('centre')
    const body = { grantId, targetSourceId: ground.targetId, targetTable: 'mapped' }
    const create = (mapping: { as: string; item: string }[]) =>
      centre.call(createChannel, { body: { ...body, mapping } })
    const key = { as: 'cun', item: 'code' }
    expect(pathsOf(await refused(create([key, { as: 'tel', item: 'phone' }]), 'request.invalid'))).toEqual([
      '/mapping/1/item',
    ])
    expect(pathsOf(await refused(create([{ as: 'n', item: 'name' }]), 'request.invalid'))).toEqual(['/mapping'])
    const channel = await create([key, { as: 'mc', item: 'name' }])
    expect(channel).toMatchObject({
      key: ['cun'],
      columns: [
        { item: 'code', as: 'cun' },
        { item: 'name', as: 'mc' },
      ],
    })
  })

  test('404: no such grant', async () => {
    const centre = await platform.as('centre')
    await refused(centre.call(readColumns, { params: { id: randomUUID() } }), 'object.not_found')
  })
})
