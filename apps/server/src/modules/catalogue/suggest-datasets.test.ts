import { suggestDatasets } from '@huitong/contract/search'
import { beforeAll, describe, expect, test } from 'vitest'
import { clientOf, usePlatform, type Account } from '../../../../../tests/harness/platform.ts'
import { publishDataset, signedDataset, villages } from './testing/content.ts'

describe('suggest datasets', () => {
  const platform = usePlatform()
  const suggest = async (account: Account, q: string) =>
    (await platform.as(account)).call(suggestDatasets, { query: { q } })

  beforeAll(async () => {
    for (let at = 0; at < 8; at++) await publishDataset(platform, villages(`社区名录${at}`))
    await signedDataset(platform, villages('社区秘密清单'))
  })

  test('200: names of datasets, of items and of departments that hold the words', async () => {
    const reply = await suggest('works-officer', '社区')
    expect(reply.datasets).toHaveLength(6)
    expect(reply.datasets[0]).toMatchObject({ departmentName: { zh: '民政局' } })
    expect((await suggest('works-officer', '负责人')).items.map((one) => one.zh)).toEqual([
      '负责人姓名',
      '负责人身份证号',
    ])
    expect((await suggest('works-officer', '民政')).departments).toEqual([
      { id: platform.departments.civil, name: { zh: '民政局' } },
    ])
    expect(await suggest('works-officer', '　')).toEqual({ datasets: [], items: [], departments: [] })
  })

  test('200: only what the person may see', async () => {
    expect((await suggest('works-officer', '秘密')).datasets).toEqual([])
    expect((await suggest('authority', '秘密')).datasets.map((one) => one.name.zh)).toEqual(['社区秘密清单'])
  })

  test('400 for nothing or too much, 401 without a session, 403 without the permission', async () => {
    await expect(suggest('works-officer', '')).rejects.toMatchObject({ places: [{ path: '#/query/q' }] })
    await expect(suggest('works-officer', '低'.repeat(201))).rejects.toMatchObject({ places: [{ path: '#/query/q' }] })
    await expect(clientOf(platform.server).call(suggestDatasets, { query: { q: '社' } })).rejects.toMatchObject({
      status: 401,
    })
    await expect(suggest('auditor', '社')).rejects.toMatchObject({ status: 403 })
  })
})
