import { listServices } from '@huitong/contract/gateway'
import { beforeAll, describe, expect, test } from 'vitest'
import { serve, type Served } from '../../../../../tests/harness/gateway.ts'
import { guards, NOBODY, refused } from '../../../../../tests/harness/guards.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'

describe('list services', () => {
  const platform = usePlatform({ centre: true })
  let served: Served
  beforeAll(async () => {
    served = await serve(platform)
  })
  guards(platform, listServices, { input: () => ({ query: {} }), denied: ['sysadmin', 'auditor'] })

  test('200: everybody of the jurisdiction sees the service; openings count for their parties only', async () => {
    for (const [account, count] of [
      ['works-developer', 1],
      ['civil-officer', 1],
      ['centre', 1],
      ['police-officer', 0],
    ] as const) {
      const { items } = await (await platform.as(account)).call(listServices, { query: { state: 'running' } })
      expect([account, items.map((one) => [one.code, one.openingCount])]).toEqual([account, [['people', count]]])
    }
    const centre = await platform.as('centre')
    expect((await centre.call(listServices, { query: { datasetId: served.landed.dataset.id } })).items.length).toBe(1)
    expect((await centre.call(listServices, { query: { datasetId: NOBODY } })).items).toEqual([])
    expect((await centre.call(listServices, { query: { state: 'stopped' } })).items).toEqual([])
  })

  test('400: a position that is none', async () => {
    await refused((await platform.as('centre')).call(listServices, { query: { after: 'x' } }), 'request.invalid')
  })
})
